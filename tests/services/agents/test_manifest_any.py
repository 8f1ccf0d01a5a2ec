"""Any text, value and keyword: a manifest is read whole or refused with a sentence."""

import contextlib

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from agent_platform.services import agents
from tests.services.agents.samples import manifest, text_of

NAMES = st.from_regex(r"[a-z][a-z0-9]{0,8}", fullmatch=True)


SCALARS = st.one_of(
    st.fixed_dictionaries({"type": st.just("string"), "maxLength": st.integers(0, 10**6)}),
    st.fixed_dictionaries(
        {"type": st.just("integer"), "minimum": st.integers(-(10**6), 0), "default": st.integers(0, 10**6)}
    ),
    st.fixed_dictionaries({"type": st.just("boolean"), "default": st.booleans()}),
    st.fixed_dictionaries({"type": st.just("number"), "prefill": st.floats(-1e6, 1e6)}),
)


@settings(suppress_health_check=[HealthCheck.too_slow], deadline=None)
@given(
    name=st.text(st.characters(codec="utf-8", categories=["L", "N", "P", "S"]), min_size=1, max_size=60),
    properties=st.dictionaries(NAMES, SCALARS, max_size=6),
    memory=st.integers(64, 8192),
    numbers=st.tuples(*[st.integers(0, 99_999)] * 3),
)
def test_a_manifest_survives_writing_and_reading(name, properties, memory, numbers):
    made = manifest(
        name=name,
        version=".".join(map(str, numbers)),
        input={"type": "object", "properties": properties},
        resources={"memory_mb": memory},
    )
    read = agents.parse_manifest(text_of(made))
    assert read.raw == made
    assert agents.read_manifest(read.raw) == read


@settings(deadline=None)
@given(st.text(max_size=400))
def test_any_text_is_a_manifest_or_a_refusal(text):
    with pytest.raises(agents.ManifestInvalid):
        agents.parse_manifest(text)


JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**53), 2**53)
    | st.floats(allow_nan=False, allow_infinity=False, width=32)
    | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=12,
)


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    st.sampled_from(
        ["input", "output", "permissions", "pricing", "tests", "source", "env", "resources", "tags", "demo"]
    ),
    JSON,
)
def test_any_value_in_any_place_is_read_or_refused(key, value):
    with contextlib.suppress(agents.ManifestInvalid):  # any other exception fails
        agents.read_manifest({**manifest(), key: value})


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    st.sampled_from(
        [
            "type",
            "required",
            "properties",
            "items",
            "enum",
            "pattern",
            "format",
            "$ref",
            "$defs",
            "anyOf",
            "default",
            "minimum",
            "maxLength",
            "accept",
            "max_mb",
            "dependentRequired",
            "additionalProperties",
            "multipleOf",
            "secret",
        ]
    ),
    JSON,
)
def test_any_keyword_with_any_value_is_read_or_refused(keyword, value):
    schema = {"type": "object", "properties": {"a": {"type": "string", keyword: value}}, "required": ["a"]}
    with contextlib.suppress(agents.ManifestInvalid):
        agents.read_manifest(manifest(input=schema))
