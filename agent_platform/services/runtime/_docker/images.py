"""Which image and which kernel boundary a sandbox gets."""

import logging
import re
import threading
import time
from typing import Any

from agent_platform.services.runtime._docker.engine import Engine
from agent_platform.services.runtime._docker.objects import RUNTIMES
from agent_platform.services.runtime.errors import Rejected, Transient
from agent_platform.services.runtime.port import Isolation, SandboxSpec

log = logging.getLogger(__name__)
BY_DIGEST = re.compile(r"([a-z0-9][a-zA-Z0-9._:/-]{0,400}@)?sha256:[0-9a-f]{64}")
KEPT_SECONDS = 30.0


class Images:
    """`base` is the operator's image, `isolation` that of sandboxes that ask for none."""

    def __init__(self, engine: Engine, base: str, isolation: Isolation) -> None:
        self._engine = engine
        self._base = base
        self._isolation: Isolation = isolation
        self._known: dict[str, tuple[float, str]] = {}
        self._pulling: set[str] = set()
        self._refused: dict[str, str] = {}
        self._lock = threading.Lock()

    def base(self) -> tuple[str, str]:
        """Id of the base image, name of the runtime. Raises: Rejected when the engine lacks one of them."""
        return self._base_id(), self._runtime(self._isolation)

    def of(self, spec: SandboxSpec) -> tuple[str, str]:
        """The same for one attempt. Raises: Rejected, or Transient while its own image is being fetched."""
        isolation = self._isolation if spec.isolation == "standard" else spec.isolation
        image = self._own_id(spec.image) if spec.image else self._base_id()
        return image, self._runtime(isolation)

    def isolations(self) -> tuple[Isolation, ...]:
        there = self._engine.info().get("Runtimes", {})
        return tuple(kind for kind, names in RUNTIMES.items() if kind == "standard" or there.keys() & set(names))

    def _runtime(self, isolation: Isolation) -> str:
        if isolation == "standard":
            return ""
        there = self._engine.info().get("Runtimes", {})
        for name in RUNTIMES[isolation]:
            if name in there:
                return name
        raise Rejected(
            f"This docker engine has no runtime for the isolation {isolation} ({' or '.join(RUNTIMES[isolation])}), so nothing was started. "
            "Install it and name it in the engine's daemon.json, or set AP_ISOLATION=standard."
        )

    def _base_id(self) -> str:
        found = self._id_of(self._base)
        if found:
            return found
        if BY_DIGEST.fullmatch(self._base):
            return self._own_id(self._base)
        raise Rejected(
            f"The docker engine has no image {self._base}, in which agents run, so nothing was started. "
            "Type `make agent-image`, or name another one in AP_AGENT_IMAGE."
        )

    def _own_id(self, name: str) -> str:
        if not BY_DIGEST.fullmatch(name):
            raise Rejected(
                "An agent's own image must be named by its digest (name@sha256:...), so nothing was started."
            )
        if found := self._id_of(name):
            return found
        with self._lock:
            if sentence := self._refused.pop(name, None):
                raise Rejected(sentence)
            if name not in self._pulling:
                self._pulling.add(name)
                threading.Thread(target=self._pull, args=(name,), daemon=True, name="docker-pull").start()
        raise Transient("The agent's image is being fetched; the run starts when it is there.")

    def _id_of(self, name: str) -> str | None:
        kept = self._known.get(name)
        if kept and time.monotonic() - kept[0] < KEPT_SECONDS:
            return kept[1]
        image = self._engine.image(name)
        if image is None:
            self._known.pop(name, None)
            return None
        _refuse_volumes(name, image)
        self._known[name] = (time.monotonic(), image["Id"])
        return image["Id"]

    def _pull(self, name: str) -> None:
        try:
            self._engine.pull(name)
        except Rejected as error:
            self._refused[name] = error.sentence
        except Transient as error:
            log.warning("image %s was not fetched: %s", name, error.sentence)  # begun again by the next start
        finally:
            with self._lock:
                self._pulling.discard(name)


def _refuse_volumes(name: str, image: dict[str, Any]) -> None:
    """A volume of the image's would be a writable place on the machine's disk that no limit bounds."""
    if volumes := (image.get("Config") or {}).get("Volumes"):
        raise Rejected(
            f"The image {name} declares volumes ({', '.join(sorted(volumes))}), which no limit bounds, so nothing was started. "
            "Build it without VOLUME; an agent writes in /work."
        )
