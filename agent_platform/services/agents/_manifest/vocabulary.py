"""The keywords of JSON Schema 2020-12 that a manifest may use, by the shape of their value, and our annotations."""

TYPES = ("string", "number", "integer", "boolean", "array", "object", "null")
EDITORS = (
    "text",
    "textarea",
    "area",
    "markdown",
    "code",
    "number",
    "date",
    "select",
    "tags",
    "key-value",
    "table",
    "file",
    "secret",
    "connection",
    "json",
)
COUNTS = frozenset(
    ["maxLength", "minLength", "maxItems", "minItems", "maxContains", "minContains", "maxProperties", "minProperties"]
)
NUMBERS = frozenset(["maximum", "exclusiveMaximum", "minimum", "exclusiveMinimum", "multipleOf"])
FLAGS = frozenset(["uniqueItems", "deprecated", "readOnly", "writeOnly", "secret"])
TEXTS = frozenset(["title", "description", "$comment", "unit", "section", "connection", "$ref"])
ONE_SCHEMA = frozenset(["items", "contains", "additionalProperties", "propertyNames", "if", "then", "else", "not"])
SCHEMA_LISTS = frozenset(["prefixItems", "allOf", "anyOf", "oneOf"])
SCHEMA_MAPS = frozenset(["properties", "$defs", "dependentSchemas"])
VALUES = frozenset(["default", "prefill", "const"])
LISTS = frozenset(["required", "enum", "examples", "accept"])
SPECIAL = frozenset(["type", "format", "editor", "pattern", "max_mb", "dependentRequired", "$schema"])
KEYWORDS = tuple(
    sorted(COUNTS | NUMBERS | FLAGS | TEXTS | ONE_SCHEMA | SCHEMA_LISTS | SCHEMA_MAPS | VALUES | LISTS | SPECIAL)
)
DIALECT = "https://json-schema.org/draft/2020-12/schema"
PAIRS = tuple((f"min{what}", f"max{what}") for what in ("imum", "Length", "Items", "Properties", "Contains"))
