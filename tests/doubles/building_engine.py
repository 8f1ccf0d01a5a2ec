"""An engine that builds the images of deploy/, and an image to begin from: there is no registry, so its root file system is made here."""

import os
import shutil
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import MappingProxyType

import docker
from docker.errors import ImageNotFound

from tests.doubles.docker_engine import PrivateEngine

CALL_SECONDS = 600
KEPT_FOR = "48h"  # layers that nobody built upon since then
NEEDED = {"iptables": "iptables", "debootstrap": "debootstrap"}
SUITE = "bookworm"
PACKAGES = ("python3", "python3-venv", "ca-certificates")  # python3-minimal lacks json
BASE_IMAGE = f"ap-test-python:{SUITE}"
NOTHING: Mapping[str, str] = MappingProxyType({})
CERTIFICATES = Path("/etc/ssl/certs/ca-certificates.crt")


def why_not() -> str:
    """Why no image can be built here, or nothing."""
    missing = [package for program, package in NEEDED.items() if shutil.which(program) is None]
    return f"not installed: apt-get install -y --no-install-recommends {' '.join(missing)}" if missing else ""


class BuildingEngine(PrivateEngine):
    """Builds images from Debian's packages; in a kept folder, images and layers are found again next time."""

    def __init__(self, kept: Path) -> None:
        super().__init__(kept)
        self.api = docker.DockerClient(base_url=self.url, timeout=CALL_SECONDS)

    def stop(self) -> None:
        """No container, and no process of the engine, is left."""
        for container in self.api.containers.list(all=True):
            container.remove(force=True)
        self.api.images.prune(filters={"dangling": True, "until": KEPT_FOR})
        self.api.close()
        super().stop()

    def base_image(self) -> str:
        """The name of an image with Debian's Python, made of the system's own package archive at the first call."""
        try:
            self.api.images.get(BASE_IMAGE)
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
        return {"PATH": os.environ["PATH"], "HOME": str(self.folder), "DOCKER_HOST": self.url}

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
