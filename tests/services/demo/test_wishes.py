"""What the demo consumer asks of the sample agents: inputs that each of them takes, and no agent that needs a network."""

import jsonschema
import pytest
import yaml

from agent_platform.services.demo._bundles import bundle_folders
from agent_platform.services.demo._history import REFUSED
from agent_platform.services.demo._people import PUBLISHERS
from agent_platform.services.demo._wishes import NO_TEXT, WISHES

MANIFESTS = {
    (publisher, folder.name): yaml.safe_load((folder / "agent.yaml").read_text(encoding="utf-8"))
    for publisher, folder in bundle_folders()
}


def test_every_publisher_of_a_sample_agent_is_among_the_people():
    assert {publisher for publisher, _ in MANIFESTS} == {workspace.slug for workspace in PUBLISHERS}
    assert len(MANIFESTS) == 8


def test_exactly_the_agents_that_can_work_without_a_network_are_run():
    """Repo Digest reads what is uploaded; the two of harbor have nothing to read on a machine without the internet."""
    assert {(wish.publisher, wish.slug) for wish in WISHES} == {one for one in MANIFESTS if one[0] != "harbor"}


@pytest.mark.parametrize("wish", WISHES, ids=lambda wish: wish.slug)
def test_each_input_is_one_that_the_agent_takes(wish):
    stored = []

    def store(name, media_type, content):
        stored.append((name, media_type, content))
        return f"file_{len(stored)}"

    schema = MANIFESTS[wish.publisher, wish.slug]["input"]
    for number in range(wish.times):
        jsonschema.validate(wish.given(wish, number, store), {**schema, "additionalProperties": False})
    assert all(content for _, _, content in stored)
    assert sum(content == NO_TEXT for _, _, content in stored) == (wish.slug != "ask-my-documents")


def test_the_run_that_is_answered_with_no_is_one_of_them_and_asks():
    slug, number = REFUSED
    (wish,) = (wish for wish in WISHES if wish.slug == slug)
    assert number < wish.times
    assert number != wish.times // 2
