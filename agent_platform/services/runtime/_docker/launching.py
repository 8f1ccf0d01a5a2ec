"""From a specification to a container that has its claim, taken up wherever a client that died had come to."""

import time
from dataclasses import asdict, replace
from pathlib import Path

from agent_platform.services.runtime._docker import objects
from agent_platform.services.runtime._docker.boxes import Box, Boxes, Gone
from agent_platform.services.runtime._docker.engine import Engine, NameTaken, NoImage
from agent_platform.services.runtime._docker.images import Images
from agent_platform.services.runtime._docker.pool import KEY, Pool, fits, own_uid
from agent_platform.services.runtime._docker.reading import BOOT_SECONDS, ENDED
from agent_platform.services.runtime.errors import Rejected, Transient
from agent_platform.services.runtime.port import SandboxSpec

BOOT_PAUSE_SECONDS, BOOT_LOOK_SECONDS = 0.002, 0.1
TOLD_IN_RECORD = ("wall_seconds", "start_seconds", "log_bytes")


class Launcher:
    def __init__(
        self,
        engine: Engine,
        boxes: Boxes,
        images: Images,
        *,
        installation: str,
        broker_dir: Path,
        abandoned_seconds: float,
    ) -> None:
        self._engine = engine
        self._boxes = boxes
        self._images = images
        self._installation = installation
        self._broker_dir = broker_dir
        self.pool = Pool(engine, boxes, self._warm_shape, abandoned_seconds)

    def claimed_or_new(self, handle: str, spec: SandboxSpec) -> Box:
        """The attempt's folder: that of a warm container when one fits, else an empty one. Raises: Rejected, Transient."""
        shape = self._shape(*self._images.of(spec))
        warm = self.pool.take(handle) if fits(spec.limits) and shape == self._warm_shape() else None
        return warm or self._boxes.reserve(handle)

    def launch(self, box: Box, spec: SandboxSpec) -> None:
        """The attempt's container runs and has its claim, unless somebody has cancelled it. Raises: Gone, Rejected, Transient."""
        if box.stop():
            return
        limits = asdict(spec.limits)
        box.set_record({name: limits[name] for name in TOLD_IN_RECORD} | {"tenant_id": spec.tenant_id})
        container = box.container()
        if not container:
            container = self._made(box, spec)
            self._engine.start(container)
        elif (box.path / KEY).exists():
            self._engine.update(container, objects.update(self._cpus(), spec.limits))
            self._name(container, box.name)
            (box.path / KEY).unlink(missing_ok=True)
        else:
            self._engine.start(container)  # whoever made it may have died before; a second start changes nothing
        self._deliver(box, container, objects.claim_line(spec))
        if box.stop():
            self._engine.signal(container, "SIGTERM")

    def found_by_name(self, handle: str) -> str:
        """The id of our container of that name, or nothing; a namesake of somebody else's is never ours."""
        inspected = self._engine.inspect(handle)
        if inspected is None:
            return ""
        labels = inspected["Config"].get("Labels") or {}
        return inspected["Id"] if labels.get(objects.INSTALLATION) == self._installation else ""

    def _made(self, box: Box, spec: SandboxSpec) -> str:
        shape = replace(self._shape(*self._images.of(spec)), box=str(box.path), uid=own_uid())
        body = objects.container(shape, spec.limits, objects.labels_of(spec))
        try:
            container = self._created(box.name, body)
        except NoImage as error:
            raise Transient(f"The image is gone from the engine; it is looked for again: {error}") from error
        try:
            box.set_container(container)
        except Gone:
            self._engine.remove(container)
            raise
        return container

    def _created(self, name: str, body: dict[str, object]) -> str:
        try:
            return self._engine.create(name, body)
        except NameTaken:
            # Of a client that died before it wrote the id down; we hold the lock of this attempt.
            if stale := self.found_by_name(name):
                self._engine.remove(stale)
            return self._again(name, body)

    def _again(self, name: str, body: dict[str, object]) -> str:
        try:
            return self._engine.create(name, body)
        except NameTaken as error:
            raise Rejected(
                f"The docker engine has a container named {name} that is not ours, so nothing was started."
            ) from error

    def _name(self, container: str, name: str) -> None:
        """For operators: a claimed container is called as its attempt. The folder is what clients go by."""
        try:
            self._engine.rename(container, name)
        except (NameTaken, Rejected):
            if self.found_by_name(name) != container:  # else a client that died had already done it
                raise Transient(f"The name {name} is taken on the docker engine; try again in a moment.") from None

    def _deliver(self, box: Box, container: str, line: bytes) -> None:
        began = look_at = time.monotonic()
        while not box.hand_over(line):
            now = time.monotonic()
            if now >= look_at:
                look_at = now + BOOT_LOOK_SECONDS
                if box.is_handed_over():
                    return
                inspected = self._engine.inspect(container)
                if inspected is None or inspected["State"]["Status"] in ENDED:
                    self._explain(box, container)
                    return
            if now > began + BOOT_SECONDS:
                raise Transient(
                    f"The container was not ready for its run within {BOOT_SECONDS:.0f} seconds; try again."
                )
            time.sleep(BOOT_PAUSE_SECONDS)

    def _explain(self, box: Box, container: str) -> None:
        """It ended before its claim: because it was cancelled, which is an end like any other, or because it cannot start."""
        if box.stop():
            return
        words = self._engine.last_words(container) or "it said nothing"
        raise Rejected(f"The image cannot run an agent: the container ended before it took its run ({words}).")

    def _warm_shape(self) -> objects.Shape:
        return self._shape(*self._images.base())

    def _shape(self, image: str, runtime: str) -> objects.Shape:
        return objects.Shape(
            installation=self._installation,
            box="",
            broker_dir=str(self._broker_dir),
            image=image,
            runtime=runtime,
            uid=0,
            cpus=self._cpus(),
        )

    def _cpus(self) -> int:
        return self._engine.info()["NCPU"]
