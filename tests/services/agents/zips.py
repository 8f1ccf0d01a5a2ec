"""Bundles that are wrong in one place."""

import io

import pytest

from agent_platform.services import agents
from tests.services.agents.samples import manifest, text_of

NOTHING = " Nothing was stored."
MANIFEST = text_of(manifest())


def check(content: bytes) -> agents.Bundle:
    return agents.check_bundle(io.BytesIO(content))


def refusal(content: bytes) -> str:
    with pytest.raises((agents.BundleRefused, agents.BundleTooLarge)) as refused:
        check(content)
    return refused.value.sentence
