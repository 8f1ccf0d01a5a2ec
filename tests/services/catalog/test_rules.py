"""Labels, permission sheets and compatibility: pure functions of manifests."""

import pytest

from agent_platform.services import agents, catalog
from tests.services.agents.samples import manifest

NETWORK = {"host": "api.example.com", "why": "Reads prices."}


def read(**changes) -> agents.Manifest:
    return agents.read_manifest(manifest(**changes))


def rows(found: agents.Manifest) -> dict[str, tuple[str, str, str]]:
    return {row.key: (row.title, row.sentence, row.mark) for row in catalog.permissions_of(found)}


@pytest.mark.parametrize(
    ("pricing", "label"),
    [
        ({"model": "free"}, ("Free", "")),
        ({"model": "per_run", "price": "0.02"}, ("$0.02", "run")),
        ({"model": "per_run", "price": "4"}, ("$4.00", "run")),
        (
            {"model": "per_event", "events": {"page_checked": {"title": "Page", "price": "0.0005"}}},
            ("$0.0005", "page checked"),
        ),
        ({"model": "usage", "factor": "1.25"}, ("cost \N{MULTIPLICATION SIGN} 1.25", "")),
        (
            {"model": "subscription", "monthly": "1000", "events": {"d": {"title": "D", "price": "1"}}},
            ("$1,000.00", "month"),
        ),
    ],
)
def test_a_price_is_one_short_label(pricing, label):
    assert catalog.price_label(read(pricing=pricing).price) == label


def test_an_agent_that_asks_for_nothing_says_so():
    assert rows(read()) == {
        "no-network": ("Reaches no network", "No connection leaves the sandbox.", ""),
        "no-files": ("Reads no files", "Works from its other input alone.", ""),
        "no-connections": ("Uses no connection", "No credential is brokered to this agent.", ""),
        "no-models": ("Calls no other agent or model", "No model cost can appear on your receipt.", ""),
        "no-limits": ("Up to 512 MB for 10 min", "Stopped when it has used that up.", ""),
    }


def test_every_permission_is_a_sentence_to_agree_to():
    found = read(
        input__properties={
            "start_url": {"type": "string", "format": "uri", "title": "Start URL", "prefill": "https://a.example/"},
            "table": {"type": "string", "format": "file", "title": "Table"},
        },
        permissions={
            "network": [
                {"host": "${input.start_url}", "ports": [80, 443], "why": "Reads the pages."},
                {"host": "*.example.org", "methods": ["GET", "POST"], "why": "Sends a report."},
                {"host": "*", "why": "Follows links."},
            ],
            "connections": {
                "gh": {
                    "connector": "github",
                    "actions": ["list_issues", "create_issue"],
                    "account": "member",
                    "optional": True,
                    "why": "Files what it found.",
                }
            },
            "models": ["default"],
            "agents": ["harbor/tls-monitor"],
            "state": True,
        },
        resources={"timeout_seconds": 90, "memory_mb": 2048},
    )
    told = rows(found)
    assert told["network:${input.start_url}"] == (
        "Reaches the internet",
        "Only the host you enter in “Start URL”, ports 80 and 443, reading only. Reads the pages.",
        "Required",
    )
    assert told["network:*.example.org"][1] == "Hosts below example.org, port 443, may send with POST. Sends a report."
    assert told["network:*"][1] == "Any public host, port 443, reading only. Follows links."
    assert told["files"] == ("Reads the file you give it", "Only what you put into “Table”.", "")
    assert told["connection:gh"] == (
        "Uses Github",
        "Through your own account: list issues and create issue. It never sees the credential. Files what it found.",
        "Optional",
    )
    assert told["models"] == (
        "Calls models and agents",
        "May use models: default and agents: harbor/tls-monitor. Their cost counts against your cap.",
        "Required",
    )
    assert told["state"][0] == "Keeps state for you"
    assert told["no-limits"][0] == "Up to 2,048 MB for 90 s"


def test_a_comparison_marks_what_is_new_and_what_fell_away():
    before = read(permissions={"network": [NETWORK], "state": True})
    after = read(permissions={"network": [NETWORK, {"host": "b.example", "why": "Reads rates."}]})
    changes = {row.key: row.change for row in catalog.compared(after, before)}
    assert changes["network:b.example"] == "new"
    assert changes["network:api.example.com"] == ""
    assert changes["state"] == "removed"
    assert {row.change for row in catalog.compared(after, None)} == {""}


@pytest.mark.parametrize(
    ("wanted", "more"),
    [
        ({"network": [NETWORK]}, False),
        ({}, False),
        ({"network": [{**NETWORK, "why": "Other words."}]}, False),
        ({"network": [{**NETWORK, "ports": [443, 8443]}]}, True),
        ({"network": [{**NETWORK, "methods": ["GET", "POST"]}]}, True),
        ({"network": [{**NETWORK, "host": "*.example.com"}]}, True),
        ({"network": [NETWORK], "state": True}, True),
        ({"network": [NETWORK], "models": ["default"]}, True),
        ({"network": [NETWORK], "agents": ["harbor/x-y"]}, True),
        ({"connections": {"gh": {"connector": "github", "actions": ["get_issue"], "why": "w"}}}, True),
    ],
)
def test_only_more_needs_another_yes(wanted, more):
    accepted = read(permissions={"network": [NETWORK]}).permissions
    assert catalog.asks_for_more(read(permissions=wanted).permissions, accepted) is more


@pytest.mark.parametrize(
    ("role", "level", "may"),
    [
        ("viewer", "low", False),
        ("member", "low", True),
        ("member", "medium", False),
        ("admin", "high", True),
        ("owner", "high", True),
        (None, "low", False),
        ("owner", "unheard of", True),
        ("admin", "unheard of", False),
    ],
)
def test_who_may_accept_what(role, level, may):
    assert catalog.may_accept(role, level) is may


def fields(**properties):
    return {"type": "object", "properties": properties}


TEXT, NUMBER = {"type": "string"}, {"type": "integer"}


@pytest.mark.parametrize(
    ("old", "new", "broken"),
    [
        (fields(a=TEXT), fields(a=TEXT), []),
        (fields(a=TEXT), fields(a=TEXT, b=TEXT), []),
        ({**fields(a=TEXT), "required": ["a"]}, fields(a=TEXT), []),
        (fields(a=TEXT), {**fields(a=TEXT), "required": ["a"]}, ["input.required"]),
        (fields(a=TEXT, b=TEXT), fields(a=TEXT), ["input.properties.b"]),
        (fields(a=TEXT), fields(a=NUMBER), ["input.properties.a.type"]),
        (fields(a=NUMBER), fields(a={"type": "number"}), []),
        (fields(a={"type": "number"}), fields(a=NUMBER), ["input.properties.a.type"]),
        (fields(a=TEXT), fields(a={"type": ["string", "null"]}), []),
        (fields(a=TEXT), fields(a={"type": "string", "enum": ["x"]}), ["input.properties.a.enum"]),
        (fields(a={"type": "string", "enum": ["x"]}), fields(a={"type": "string", "enum": ["x", "y"]}), []),
        (
            fields(a={"type": "integer", "maximum": 10}),
            fields(a={"type": "integer", "maximum": 5}),
            ["input.properties.a.maximum"],
        ),
        (fields(a={"type": "integer", "minimum": 5}), fields(a={"type": "integer", "minimum": 1}), []),
        (fields(a=TEXT), fields(a={"type": "string", "format": "uri"}), ["input.properties.a.format"]),
        (
            fields(a={"type": "array", "items": TEXT}),
            fields(a={"type": "array", "items": NUMBER}),
            ["input.properties.a.items.type"],
        ),
    ],
)
def test_input_may_only_grow_more_generous(old, new, broken):
    found = catalog.breaking_changes(read(input=old), read(input=new))
    assert [problem.path for problem in found] == broken


@pytest.mark.parametrize(
    ("old", "new", "broken"),
    [
        (fields(a=TEXT), fields(a=TEXT, b=TEXT), []),
        (fields(a=TEXT, b=TEXT), fields(a=TEXT), ["output.item.properties.b"]),
        ({**fields(a=TEXT), "required": ["a"]}, fields(a=TEXT), ["output.item.required"]),
        (fields(a=TEXT), {**fields(a=TEXT), "required": ["a"]}, []),
        (fields(a={"type": "number"}), fields(a=NUMBER), []),
        (fields(a=NUMBER), fields(a={"type": "number"}), ["output.item.properties.a.type"]),
        (fields(a={"type": "string", "enum": ["x", "y"]}), fields(a={"type": "string", "enum": ["x"]}), []),
        (
            fields(a={"type": "string", "enum": ["x"]}),
            fields(a={"type": "string", "enum": ["x", "y"]}),
            ["output.item.properties.a.enum"],
        ),
        (fields(a=TEXT), None, ["output.item"]),
        (None, fields(a=TEXT), []),
    ],
)
def test_output_may_only_promise_more(old, new, broken):
    found = catalog.breaking_changes(read(output={"item": old}), read(output={"item": new}))
    assert [problem.path for problem in found] == broken
