"""Who is calling: the run or build behind a run token."""

import threading
import time
from collections import OrderedDict
from dataclasses import dataclass
from uuid import UUID

from agent_platform.core.db import lookups
from agent_platform.core.errors import NotFound
from agent_platform.core.ids import digest
from agent_platform.core.tokens import is_well_formed
from agent_platform.services import runs

KINDS = ("run_token", "build_token")
CACHED = 5_000
CACHE_SECONDS = 1.0  # and so a dead token is refused at every door within a second


@dataclass(frozen=True)
class Speaker:
    """`target_id`: the run, or the build. A live token is no proof: every service checks the attempt again under lock."""

    kind: str
    tenant_id: UUID
    target_id: UUID
    attempt: int


_known: OrderedDict[str, tuple[float, Speaker]] = OrderedDict()
_lock = threading.Lock()


def speaker_of(authorization: str | None) -> Speaker:
    """Raises: TokenDead for a missing, malformed, unknown or ended token, all alike."""
    token = token_of(authorization)
    if not is_well_formed(token):
        raise runs.TokenDead
    key = digest(token)
    if known := _believed(key):
        return known
    speaker, seconds = _look_up(key)
    with _lock:
        _known[key] = (time.monotonic() + seconds, speaker)
        while len(_known) > CACHED:
            _known.popitem(last=False)
    return speaker


def find_speaker(authorization: str | None) -> Speaker | None:
    """As `speaker_of`, of one who was looked up a moment ago; asks no database."""
    return _believed(digest(token_of(authorization)))


def run_speaker(authorization: str | None) -> Speaker:
    """Raises: TokenDead, NotFound for the token of a build."""
    return of_a_run(speaker_of(authorization))


def of_a_run(speaker: Speaker) -> Speaker:
    """Raises: NotFound for a build."""
    if speaker.kind != "run":
        raise NotFound("A build has no files, keys or state, and asks nobody.")
    return speaker


def token_of(authorization: str | None) -> str:
    return (authorization or "").removeprefix("Bearer ")


def _believed(key: str) -> Speaker | None:
    with _lock:
        cached = _known.get(key)
    return cached[1] if cached and cached[0] > time.monotonic() else None


def _look_up(key: str) -> tuple[Speaker, float]:
    """The speaker, and for how long that may be believed."""
    found = lookups.find(KINDS, key)
    if found is None:
        raise runs.TokenDead
    kind = found.kind.removesuffix("_token")
    left = CACHE_SECONDS if found.seconds_left is None else min(CACHE_SECONDS, found.seconds_left)
    return Speaker(kind, found.tenant_id, found.target_id, found.number or 1), left
