"""docs/creators/manifest.md: the example is valid, and what it states is what the platform does."""

import re
from pathlib import Path

import pytest
import yaml

from agent_platform.services import agents

TEXT = (Path(__file__).resolve().parents[2] / "docs/creators/manifest.md").read_text()
EXAMPLE = re.search(r"^```yaml file=agent.yaml\n(.*?)^```$", TEXT, flags=re.MULTILINE | re.DOTALL)[1]
REQUIRED = ["schema", "slug", "name", "version", "summary", "category"]


def test_the_example_is_valid():
    manifest = agents.parse_manifest(EXAMPLE)
    assert manifest.slug == "site-auditor"
    assert manifest.price["events"]["page"]["tiers"] == [{"from": 10_000, "price_micro_usd": 1_700}]


def test_the_example_has_each_key_and_the_text_explains_it():
    for key in yaml.safe_load(EXAMPLE):
        assert f"`{key}`" in TEXT, key


@pytest.mark.parametrize("key", REQUIRED)
def test_a_key_that_is_said_to_be_needed_is_needed(key):
    assert re.search(rf"^\| `{key}` \|.*\| refused \|$", TEXT, flags=re.MULTILINE)
    values = yaml.safe_load(EXAMPLE)
    del values[key]
    with pytest.raises(agents.ManifestInvalid):
        agents.read_manifest(values)


def test_the_rest_may_be_left_out_with_the_stated_defaults():
    values = yaml.safe_load(EXAMPLE)
    manifest = agents.read_manifest({key: values[key] for key in [*REQUIRED, "source"]})
    assert manifest.kind == "job"
    assert vars(manifest.resources) == {
        "memory_mb": 512, "cpu": 0.5, "disk_mb": 256, "timeout_seconds": 600, "parallel_runs": 50,
    }  # fmt: skip
    assert manifest.price["model"] == "free"
    assert manifest.price["costs"] == "pass_through"
    assert manifest.price["smallest_cap_micro_usd"] == 10_000
    assert not manifest.demo


@pytest.mark.parametrize(
    ("path", "low", "high"),
    [
        ("memory_mb", 64, 8_192),
        ("cpu", 0.1, 4),
        ("disk_mb", 16, 10_240),
        ("timeout_seconds", 5, 86_400),
        ("parallel_runs", 1, 1_000),
    ],
)
def test_limits_of_resources_are_the_stated_ones(path, low, high):
    assert re.search(rf"^\| `{path}` \| {low:,}\N{{EN DASH}}{high:,}", TEXT, flags=re.MULTILINE)
    values = yaml.safe_load(EXAMPLE)
    for good in (low, high):
        values["resources"][path] = good
        agents.read_manifest(values)
    for bad in (low / 2, high + 1):
        values["resources"][path] = bad
        with pytest.raises(agents.ManifestInvalid):
            agents.read_manifest(values)


def test_categories_are_the_stated_ones():
    line = re.search(r"^\| `category` \| (.*?) \|", TEXT, flags=re.MULTILINE)[1]
    assert tuple(re.findall(r"`(\w+)`", line)) == agents.CATEGORIES


@pytest.mark.parametrize(
    ("kind", "more"),
    [
        ("table", {}), ("cards", {"columns": ["path"]}), ("chart", {"x": "path", "y": "status"}), ("figures", {"fields": ["pages"]}),
        ("file", {"file": "report.html"}), ("markdown", {"file": "report.html"}), ("files", {}), ("json", {}),
    ],
)  # fmt: skip
def test_each_stated_view_is_taken(kind, more):
    assert f"`{kind}`" in TEXT
    values = yaml.safe_load(EXAMPLE)
    values["output"]["views"] = [{"id": "one", "type": kind, **more}]
    assert agents.read_manifest(values).output["views"][0]["type"] == kind


@pytest.mark.parametrize(
    "pricing",
    [
        {"model": "free"},
        {"model": "per_run", "price": "0.02", "charge_on": "valid_output"},
        {"model": "usage", "factor": "1.2"},
        {"model": "subscription", "monthly": "4", "trial_days": 14, "included": {"a": 8}, "events": {"a": {"title": "A", "price": "0.4"}}},
    ],
)  # fmt: skip
def test_each_stated_price_model_is_taken(pricing):
    values = yaml.safe_load(EXAMPLE) | {"pricing": pricing}
    assert agents.read_manifest(values).price["model"] == pricing["model"]
