"""What tests of the docker driver share."""

import io
import tarfile

import docker

from tests.doubles.docker_engine import AGENT_IMAGE

SLEEP = "import time\ndef go(run):\n    run.log.info('asleep')\n    time.sleep(300)\n"


def image(client: docker.APIClient, instructions: str, **files: str) -> str:
    """The id of an image that somebody made from ours."""
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w") as archive:
        for name, text in {"Dockerfile": f"FROM {AGENT_IMAGE}\n{instructions}", **files}.items():
            entry = tarfile.TarInfo(name)
            entry.size = len(text.encode())
            archive.addfile(entry, io.BytesIO(text.encode()))
    packed.seek(0)
    for event in client.build(fileobj=packed, custom_context=True, encoding="", rm=True, decode=True):
        assert "error" not in event, event
        if "aux" in event:
            made = event["aux"]["ID"]
    return made
