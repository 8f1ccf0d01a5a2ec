"""The docker driver on an engine of the tests' own."""

import json
import os
import subprocess
import time
from pathlib import Path

from agent_platform.services.runtime import DockerDriver
from tests.contracts.benches.base import Bench
from tests.doubles.docker_engine import AGENT_IMAGE, PrivateEngine


class DockerBench(Bench):
    """The folder is the driver's; the engine may serve other benches, too."""

    inside_ids = range(200_000, 265_536)
    search_path = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
    files_of_the_driver = frozenset(
        {"/.dockerenv", *(f"/etc/{name}" for name in ("group", "hostname", "hosts", "mtab", "passwd", "resolv.conf"))}
    )

    def __init__(self, folder: Path, engine: PrivateEngine) -> None:
        super().__init__(folder)
        self.engine = engine
        self.installation = f"test-{os.getpid()}-{folder.name}"[:40].lower()
        self.root = folder / "boxes"
        self.driver = self.new_client()

    def boot(self) -> None:
        self.driver.prewarm("", 2)
        self.warm()

    def shut(self) -> None:
        self.driver.prewarm("", 0)
        self.driver.close()

    def new_client(self) -> DockerDriver:
        return DockerDriver(**self.settings())

    def client_code(self) -> str:
        settings = {name: str(value) for name, value in self.settings().items()}
        return (
            "from pathlib import Path\nfrom agent_platform.services.runtime import DockerDriver\n"
            f"settings = {settings!r}\nplaces = {{name: Path(settings.pop(name)) for name in ('root', 'broker_dir')}}\n"
            "driver = DockerDriver(**places, **settings)\n"
        )

    def leftovers(self) -> list[str]:
        containers = [name for name in self._names() if not name.startswith("ap-warm-")]
        return containers + [path.name for folder in ("runs", "trash") for path in (self.root / folder).iterdir()]

    def traces(self, handle: str) -> str:
        client = self.engine.client()
        try:
            inspected = client.inspect_container(handle)
            found = json.dumps(inspected) + json.dumps(client.top(handle))
            found += client.logs(handle).decode("latin1")
            found += str(list(client.events(since=0, until=int(time.time()), decode=True)))
        finally:
            client.close()
        found += subprocess.run(["ps", "axeww"], capture_output=True, text=True, check=True).stdout
        for path in (*self.root.rglob("*"), *self.engine.files_about(inspected["Id"])):
            if path.is_file():
                found += path.read_bytes().decode("latin1")
        return found + str(self.driver.status(handle))

    def settings(self) -> dict[str, object]:
        return {
            "root": self.root,
            "broker_dir": self.broker.folder,
            "installation": self.installation,
            "image": AGENT_IMAGE,
            "url": self.engine.url,
        }

    def _names(self) -> list[str]:
        client = self.engine.client()
        try:
            found = client.containers(all=True, filters={"label": f"ap.installation={self.installation}"})
        finally:
            client.close()
        return [summary["Names"][0].lstrip("/") for summary in found]
