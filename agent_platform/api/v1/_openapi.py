"""The OpenAPI document of `/v1`, and one for a single agent with its own input. Source: OpenAPI Specification 3.1.1."""

from collections.abc import Iterable
from http import HTTPStatus
from typing import Any

from agent_platform.api.v1._operations import AGENT, OPERATIONS, Operation
from agent_platform.api.v1._schemas import SCHEMAS, TEXT, listing, named, run_request, thing

Document = dict[str, Any]
OF_AN_AGENT = ("quote_run", "start_run", "get_run", "cancel_run", "list_items", "get_receipt")
QUERY: dict[str, Document] = {
    "q": {"schema": TEXT, "description": "Words."},
    "category": {"schema": listing(TEXT), "description": "One or several."},
    "model": {"schema": listing(TEXT), "description": "Price model, one or several."},
    "max_micro_usd": {"schema": {"type": "integer"}, "description": "The most that a typical run costs."},
    "sort": {"schema": {"enum": ["best", "used", "rated", "newest", "cheapest"]}, "description": "Order."},
    "agent": {"schema": TEXT, "description": "publisher/slug."},
    "state": {"schema": listing(TEXT), "description": "One or several."},
    "from": {"schema": {"type": "string", "format": "date-time"}, "description": "Started at this time or later."},
    "limit": {"schema": {"type": "integer", "minimum": 1}, "description": "At most so many: 200, of agents 24."},
    "cursor": {"schema": TEXT, "description": "`next_cursor` of the page before."},
}
HEADERS: dict[str, Document] = {
    "Idempotency-Key": {
        "schema": {"type": "string", "minLength": 1, "maxLength": 200},
        "required": True,
        "description": "New for each run. The same key and body within 24 hours give the same run.",
    },
    "Prefer": {
        "schema": TEXT,
        "description": "`wait=N` waits up to N seconds, at most 60, for the run to finish.",
    },
}
ROWS = {"text/csv": {"schema": TEXT}, "application/jsonl": {"schema": TEXT}}


def whole(base: str) -> Document:
    """Everything there is."""
    return _document("Agent Platform", base, _paths(OPERATIONS), SCHEMAS)


def of_agent(agent: Document, base: str) -> Document:
    """How this one agent is run: its input and output have the schemas of its manifest."""
    publisher, _, slug = agent["agent"].partition("/")
    address = {"publisher": publisher, "slug": slug}
    schemas = {
        **SCHEMAS,
        "RunRequest": run_request(agent["input_schema"]),
        "Run": _with(SCHEMAS["Run"], result=_or_null(agent["result_schema"])),
        "Item": _with(SCHEMAS["Item"], item=agent["item_schema"] or {}),
    }
    used = [one for one in OPERATIONS if one.name in OF_AN_AGENT]
    document = _document(agent["name"], base, _paths(used, address=address), schemas)
    document["info"] |= {"version": agent["version"], "summary": agent["summary"]}
    return document


def _document(title: str, base: str, paths: Document, schemas: Document) -> Document:
    return {
        "openapi": "3.1.1",
        "info": {"title": title, "version": "1", "description": "Amounts are millionths of a US dollar."},
        "servers": [{"url": f"{base}/v1"}],
        "externalDocs": {"url": f"{base}/docs/api"},
        "paths": paths,
        "components": {
            "schemas": schemas,
            "securitySchemes": {"key": {"type": "http", "scheme": "bearer", "description": "An API key, `apk_...`."}},
        },
    }


def _paths(operations: Iterable[Operation], *, address: dict[str, str] | None = None) -> Document:
    paths: Document = {}
    for one in operations:
        path = one.path
        if address is not None and path.startswith(AGENT):
            path = path.format(**address)
        paths.setdefault(path, {})[one.method.lower()] = _described(one, path)
    return paths


def _described(one: Operation, path: str) -> Document:
    answers = {str(status): _answer(status, schema, one) for status, schema in one.answers}
    problems = {str(status): _problem(codes) for status, codes in sorted(one.all_problems.items())}
    described: Document = {
        "operationId": one.name,
        "summary": one.summary,
        "security": [{"key": []}] if one.scope else [{}, {"key": []}],
        "parameters": [*_in_path(path), *_in_query(one), *_in_headers(one)],
        "responses": {**answers, **problems},
    }
    if one.scope:
        described["description"] = f"The key needs the scope `{one.scope}`."
    if one.body:
        described["requestBody"] = _body(one.body)
    return described


def _in_path(path: str) -> list[Document]:
    names = [part.strip("{}") for part in path.split("/") if part.startswith("{")]
    return [{"name": name, "in": "path", "required": True, "schema": TEXT} for name in names]


def _in_query(one: Operation) -> list[Document]:
    return [{"name": name, "in": "query", **QUERY[name]} for name in one.query]


def _in_headers(one: Operation) -> list[Document]:
    return [{"name": name, "in": "header", **HEADERS[name]} for name in one.headers]


def _body(name: str) -> Document:
    if name == "multipart":
        form = thing(file={"type": "string", "contentMediaType": "application/octet-stream"})
        return {"required": True, "content": {"multipart/form-data": {"schema": form}}}
    return {"required": True, "content": {"application/json": {"schema": named(name)}}}


def _answer(status: int, schema: str, one: Operation) -> Document:
    if schema == "bytes":
        return {"description": "The bytes as they are.", "content": {"application/octet-stream": {}}}
    content: Document = {"application/json": {"schema": named(schema)}}
    if one.name == "list_items":
        content |= ROWS
    return {"description": HTTPStatus(status).phrase, "content": content}


def _problem(codes: str) -> Document:
    return {"description": codes, "content": {"application/problem+json": {"schema": named("Problem")}}}


def _with(schema: Document, **properties: Document) -> Document:
    return {**schema, "properties": {**schema["properties"], **properties}}


def _or_null(schema: Document | None) -> Document:
    return {"anyOf": [schema, {"type": "null"}]} if schema else {}
