"""Where the servers of an installation are, for a command typed beside it."""

from pathlib import Path
from urllib.parse import quote

from agent_platform.core.embedded.folders import is_free
from agent_platform.core.embedded.postgres import DATABASE
from agent_platform.core.settings import ROLES


def known_addresses(data_dir: Path) -> dict[str, str]:
    """Environment variables of the servers last started on this data folder; empty if none ever was."""
    addresses = {}
    if port := _text(data_dir / "postgres.port"):
        for role in ("owner", *ROLES):
            if password := _text(data_dir / "secrets" / f"ap_{role}"):
                variable = "DATABASE_URL" if role == "owner" else f"DATABASE_URL_{role.upper()}"
                addresses[variable] = f"postgresql://ap_{role}:{quote(password, safe='')}@127.0.0.1:{port}/{DATABASE}"
    if (port := _text(data_dir / "valkey.port")) and (password := _text(data_dir / "secrets" / "valkey")):
        addresses["REDIS_URL"] = f"redis://:{password}@127.0.0.1:{port}/0"
    return addresses


def runs_here(data_dir: Path) -> bool:
    """Whether the Postgres of this data folder listens now."""
    port = _text(data_dir / "postgres.port")
    return port != "" and not is_free(int(port))


def _text(path: Path) -> str:
    return path.read_text(encoding="ascii").strip() if path.exists() else ""
