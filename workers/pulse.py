"""A sign of life: a loop that goes round leaves one, and a probe of the container reads its age (deploy/platform/alive)."""

from agent_platform.core.settings import get_settings


def leave_sign(name: str) -> None:
    """This service's loop went round just now."""
    path = get_settings().run_dir / "signs" / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.touch()
