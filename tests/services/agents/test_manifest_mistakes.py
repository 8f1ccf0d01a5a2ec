"""Each mistake in a manifest, with the very path and sentence its creator reads."""

import pytest

from agent_platform.services import agents
from tests.services.agents.samples import manifest, text_of

KEYS = "schema, slug, name, version, summary, category, tags, kind, source, input, output, permissions, env, resources, demo, pricing, tests"
MONEY = 'write dollars as a string, such as "0.002".'
SLUG = "write 3 to 40 lower-case letters, digits and hyphens, beginning with a letter."
NETWORK = {"host": "api.example.com", "why": "Reads prices."}


def event(**changes):
    return {"title": "Page", "price": "0.002", **changes}


def per_event(**events):
    return {"model": "per_event", "events": events}


def field(**schema):
    return {"type": "object", "properties": {"a": schema}}


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
    # input
    ({"input": []}, "input", "This is a list; write a JSON Schema, such as {type: object, properties: {}}."),
    ({"input": {"type": "array"}}, "input.type", "The outermost type must be object; write type: object."),
    ({"input": field(type="strng")}, "input.properties.a.type", '"strng" is no type; did you mean "string"?'),
    (
        {"input": field(type="string", fromat="uri")},
        "input.properties.a.fromat",
        '"fromat" is no keyword of a schema here; did you mean "format"?',
    ),
    (
        {"input": field(type="string", format="url")},
        "input.properties.a.format",
        '"url" is no format; did you mean "uri"?',
    ),
    ({"input": field(type="string", minLength=-1)}, "input.properties.a.minLength", "Write a whole number from 0."),
    ({"input": field(type="integer", minimum="1")}, "input.properties.a.minimum", "Write a number."),
    (
        {"input": field(type="integer", minimum=5, maximum=1)},
        "input.properties.a.minimum",
        "minimum 5 is above maximum 1; nothing could fit.",
    ),
    ({"input": field(type="string", enum=[])}, "input.properties.a.enum", "This list is empty; name the choices."),
    ({"input": field(type="string", editor="wysiwyg")}, "input.properties.a.editor", None),
    (
        {"input": field(type="string", pattern="(a+)+$")},
        "input.properties.a.pattern",
        "A repeat or choice inside another repeat can take for ever; use one repeat, such as ^[a-z0-9-]+$.",
    ),
    (
        {"input": field(type="string", pattern="(?=a)b")},
        "input.properties.a.pattern",
        "Look-around and back-references are not allowed in a pattern; write it without.",
    ),
    (
        {"input": field(type="string", pattern="[")},
        "input.properties.a.pattern",
        "This is no regular expression (unterminated character set at position 0).",
    ),
    (
        {"input": field(type="integer", default="ten")},
        "input.properties.a.default",
        "The default does not fit the field: 'ten' is not of type 'integer'",
    ),
    (
        {"input": {**field(type="string", default="x"), "required": ["a"]}},
        "input.properties.a.default",
        "A required field must not have a default; use prefill, or take it out of required.",
    ),
    (
        {"input": {**field(type="string"), "required": ["b"]}},
        "input.required[0]",
        '"b" is not among the properties; the known ones are a.',
    ),
    (
        {"input": {"type": "object", "properties": {"_cap": {"type": "string"}}}},
        "input.properties._cap",
        'Names that begin with _ belong to the platform; call it "cap".',
    ),
    (
        {"input": field(**{"$ref": "https://evil.example/x.json"})},
        "input.properties.a.$ref",
        '"https://evil.example/x.json" is not in this schema; refer to #/$defs/name and define it there.',
    ),
    (
        {"input": field(**{"$ref": "#"})},
        "input.properties.a.$ref",
        '"#" is not in this schema; refer to #/$defs/name and define it there.',
    ),
    (
        {"input": {**field(**{"$ref": "#/$defs/x"}), "$defs": {"x": {"items": {"$ref": "#/$defs/x"}}}}},
        "input.$defs.x.items.$ref",
        "#/$defs/x refers to itself; write the levels out.",
    ),
    (
        {
            "input": field(
                type="array",
                items={
                    "type": "array",
                    "items": {
                        "type": "array",
                        "items": {"type": "array", "items": {"type": "array", "items": {"type": "string"}}},
                    },
                },
            )
        },
        "input",
        "The schema is 7 levels deep; at most 6 are allowed. Make it flatter.",
    ),
    (
        {"input": field(type="string", description="x" * 70_000)},
        "input",
        "The schema has 68 KiB; at most 64 KiB are allowed.",
    ),
    (
        {"input": field(type="integer", format="file")},
        "input.properties.a.type",
        "A file field has type: string; its value is the id of the file.",
    ),
    (
        {"input": field(type="string", max_mb=5)},
        "input.properties.a.max_mb",
        "max_mb belongs to a file field; add format: file.",
    ),
    (
        {"input": field(type="string", format="file", max_mb=500)},
        "input.properties.a.max_mb",
        "Write a number above 0, at most 100.",
    ),
    (
        {"input": field(type="object", properties={"f": {"type": "string", "format": "file"}})},
        "input.properties.a.properties.f",
        "A file field must stand at the top of the input; move it there.",
    ),
    # output
    (
        {"output__item": {"type": "string"}, "output__views": None},
        "output.item.type",
        "The outermost type must be object; write type: object.",
    ),
    (
        {"output__files": [{"name": "../x", "media_type": "text/html"}], "output__views": None},
        "output.files[0].name",
        '"../x" does not fit; write a plain file name without a slash, such as report.html.',
    ),
    (
        {"output__files": [{"name": "a.txt", "media_type": "html"}]},
        "output.files[0].media_type",
        '"html" does not fit; write a media type, such as text/html.',
    ),
    (
        {"output__files": [{"name": "a.txt", "media_type": "text/plain"}] * 2},
        "output.files[1].name",
        '"a.txt" is used twice; choose another.',
    ),
    (
        {"output__views": [{"id": "v", "type": "tabel"}]},
        "output.views[0].type",
        '"tabel" is not a choice; did you mean "table"?',
    ),
    (
        {"output__views": [{"id": "v", "type": "table", "columns": ["paths"]}]},
        "output.views[0].columns[0]",
        '"paths" is not a property of output.item; add it there or take it out here.',
    ),
    (
        {"output__views": [{"id": "v", "type": "file", "file": "x.html"}]},
        "output.views[0].file",
        '"x.html" is not among output.files; list it there.',
    ),
    (
        {"output__views": [{"id": "v", "type": "chart", "x": "path"}]},
        "output.views[0].y",
        "This is missing; name a property of output.item, or a list of them.",
    ),
    ({"outputs": {}}, "outputs", 'There is no key "outputs" here; did you mean "output"?'),
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
    with pytest.raises(agents.ManifestInvalid) as refused:
        agents.parse_manifest(text_of(manifest(**changes)))
    found = {problem.path: problem.message for problem in refused.value.errors}
    assert path in found, found
    if sentence is not None:
        assert found[path] == sentence
    assert len(found) == 1, found


@pytest.mark.parametrize(
    ("text", "path", "sentence"),
    [
        ("", "agent.yaml", "The file must be a mapping that begins with schema: and slug:."),
        ("- a\n- b\n", "agent.yaml", "The file must be a mapping that begins with schema: and slug:."),
        (
            "a: [1,\n",
            "agent.yaml",
            "Line 2, column 1: this is not valid YAML (did not find expected node content); check indentation, colons and quotes.",
        ),
        ("a: &big [1]\nb: *big\n", "agent.yaml", "Line 1: &big is an anchor; write the value out where it is used."),
        ("a: *big\n", "agent.yaml", "Line 1: *big is an alias; write the value out instead."),
        (
            "a: !!python/object/apply:os.system [id]\n",
            "agent.yaml",
            "Line 1: tag:yaml.org,2002:python/object/apply:os.system is a tag; tags are not allowed, remove it.",
        ),
        ("a: 1\n---\nb: 2\n", "agent.yaml", "Line 2: a second document begins; write one document without ---."),
        ("? [a]\n: 1\n", "agent.yaml", "Line 1: a key must be plain text, not a list or mapping."),
        ("a: " + "[" * 100_000, "agent.yaml", "Line 1: the nesting is deeper than 24 levels; make it flatter."),
        ("a: [" + "1," * 30_000 + "1]", "agent.yaml", "The file holds more than 20,000 values; make it shorter."),
        ("a: " + "x" * 300_000, "agent.yaml", "The file has 292 KiB; at most 256 KiB are allowed."),
        ("a: \x01\n", "agent.yaml", "The file holds characters that YAML does not allow; save it as plain UTF-8 text."),
        ("slug: a\nslug: b\n", "slug", "Line 2 names this key a second time; remove one of the two."),
        ("env:\n  A: x\n  A: y\n", "env.A", "Line 3 names this key a second time; remove one of the two."),
        ('name: "a\\0b"\n', "name", "This holds characters that cannot be stored; type the text again without them."),
        ("resources: {cpu: 1e999}\n", "resources.cpu", "1e999 is too large a number; write it as a string in quotes."),
        ("resources: {cpu: .nan}\n", "resources.cpu", ".nan is too large a number; write it as a string in quotes."),
    ],
    ids=str,
)
def test_what_is_no_plain_yaml_is_said_with_its_line(text, path, sentence):
    with pytest.raises(agents.ManifestInvalid) as refused:
        agents.parse_manifest(text)
    assert sentence in [problem.message for problem in refused.value.errors if problem.path == path]


def test_ten_mistakes_are_told_at_once():
    made = manifest(
        slug="X",
        version="1",
        summary="x" * 200,
        category="weeb",
        source={"type": "code", "entry": "main"},
        resources={"memory_mb": 1},
        pricing={"model": "per_run", "price": 0.5},
        demo="no",
        nmae="y",
        tags=["A"],
    )
    with pytest.raises(agents.ManifestInvalid) as refused:
        agents.parse_manifest(text_of(made))
    assert refused.value.sentence == "agent.yaml has 10 mistakes. Nothing was stored. Correct it and upload again."
    assert len({problem.path for problem in refused.value.errors}) == 10


def test_what_stands_beneath_a_misspelt_key_is_checked_too():
    pricing = {"model": "per_event", "evnts": {"page": {"title": "Page", "price": 0.002}}}
    with pytest.raises(agents.ManifestInvalid) as refused:
        agents.parse_manifest(text_of(manifest(pricing=pricing, resorces={"memory_mb": 1})))
    assert {problem.path: problem.message for problem in refused.value.errors} == {
        "resorces": 'There is no key "resorces" here; did you mean "resources"?',
        "resources.memory_mb": "Write a whole number from 64 to 8,192.",
        "pricing.evnts": 'There is no key "evnts" here; did you mean "events"?',
        "pricing.events.page.price": 'Write the amount as a string in quotes, such as "0.002".',
    }


def test_what_the_manifest_names_and_the_zip_lacks_is_told_with_everything_else():
    file = {"type": "string", "format": "file"}
    made = manifest(
        input={"type": "object", "properties": {"table": file, "more": {"type": "array", "items": file}}},
        source={"type": "code", "entry": "mian:audit"},
        category="weeb",
        tests=[
            {"name": "one", "input": {"table": "samples/a.csv", "more": ["samples/b.csv", "main.py"]}, "expect": {"state": "succeeded"}},
            {"name": "two", "input": {"table": "samples/a.cvs"}, "expect": {"state": "succeeded"}},
        ],
    )
    files = ("main.py", "agent.yaml", "samples/a.csv")
    with pytest.raises(agents.ManifestInvalid) as refused:
        agents.parse_manifest(text_of(made), files=files)
    assert {problem.path: problem.message for problem in refused.value.errors} == {
        "category": '"weeb" is not a choice; did you mean "web"?',
        "source.entry": "The zip holds no mian.py; add the file, or name the module that holds the function.",
        "tests[0].input.more": 'The zip holds no "samples/b.csv"; add the file, or did you mean "samples/a.csv"?',
        "tests[1].input.table": 'The zip holds no "samples/a.cvs"; add the file, or did you mean "samples/a.csv"?',
    }
    with pytest.raises(agents.ManifestInvalid) as refused:
        agents.parse_manifest(text_of(made))
    assert [problem.path for problem in refused.value.errors] == ["category"]


def test_what_is_no_path_is_refused_where_a_test_names_a_file():
    file = {"type": "string", "format": "file"}
    made = manifest(
        input={"type": "object", "properties": {"table": file, "more": {"type": "array", "items": file}}},
        tests=[
            {"name": "number", "input": {"table": 5}, "expect": {"state": "succeeded"}},
            {"name": "nothing", "input": {"table": None}, "expect": {"state": "succeeded"}},
            {"name": "in a list", "input": {"more": [["a.csv"]]}, "expect": {"state": "succeeded"}},
            {"name": "left out", "input": {}, "expect": {"state": "succeeded"}},
        ],
    )
    with pytest.raises(agents.ManifestInvalid) as refused:
        agents.parse_manifest(text_of(made), files=("main.py", "agent.yaml"))
    wrong = "Write the path of a file in the zip as text, such as samples/orders.csv."
    assert {problem.path: problem.message for problem in refused.value.errors} == {
        "tests[0].input.table": wrong,
        "tests[1].input.table": wrong,
        "tests[2].input.more": wrong,
    }


def test_a_faulty_schema_does_not_drag_its_users_along():
    made = manifest(
        input__properties__start_url__type="strng",
        permissions={"network": [{"host": "${input.start_url}", "why": "Reads it."}]},
        tests=[{"name": "t", "expect": {"state": "succeeded"}}],
    )
    with pytest.raises(agents.ManifestInvalid) as refused:
        agents.parse_manifest(text_of(made))
    assert [problem.path for problem in refused.value.errors] == ["input.properties.start_url.type"]


@pytest.mark.sec
def test_templates_and_expressions_stay_literal_text():
    hostile = ["${7*7}", "{{7*7}}", "%(x)s", "__import__('os')", "{0.__class__}", "!!python/none", "<script>"]
    for text in hostile:
        assert agents.parse_manifest(text_of(manifest(summary=text, env={"X": text}))).env == {"X": text}
