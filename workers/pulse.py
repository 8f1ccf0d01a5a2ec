"""A sign of life: a loop that goes round leaves one in the data folder, and a probe reads its age."""

import asyncio
import time
from pathlib import Path

from agent_platform.core.errors import NotFound, Unavailable
from agent_platform.core.settings import get_settings
from workers.probes import answers_http, answers_socket
from workers.services import SERVICES, Service, socket_paths

SILENCE_SECONDS = 90.0  # twice what the slowest loop, an idle worker's, takes


class ShowsNoLife(Unavailable):
    code = "shows_no_life"


def leave_sign(name: str) -> None:
    """This service's loop went round just now."""
    path = _path(name)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.touch()


def alive(name: str) -> None:
    """Returns only if this service, in this container or on this machine, works. Raises: NotFound, ShowsNoLife."""
    service = next((service for service in SERVICES if service.name == name), None)
    if service is None:
        raise NotFound(f"There is no service {name!r}; there are {', '.join(service.name for service in SERVICES)}.")
    if not _shows_life(service):
        raise ShowsNoLife(f"{name} shows no life; its supervisor should start it again.")


def _shows_life(service: Service) -> bool:
    if service.http:
        return asyncio.run(answers_http(get_settings(), "/healthz"))
    if service.sockets:
        return all(asyncio.run(answers_socket(path)) for path in socket_paths(service, get_settings()))
    path = _path(service.name)
    return path.exists() and time.time() - path.stat().st_mtime < SILENCE_SECONDS


def _path(name: str) -> Path:
    return get_settings().run_dir / "signs" / name
