"""The code of the attempts that are starting: where it lies, and the small ones themselves, kept for a moment."""

import base64
import threading
from collections import OrderedDict

from agent_platform.broker.speakers import Speaker
from agent_platform.core import objects
from agent_platform.core.db.tenant import tenant_session
from agent_platform.core.errors import NotFound
from agent_platform.services import agents, runs

KEPT_PLACES = 5_000
KEPT_BYTES = 32 * 1_048_576
SMALL_BYTES = 1_048_576
INLINE_BYTES = 65_536

_places: OrderedDict[Speaker, tuple[str, str]] = OrderedDict()
_contents: OrderedDict[str, bytes] = OrderedDict()
_lock = threading.Lock()


def remember_place(speaker: Speaker, folder: str, digest: str) -> None:
    """The next `bundle_of` of this speaker asks no database."""
    with _lock:
        _places[speaker] = (folder, digest)
        while len(_places) > KEPT_PLACES:
            _places.popitem(last=False)


def bundle_of(speaker: Speaker) -> bytes:
    """The bytes of the speaker's code. Raises: TokenDead, NotFound."""
    with _lock:
        place = _places.pop(speaker, None)
    return _content(*(place or _find_place(speaker)))


def inline_bundle(folder: str, digest: str) -> str | None:
    """The code as Base64 text, to be sent with the input. None for one that is asked for by itself: a large one, and one that is not
    there, so that the input is given all the same and the attempt says what it missed.
    """
    try:
        is_small = objects.size_of(folder, digest) <= INLINE_BYTES
        return base64.b64encode(_content(folder, digest)).decode() if is_small else None
    except NotFound:
        return None


def _content(folder: str, digest: str) -> bytes:
    with _lock:
        if digest in _contents:
            _contents.move_to_end(digest)
            return _contents[digest]
    content = objects.read_bytes(folder, digest)
    if len(content) <= SMALL_BYTES:
        _keep(digest, content)
    return content


def _find_place(speaker: Speaker) -> tuple[str, str]:
    with tenant_session(speaker.tenant_id) as session:
        if speaker.kind == "build":
            return agents.build_bundle(session, build_id=speaker.target_id)
        return runs.bundle_of(session, run_id=speaker.target_id, attempt=speaker.attempt)


def _keep(digest: str, content: bytes) -> None:
    with _lock:
        _contents[digest] = content
        while sum(map(len, _contents.values())) > KEPT_BYTES:
            _contents.popitem(last=False)
