"""A Docker engine of the tests' own, and an image to begin from: there is no registry, so its root file system is made here."""

import os
import shutil
import signal
import subprocess
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import MappingProxyType

import docker
import pytest
from docker.errors import ImageNotFound

READY_SECONDS = 60
STOP_SECONDS = 30
CALL_SECONDS = 600
KEPT_FOR = "48h"  # layers that nobody built upon since then
NEEDED = {"dockerd": "docker.io", "iptables": "iptables", "debootstrap": "debootstrap"}
SUITE = "bookworm"
PACKAGES = ("python3", "python3-venv", "ca-certificates")  # python3-minimal lacks json
BASE_IMAGE = f"ap-test-python:{SUITE}"
NOTHING: Mapping[str, str] = MappingProxyType({})
CERTIFICATES = Path("/etc/ssl/certs/ca-certificates.crt")


def skip_without_engine() -> None:
    """Skips the test, by name, where no engine can run."""
    if os.geteuid() != 0:
        pytest.skip("a Docker engine of our own needs root")
    if missing := [package for program, package in NEEDED.items() if shutil.which(program) is None]:
        pytest.skip(f"not installed: apt-get install -y --no-install-recommends {' '.join(missing)}")


class Engine:
    """A private dockerd with its own data folder. `folder` may be kept: images and layers are found again next time."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.address = f"unix://{folder / 'docker.sock'}"
        self.dockerd: subprocess.Popen[bytes] | None = None
        self.client: docker.DockerClient | None = None

    def start(self) -> None:
        self.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        command = ["dockerd", "--data-root", self.folder / "data", "--exec-root", self.folder / "exec"]
        command += ["-H", self.address, "--pidfile", self.folder / "docker.pid", "--bridge=none", "--iptables=false"]
        with (self.folder / "dockerd.log").open("wb") as log:
            self.dockerd = subprocess.Popen(command, stdout=log, stderr=log, start_new_session=True)
        give_up_at = time.monotonic() + READY_SECONDS
        while not self._answers():
            if self.dockerd.poll() is not None or time.monotonic() > give_up_at:
                self.stop()
                pytest.skip("dockerd cannot run here: " + (self.folder / "dockerd.log").read_text()[-400:])
            time.sleep(0.1)
        self.client = docker.DockerClient(base_url=self.address, timeout=CALL_SECONDS)

    def stop(self) -> None:
        """No container, and no process of the engine, is left."""
        if self.client is not None:
            for container in self.client.containers.list(all=True):
                container.remove(force=True)
            self.client.images.prune(filters={"dangling": True, "until": KEPT_FOR})
            self.client.close()
        self.dockerd.send_signal(signal.SIGTERM)
        self.dockerd.wait(STOP_SECONDS)

    def base_image(self) -> str:
        """The name of an image with Debian's Python, made of the system's own package archive at the first call."""
        try:
            self.client.images.get(BASE_IMAGE)
        except ImageNotFound:
            self._import(_debian(self.folder / "root"))
        return BASE_IMAGE

    def build(self, dockerfile: Path, context: Path, tag: str, **arguments: str) -> None:
        """The image is there. Steps of the build share this machine's network, as there is no bridge.

        Fails with the last words of the build.
        """
        command = ["docker", "build", "--network", "host", "--file", dockerfile, "--tag", tag]
        for name, value in {"PYTHON_IMAGE": self.base_image(), **arguments}.items():
            command += ["--build-arg", f"{name}={value}"]
        built = subprocess.run(
            [*command, context],
            env=self.environment() | {"DOCKER_BUILDKIT": "0"},
            capture_output=True,
            text=True,
            check=False,
        )
        assert built.returncode == 0, (built.stdout + built.stderr)[-4000:]

    def run(
        self, image: str, *arguments: str, flags: Sequence[str] = (), environment: Mapping[str, str] = NOTHING
    ) -> subprocess.CompletedProcess[str]:
        """`docker run`, to its end. There is no network but this machine's, and only if the flags say so."""
        return self.docker("run", "--rm", "--network=none", *flags, image, *arguments, environment=environment)

    def docker(self, *arguments: str, environment: Mapping[str, str] = NOTHING) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            ["docker", *arguments], env=self.environment() | environment, capture_output=True, text=True, check=False
        )

    def environment(self) -> dict[str, str]:
        return {"PATH": os.environ["PATH"], "HOME": str(self.folder), "DOCKER_HOST": self.address}

    def _answers(self) -> bool:
        return self.docker("version").returncode == 0

    def _import(self, root: Path) -> None:
        packed = subprocess.Popen(["tar", "-C", root, "-c", "."], stdout=subprocess.PIPE)
        subprocess.run(
            ["docker", "import", "-", BASE_IMAGE],
            stdin=packed.stdout,
            env=self.environment(),
            check=True,
            capture_output=True,
        )
        assert packed.wait() == 0
        shutil.rmtree(root)


def _debian(root: Path) -> Path:
    shutil.rmtree(root, ignore_errors=True)
    command = ["debootstrap", "--variant=minbase", f"--include={','.join(PACKAGES)}", SUITE, root]
    made = subprocess.run(command, capture_output=True, text=True, check=False)
    assert made.returncode == 0, made.stdout[-2000:]
    if CERTIFICATES.exists():  # builds here trust whom this machine trusts
        shutil.copy(CERTIFICATES, root / str(CERTIFICATES).lstrip("/"))
    return root
