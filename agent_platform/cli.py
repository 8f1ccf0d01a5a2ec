"""`agent-platform <command>`: each command is imported when it is asked for."""

import sys
from collections.abc import Sequence

from agent_platform.core.errors import AppError, RefusedToStart
from workers.commands import COMMANDS, NEED_RUNNING, call

NAME_WIDTH = 16


def main(argv: Sequence[str] | None = None) -> None:
    """The command has done its work. Exits 2 for an unknown command, 1 with a sentence for a failure."""
    name, *arguments = (sys.argv[1:] if argv is None else argv) or ["help"]
    if name in {"help", "-h", "--help"}:
        print(_usage())
        return
    command = COMMANDS.get(name)
    if command is None:
        sys.exit(f"There is no command {name!r}.\n\n{_usage()}")
    if not command.takes(len(arguments)):
        sys.exit(f"Usage: agent-platform {name} {command.arguments}".rstrip())
    if name in NEED_RUNNING:
        _find_installation()
    try:
        call(name, *arguments)
    except AppError as error:
        sys.exit(error.sentence)
    except RefusedToStart as error:
        sys.exit(str(error))


def _find_installation() -> None:
    from agent_platform.core.embedded.addresses import known_addresses, runs_here
    from agent_platform.core.settings import adopt, get_settings

    settings = get_settings()
    if settings.env != "local" or settings.database_url or settings.database_url_platform:
        return
    if not runs_here(settings.data_dir):
        sys.exit(f"Nothing runs on the data folder {settings.data_dir}. Type `make run` first, or set DATABASE_URL.")
    adopt(known_addresses(settings.data_dir))


def _usage() -> str:
    lines = ["Usage: agent-platform COMMAND", ""]
    for name, command in COMMANDS.items():
        lines.append(f"  {f'{name} {command.arguments}'.strip():<{NAME_WIDTH}} {command.summary}")
    return "\n".join(lines)


if __name__ == "__main__":
    main()
