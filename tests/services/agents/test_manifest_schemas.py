"""Each mistake in what a manifest says of input and output, with the very path and sentence its creator reads."""

import pytest

from tests.services.agents.mistakes import expect_mistake, field

MISTAKES = [
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
]


@pytest.mark.parametrize(
    ("changes", "path", "sentence"), MISTAKES, ids=[f"{n}-{path}" for n, (_, path, _) in enumerate(MISTAKES)]
)
def test_a_mistake_in_a_schema_is_named_with_its_path_and_its_fix(changes, path, sentence):
    expect_mistake(changes, path, sentence)
