"""The documents are whole, and say what the routes do."""

import re

import pytest
from jsonschema import Draft202012Validator

from agent_platform.api import v1
from tests.api.site.listed import list_agent

METHODS = {"get", "post", "delete", "put", "patch"}


def references(value):
    if isinstance(value, dict):
        found = [value["$ref"]] if isinstance(value.get("$ref"), str) else []
        return found + [one for inner in value.values() for one in references(inner)]
    return [one for inner in value for one in references(inner)] if isinstance(value, list) else []


def check(document):
    """The rules of OpenAPI 3.1 that a document of ours could break."""
    assert document["openapi"] == "3.1.1"
    assert document["info"]["title"]
    assert document["info"]["version"]
    assert re.fullmatch(r"https?://[^/]+/v1", document["servers"][0]["url"])
    schemas = document["components"]["schemas"]
    for name, schema in schemas.items():
        assert re.fullmatch(r"[A-Za-z0-9._-]+", name)
        Draft202012Validator.check_schema(schema)
    assert {one.rpartition("/")[2] for one in references(document)} <= set(schemas)
    assert all(one.startswith("#/components/schemas/") for one in references(document))
    names = []
    for path, item in document["paths"].items():
        assert path.startswith("/")
        assert set(item) <= METHODS
        for operation in item.values():
            names.append(operation["operationId"])
            check_operation(path, operation)
    assert len(names) == len(set(names))


def check_operation(path, operation):
    assert operation["summary"]
    assert operation["responses"]
    in_path = {one["name"] for one in operation["parameters"] if one["in"] == "path"}
    assert in_path == set(re.findall(r"{(\w+)}", path))
    for one in operation["parameters"]:
        assert {"name", "in", "schema"} <= set(one)
        assert one["in"] != "path" or one["required"] is True
    for status, answer in operation["responses"].items():
        assert re.fullmatch(r"[1-5][0-9]{2}", status)
        assert answer["description"]
    for requirement in operation["security"]:
        assert set(requirement) <= {"key"}


async def test_the_whole_document_is_valid_and_open_to_everybody(program):
    answer = await program().get("/openapi.json")
    assert answer.status_code == 200
    check(answer.json())
    assert "access-control-allow-origin" not in answer.headers


async def test_every_route_is_described_and_every_description_is_a_route(program):
    paths = (await program().get("/openapi.json")).json()["paths"]
    described = {(method.upper(), path) for path, item in paths.items() for method in item}
    served = {
        (method, route.path)
        for route in v1.mount().routes
        for method in route.methods - {"HEAD"}
        if not route.path.endswith("/openapi.json")
    }
    assert described == served


async def test_what_a_start_may_be_refused_for_is_all_there(program):
    paths = (await program().get("/openapi.json")).json()["paths"]
    answers = paths["/agents/{publisher}/{slug}/runs"]["post"]["responses"]
    assert "agent_not_allowed" in answers["403"]["description"]
    assert answers["429"]["description"] == "rate_limited, queue_full"
    for operation in (one for item in paths.values() for one in item.values()):
        assert (operation["responses"]["500"]["description"], operation["responses"]["503"]["description"]) == (
            "error",
            "unavailable",
        )


async def test_an_agent_s_document_has_its_own_address_and_input(program, key):
    list_agent("site-auditor")
    document = (await program().get("/agents/harbor/site-auditor/openapi.json")).json()
    check(document)
    assert "/agents/harbor/site-auditor/runs" in document["paths"]
    agent = (await program().get("/agents/harbor/site-auditor")).json()
    wanted = document["components"]["schemas"]["RunRequest"]["properties"]["input"]
    assert wanted == agent["input_schema"]
    own = (await program(key, "northwind").get("/agents/northwind/site-auditor/openapi.json")).json()
    check(own)
    assert own["servers"] == [{"url": "http://northwind.localhost:3000/v1"}]
    assert own["components"]["schemas"]["Item"]["properties"]["item"]["properties"]["path"]["title"] == "Path"


@pytest.mark.sec
async def test_the_document_of_a_private_agent_is_its_workspace_s_own(program, key, northwind):
    assert (await program().get("/agents/northwind/site-auditor/openapi.json")).status_code == 404
    assert (await program(key).get("/agents/northwind/site-auditor/openapi.json")).status_code == 200
