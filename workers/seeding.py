"""`seed`: the sample agents and their first runs, or, with an option, listings to measure the directory with."""

from agent_platform.core.errors import InputInvalid
from agent_platform.services import demo

USAGE = "Usage: agent-platform seed [--listings NUMBER | --remove]"


def main(*options: str) -> None:
    """Synthetic listings come and go by their options only. Raises: InputInvalid for other options."""
    match options:
        case ():
            demo.seed()
        case ("--listings", number) if number.isascii() and number.isdigit():
            added = demo.seed_synthetic(int(number))
            print(f"Added {added:,} synthetic listings; `seed --remove` takes them all away.")  # noqa: T201 - the answer of a command
        case ("--remove",):
            print(f"Removed {demo.remove_synthetic():,} synthetic listings.")  # noqa: T201
        case _:
            raise InputInvalid(USAGE)
