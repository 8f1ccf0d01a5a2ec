"""Each mistake in a manifest, with the very path and sentence its creator reads."""

import pytest

from tests.services.agents.mistakes import expect_mistake

KEYS = "schema, slug, name, version, summary, category, tags, kind, source, input, output, permissions, env, resources, demo, pricing, tests"
MONEY = 'write dollars as a string, such as "0.002".'
SLUG = "write 3 to 40 lower-case letters, digits and hyphens, beginning with a letter."
NETWORK = {"host": "api.example.com", "why": "Reads prices."}


def event(**changes):
    return {"title": "Page", "price": "0.002", **changes}


def per_event(**events):
    return {"model": "per_event", "events": events}


MISTAKES = [
    # identity
    ({"schema": None}, "schema", "This is missing; write schema: agentplatform.dev/agent/v1."),
    (
        {"schema": "agentplatform.dev/agent/v2"},
        "schema",
        '"agentplatform.dev/agent/v2" does not fit; write schema: agentplatform.dev/agent/v1.',
    ),
    ({"slug": "Site Auditor"}, "slug", f'"Site Auditor" does not fit; {SLUG}'),
    ({"slug": "ab"}, "slug", f'"ab" does not fit; {SLUG}'),
    ({"slug": "site-auditor\n"}, "slug", f'"site-auditor\n" does not fit; {SLUG}'),
    ({"slug": 7}, "slug", f"This is a number; {SLUG}"),
    ({"name": "x" * 61}, "name", "This has 61 characters; at most 60 are allowed."),
    ({"name": "Site\u202eAuditor"}, "name", "This holds invisible characters; type the text again without them."),
    ({"name": "  "}, "name", "This is empty; write the name people see, such as Site Auditor."),
    ({"version": "1.0"}, "version", '"1.0" does not fit; write three numbers with dots, such as 1.0.0.'),
    ({"version": "01.0.0"}, "version", '"01.0.0" does not fit; write three numbers with dots, such as 1.0.0.'),
    ({"version": 2.3}, "version", "This is a number; write three numbers with dots, such as 1.0.0."),
    ({"summary": "x" * 121}, "summary", "This has 121 characters; at most 120 are allowed."),
    ({"category": "webb"}, "category", '"webb" is not a choice; did you mean "web"?'),
    (
        {"category": None},
        "category",
        "This is missing; choose one of data, engineering, finance, operations, research, support, web, other.",
    ),
    ({"tags": "seo"}, "tags", "This is text; write a list, such as [a, b]."),
    ({"tags": ["SEO"]}, "tags[0]", '"SEO" does not fit; write up to 30 lower-case letters, digits and hyphens.'),
    ({"tags": ["seo", "seo"]}, "tags[1]", '"seo" is listed twice; remove one.'),
    ({"tags": [f"tag{n}" for n in range(11)]}, "tags", "This has 11 entries; at most 10 are allowed."),
    ({"kind": "bot"}, "kind", '"bot" is not a choice; the known ones are job, chat.'),
    ({"kindd": "job"}, "kindd", 'There is no key "kindd" here; did you mean "kind"?'),
    ({"zzz": 1}, "zzz", f'There is no key "zzz" here; the known ones are {KEYS}.'),
    # source and variables
    ({"source": None}, "source", 'This is missing; write source: {type: code, entry: "main:function"}.'),
    (
        {"source": {"type": "code", "entry": "main"}},
        "source.entry",
        '"main" does not fit; write module:function, such as main:audit.',
    ),
    (
        {"source": {"type": "code", "entry": "../main:run"}},
        "source.entry",
        '"../main:run" does not fit; write module:function, such as main:audit.',
    ),
    (
        {"source": {"type": "image", "entry": "main:audit"}},
        "source.type",
        "Agents of type image cannot be built on this installation; use type: code.",
    ),
    ({"source__python": "3"}, "source.python", '"3" does not fit; write a version range in quotes, such as ">=3.11".'),
    ({"source__python": ">=9.1"}, "source.python", None),
    ({"source__enty": "x"}, "source.enty", 'There is no key "enty" here; did you mean "entry"?'),
    ({"env": {"AP_TOKEN": "x"}}, "env.AP_TOKEN", "Names that begin with AP belong to the platform; rename it."),
    ({"env": {"LIMIT": 5}}, "env.LIMIT", "Write the value as text in quotes, at most 4,096 characters."),
    ({"env": {"a-b": "x"}}, "env.a-b", "A variable's name has letters, digits and underscores; rename it."),
    # permissions
    (
        {"permissions": {"network": [{"host": "https://x.example/a", "why": "w"}]}},
        "permissions.network[0].host",
        '"https://x.example/a" is an address; write the host name alone, such as api.example.com.',
    ),
    (
        {"permissions": {"network": [{"host": "10.0.0.1", "why": "w"}]}},
        "permissions.network[0].host",
        '"10.0.0.1" is no host name; write one such as api.example.com, in lower case.',
    ),
    (
        {"permissions": {"network": [{"host": "localhost", "why": "w"}]}},
        "permissions.network[0].host",
        '"localhost" is no host name; write one such as api.example.com, in lower case.',
    ),
    (
        {"permissions": {"network": [{"host": "${input.max_pages}", "why": "w"}]}},
        "permissions.network[0].host",
        "The input field max_pages must hold a URL; give it type: string and format: uri.",
    ),
    (
        {"permissions": {"network": [{"host": "${input.nope}", "why": "w"}]}},
        "permissions.network[0].host",
        "There is no input field nope; name one that holds a URL.",
    ),
    (
        {"permissions": {"network": [{"host": "a.example"}]}},
        "permissions.network[0].why",
        "This is missing; say in one sentence why; people read it before they agree.",
    ),
    (
        {"permissions": {"network": [{**NETWORK, "ports": [0]}]}},
        "permissions.network[0].ports[0]",
        "Write a port from 1 to 65,535.",
    ),
    (
        {"permissions": {"network": [{**NETWORK, "methods": ["TRACE"]}]}},
        "permissions.network[0].methods[0]",
        '"TRACE" does not fit; choose from GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS.',
    ),
    (
        {"permissions": {"connections": {"gh": {"connector": "github", "why": "w"}}}},
        "permissions.connections.gh.actions",
        "This is missing; name the actions the agent calls, such as [list_issues].",
    ),
    (
        {"permissions": {"agents": ["site-auditor"]}},
        "permissions.agents[0]",
        '"site-auditor" does not fit; write publisher/slug.',
    ),
    ({"permissions": {"state": "yes"}}, "permissions.state", "This is text; write true or false."),
    (
        {"permissions": {"netwrok": []}},
        "permissions.netwrok",
        'There is no key "netwrok" here; did you mean "network"?',
    ),
    (
        {"demo": True, "permissions": {"network": [NETWORK]}},
        "demo",
        "A demo runs without network, connections, models and other agents; write demo: false.",
    ),
    # resources
    ({"resources": {"memory_mb": 32}}, "resources.memory_mb", "Write a whole number from 64 to 8,192."),
    ({"resources": {"memory_mb": 512.5}}, "resources.memory_mb", "Write a whole number from 64 to 8,192."),
    ({"resources": {"cpu": 8}}, "resources.cpu", "Write a number from 0.1 to 4."),
    ({"resources": {"timeout_seconds": True}}, "resources.timeout_seconds", "Write a whole number from 5 to 86,400."),
    ({"resources": {"disk": 64}}, "resources.disk", 'There is no key "disk" here; did you mean "disk_mb"?'),
    # money
    (
        {"pricing": {"model": "per_run", "price": 0.02}},
        "pricing.price",
        'Write the amount as a string in quotes, such as "0.002".',
    ),
    ({"pricing": {"model": "per_run"}}, "pricing.price", f"This is missing; {MONEY}"),
    (
        {"pricing": {"model": "per_run", "price": "0.0000001"}},
        "pricing.price",
        f"'0.0000001' has more than six decimals; {MONEY}",
    ),
    ({"pricing": {"model": "per_run", "price": "-1"}}, "pricing.price", f"'-1' is outside $0 to $1,000; {MONEY}"),
    (
        {"pricing": {"model": "per_run", "price": "1000.01"}},
        "pricing.price",
        f"'1000.01' is outside $0 to $1,000; {MONEY}",
    ),
    (
        {"pricing": {"model": "per_rum", "price": "1"}},
        "pricing.model",
        '"per_rum" is not a choice; did you mean "per_run"?',
    ),
    ({"pricing": {"model": "free", "price": "1"}}, "pricing.price", None),
    ({"pricing": {"model": "per_run", "price": "0.02", "charge_on": "stored"}}, "pricing.charge_on", None),
    (
        {"pricing": {"model": "per_run", "price": "0.02", "smallest_cap": "0.01"}},
        "pricing.smallest_cap",
        "This must be above $0 and cover one run or one primary event; raise it.",
    ),
    (
        {"pricing": per_event()},
        "pricing.events",
        'Name at least one event, such as page: {title: Page, price: "0.002"}.',
    ),
    (
        {"pricing": per_event(a=event(), b=event())},
        "pricing.events",
        "0 events are primary; mark exactly one with primary: true.",
    ),
    (
        {"pricing": per_event(a=event(tiers=[{"from": 10, "price": "1"}, {"from": 10, "price": "1"}]))},
        "pricing.events.a.tiers[1].from",
        "10 does not come after 10; list tiers in rising order.",
    ),
    (
        {"pricing": per_event(a=event(tiers=[{"price": "1"}]))},
        "pricing.events.a.tiers[0].from",
        "This is missing; write the number of units from which this price holds.",
    ),
    (
        {"pricing": per_event(A=event())},
        "pricing.events.A",
        "An event's name has lower-case letters, digits and underscores; rename it.",
    ),
    (
        {"pricing": {"model": "usage", "factor": "0.5"}},
        "pricing.factor",
        '"0.5" does not fit; write a number from 1.0 to 5.0 with at most three decimals, such as "1.2".',
    ),
    (
        {"pricing": {"model": "subscription", "monthly": "4", "events": {"d": event()}, "included": {"x": 5}}},
        "pricing.included.x",
        '"x" is not among the events; add it to pricing.events.',
    ),
    (
        {"pricing": {"model": "free", "trial": {"max": "0.20"}}},
        "pricing.trial.runs",
        "This is missing; write how many runs are free, such as 1.",
    ),
    ({"pricing": {"model": "free", "refund_on_agent_failure": "half"}}, "pricing.refund_on_agent_failure", None),
    # tests
    (
        {"tests": [{"name": "t", "input": "fill", "expect": {"state": "succeeded"}}]},
        "tests[0].input",
        "Write the input as a mapping, or the word prefill.",
    ),
    (
        {"tests": [{"name": "t", "expect": {"state": "succeeded"}}], "input__properties__start_url__prefill": None},
        "tests[0].input",
        "The required field start_url has no prefill; add one, or write the input out.",
    ),
    ({"tests": [{"name": "t"}]}, "tests[0].expect", "Say what must hold, such as {state: succeeded}."),
    (
        {"tests": [{"name": "t", "expect": {"cost_max": 0.05}}]},
        "tests[0].expect.cost_max",
        'Write the amount as a string in quotes, such as "0.002".',
    ),
    (
        {"tests": [{"name": "t", "expect": {"states": "succeeded"}}]},
        "tests[0].expect.states",
        'There is no key "states" here; did you mean "state"?',
    ),
]


@pytest.mark.parametrize(
    ("changes", "path", "sentence"), MISTAKES, ids=[f"{n}-{path}" for n, (_, path, _) in enumerate(MISTAKES)]
)
def test_a_mistake_is_named_with_its_path_and_its_fix(changes, path, sentence):
    expect_mistake(changes, path, sentence)
