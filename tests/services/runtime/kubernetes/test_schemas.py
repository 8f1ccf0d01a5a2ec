"""Every object against the published schemas of the newest three versions, by the tool that operators use."""

import json
import subprocess
import sys
from pathlib import Path

import pytest
from kubernetes_validate.utils import all_versions

from tests.services.runtime.kubernetes.examples import everything

NEWEST = all_versions()[-3:]


def checked(version: str, things: list[dict]) -> subprocess.CompletedProcess[str]:
    # The last dash is needed: without it the tool prints its usage, checks nothing and is content.
    command = [Path(sys.executable).with_name("kubernetes-validate"), "--strict", "-k", version, "-"]
    documents = "\n---\n".join(json.dumps(thing) for thing in things)
    return subprocess.run(command, input=documents, capture_output=True, text=True, check=False, timeout=120)


@pytest.mark.parametrize("version", NEWEST)
def test_every_object_is_valid(version):
    things = everything()
    found = checked(version, things)
    assert (found.returncode, found.stderr) == (0, "")
    assert found.stdout.count("passed for resource") == len(things), found.stdout


def test_a_number_as_text_and_a_misspelt_field_are_found():
    job = next(thing for thing in everything() if thing["kind"] == "Job")
    for wrong in ({"parallelism": "2"}, {"backoffLimits": 0}):
        found = checked(NEWEST[-1], [job | {"spec": job["spec"] | wrong}])
        assert found.returncode == 1
        assert "did not validate" in found.stdout
