"""Keys of this installation: files of mode 0600 in the data folder, made on first use on one machine."""

import hmac
import os
from functools import lru_cache
from hashlib import sha256
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from agent_platform.core.settings import get_settings

KEY_BYTES = 32


@lru_cache(maxsize=1)
def installation_key() -> Ed25519PrivateKey:
    """Signs receipts."""
    return Ed25519PrivateKey.from_private_bytes(_key_file("installation"))


@lru_cache(maxsize=1)
def web_signing_key() -> bytes:
    """Signs short-lived state that a browser carries."""
    return _key_file("web_signing")


def opaque_reference(purpose: str, *parts: str) -> str:
    """Tells the same parts apart from others without naming them: an HMAC under the installation key."""
    message = "\x00".join((purpose, *parts)).encode()
    return hmac.new(installation_key().private_bytes_raw(), message, sha256).hexdigest()[:32]


def _key_file(name: str) -> bytes:
    path = get_settings().data_dir / "secrets" / f"{name}.key"
    if not path.exists():
        _make(path)
    return path.read_bytes()


def _make(path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    fresh = path.with_suffix(f".{os.getpid()}")
    descriptor = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "wb") as out:
        out.write(os.urandom(KEY_BYTES))
    try:
        os.link(fresh, path)  # the first process wins, the others read its key
    except FileExistsError:
        pass
    finally:
        fresh.unlink()
