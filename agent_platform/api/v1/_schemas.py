"""Schemas of the OpenAPI document, by hand: what the shapes beside this file give, and no more. Tests hold answers to them."""

from typing import Any

from agent_platform.models.runs import Origin, RunState

Schema = dict[str, Any]
TEXT: Schema = {"type": "string"}
WHOLE: Schema = {"type": "integer"}
TRUTH: Schema = {"type": "boolean"}
MICRO: Schema = {"type": "integer", "description": "Millionths of a US dollar."}
TIME: Schema = {"type": "string", "format": "date-time"}
URL: Schema = {"type": "string", "format": "uri"}
ANY: Schema = {}


def maybe(schema: Schema) -> Schema:
    return {**schema, "type": [schema["type"], "null"]}


def listing(schema: Schema) -> Schema:
    return {"type": "array", "items": schema}


def thing(*optional: str, **properties: Schema) -> Schema:
    """An object with exactly these properties; all are there but the optional ones."""
    needed = [name for name in properties if name not in optional]
    return {"type": "object", "additionalProperties": False, "required": needed, "properties": properties}


def named(name: str) -> Schema:
    return {"$ref": f"#/components/schemas/{name}"}


def links(*names: str) -> Schema:
    return thing(**dict.fromkeys(names, URL))


AGENT_LINKS = links("self", "quote", "runs", "openapi", "page")
IDENTITY: dict[str, Schema] = {
    "agent": {"type": "string", "description": "publisher/slug"},
    "name": TEXT,
    "summary": TEXT,
    "category": TEXT,
    "kind": TEXT,
    "tags": listing(TEXT),
    "version": TEXT,
    "permission_level": {"enum": ["low", "medium", "high"]},
    "state": TEXT,
    "links": AGENT_LINKS,
}
RUN_LINE: dict[str, Schema] = {
    "id": {"type": "string", "pattern": "^run_[0-9a-f]{32}$"},
    "agent": TEXT,
    "agent_name": TEXT,
    "version": TEXT,
    "state": {"enum": [one.value for one in RunState]},
    "finished": {"type": "boolean", "description": "The state is final."},
    "origin": {"enum": [one.value for one in Origin]},
    "title": TEXT,
    "started_by": TEXT,
    "dry_run": TRUTH,
    "max_micro_usd": MICRO,
    "charged_micro_usd": MICRO,
    "item_count": WHOLE,
    "created_at": TIME,
    "started_at": maybe(TIME),
    "finished_at": maybe(TIME),
    "links": links("self", "cancel", "items", "receipt", "page"),
}
OPTIONS: Schema = {
    "type": "object",
    "additionalProperties": False,
    "properties": {
        "version": {"type": "string", "description": "A number such as 2.3.1; the stable one without it."},
        "max_micro_usd": {**MICRO, "minimum": 1, "description": "The hard cap, in millionths of a US dollar."},
        "memory_mb": {"type": "integer", "minimum": 64, "maximum": 8192},
        "timeout_seconds": {"type": "integer", "minimum": 1, "maximum": 86400},
        "retries": {"type": "integer", "minimum": 0, "maximum": 3},
        "dry_run": {"type": "boolean", "description": "Reads only, at most two minutes, nothing is charged."},
    },
}


def run_request(input_schema: Schema | None = None) -> Schema:
    return {
        "type": "object",
        "additionalProperties": False,
        "properties": {"input": input_schema or {"type": "object"}, "options": OPTIONS},
    }


def page_of(name: str) -> Schema:
    return thing(data=listing(named(name)), next_cursor=maybe(TEXT))


PROBLEM = thing(
    "links",
    type=URL,
    title=TEXT,
    status=WHOLE,
    detail={"type": "string", "description": "What happened, what was charged, what to do next."},
    instance=TEXT,
    code={"type": "string", "description": "For programs; it does not change."},
    reference={"type": "string", "description": "Finds the request in the log of this installation."},
    errors=listing(thing(path=TEXT, message=TEXT)),
    links=thing(page=URL),
)
SCHEMAS: dict[str, Schema] = {
    "AgentLine": thing(
        id={"type": "string", "pattern": "^agt_[0-9a-f]{32}$"},
        **IDENTITY,
        verified=TRUTH,
        price_model=TEXT,
        price=TEXT,
        runs_30d=WHOLE,
        success_30d=maybe({"type": "number"}),
        median_ms=maybe(WHOLE),
        cost_p50_micro_usd=maybe(MICRO),
        cost_p90_micro_usd=maybe(MICRO),
        rating=maybe({"type": "number"}),
        rating_count=WHOLE,
    ),
    "AgentPage": page_of("AgentLine"),
    "Agent": thing(
        "permissions_accepted",
        **IDENTITY,
        input_schema={"type": "object", "description": "JSON Schema of the input."},
        item_schema={"type": ["object", "null"], "description": "JSON Schema of one row."},
        result_schema={"type": ["object", "null"], "description": "JSON Schema of the result."},
        files=listing(thing(name=TEXT, media_type=TEXT, title=TEXT)),
        price={"type": "object", "description": "The price list that a run keeps."},
        permissions=listing(thing(title=TEXT, detail=TEXT, required=TRUTH)),
        memory_mb=WHOLE,
        timeout_seconds=WHOLE,
        permissions_accepted={"type": "boolean", "description": "Only with a key: whether its workspace has."},
    ),
    "RunRequest": run_request(),
    "Quote": thing(
        agent=TEXT,
        version=TEXT,
        price_model=TEXT,
        max_micro_usd={**MICRO, "description": "The cap that a run would have: it never costs more."},
        smallest_max_micro_usd=MICRO,
        p50_micro_usd=maybe(MICRO),
        p90_micro_usd=maybe(MICRO),
        p50_ms=maybe(WHOLE),
        runs_30d=WHOLE,
        known_micro_usd=maybe(MICRO),
        most_compute_micro_usd=MICRO,
    ),
    "RunLine": thing(**RUN_LINE),
    "RunPage": page_of("RunLine"),
    "Run": thing(
        **RUN_LINE,
        input={"type": "object", "description": "As it was given, with defaults; secrets read ***."},
        result=ANY,
        progress=thing(done=maybe({"type": "number"}), total=maybe({"type": "number"}), message=maybe(TEXT)),
        failure={**thing(**{"class": TEXT}, code=maybe(TEXT), message=maybe(TEXT)), "type": ["object", "null"]},
        stop_reason=maybe(TEXT),
        attempt=WHOLE,
        memory_mb=WHOLE,
        timeout_seconds=WHOLE,
        files=listing(thing(name=TEXT, media_type=TEXT, bytes=WHOLE, href=URL)),
    ),
    "ToldRun": {
        "anyOf": [named("Run"), named("RunLine")],
        "description": "`Run` for a key with the scope `runs:read`. `RunLine` without it, with the agent's name as title.",
    },
    "Item": thing(seq=WHOLE, item=ANY, amount_micro_usd=MICRO, created_at=TIME),
    "ItemPage": page_of("Item"),
    "Receipt": thing(signed=TEXT, signature=TEXT, algorithm=TEXT, key_id=TEXT),
    "File": thing(id={"type": "string", "pattern": "^file_[0-9a-f]{32}$"}, name=TEXT, bytes=WHOLE),
    "Problem": PROBLEM,
}
