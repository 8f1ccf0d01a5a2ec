"""How a mistake in a manifest is told."""

import pytest

from agent_platform.services import agents
from tests.services.agents.samples import manifest, text_of


def expect_mistake(changes, path, sentence):
    """It alone is named, with this sentence if one is given."""
    with pytest.raises(agents.ManifestInvalid) as refused:
        agents.parse_manifest(text_of(manifest(**changes)))
    found = {problem.path: problem.message for problem in refused.value.errors}
    assert path in found, found
    if sentence is not None:
        assert found[path] == sentence
    assert len(found) == 1, found


def field(**schema):
    return {"type": "object", "properties": {"a": schema}}
