"""What is told of a manifest as a whole: all at once, with lines, and in the creator's own text."""

import pytest

from agent_platform.services import agents
from tests.services.agents.samples import manifest, text_of


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
        ("resources: {cpu: .nan}\n", "resources.cpu", ".nan is no number that can be used here; write one in digits."),
    ],
    ids=str,
)
def test_what_is_no_plain_yaml_is_said_with_its_line(text, path, sentence):
    with pytest.raises(agents.ManifestInvalid) as refused:
        agents.parse_manifest(text)
    assert sentence in [problem.message for problem in refused.value.errors if problem.path == path]


@pytest.mark.parametrize("value", [".inf", "-.inf", ".nan", "1e999"])
def test_what_is_no_usable_number_is_one_mistake(value):
    with pytest.raises(agents.ManifestInvalid) as refused:
        agents.parse_manifest(f"resources: {{memory_mb: {value}}}\n")
    assert len([problem for problem in refused.value.errors if problem.path == "resources.memory_mb"]) == 1


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
            {
                "name": "one",
                "input": {"table": "samples/a.csv", "more": ["samples/b.csv", "main.py"]},
                "expect": {"state": "succeeded"},
            },
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
