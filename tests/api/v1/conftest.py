import asyncio
from contextlib import suppress

import httpx2
import pytest
from jsonschema import Draft202012Validator, FormatChecker
from referencing import Registry, Resource
from referencing.jsonschema import DRAFT202012

from agent_platform import api
from agent_platform.api import v1
from agent_platform.api.v1._schemas import SCHEMAS
from agent_platform.core import live
from agent_platform.core.db.engine import acting_as
from agent_platform.core.db.tenant import tenant_session
from agent_platform.edge.wrap import Edge
from agent_platform.models.tenancy import Membership
from agent_platform.services import runs, tenancy
from tests.doubles.running import make_workspace
from tests.factories import caller_of, make_tenant, make_user

DOCUMENT = {"$id": "urn:v1", "components": {"schemas": SCHEMAS}}
REGISTRY = Registry().with_resource("urn:v1", Resource.from_contents(DOCUMENT, default_specification=DRAFT202012))
BOTH = ["runs:read", "runs:write"]


def make_key(workspace, *, by=None, scopes=BOTH, days=None, name="ci-bot"):
    with tenant_session(workspace.id) as session:
        by = by or workspace.owner.user_id
        return tenancy.make_key(session, name=name, scopes=scopes, days=days, by=by)


def join(workspace, role, name="Ben"):
    user_id = make_user(name)
    with tenant_session(workspace.id) as session:
        session.add(
            Membership(tenant_id=workspace.id, user_id=user_id, role=role, features=["build"], display_name=name)
        )
    return user_id


def workspace_of(slug):
    owner = make_user()
    tenant_id = make_tenant(slug, owner=owner, plan="team")
    return make_workspace(tenant_id=tenant_id, owner=caller_of(tenant_id, owner))


def is_a(name, value):
    """Fails where the answer is not what the document promises."""
    schema = {"$ref": f"urn:v1#/components/schemas/{name}"}
    Draft202012Validator(schema, registry=REGISTRY, format_checker=FormatChecker()).validate(value)
    return value


def stop(workspace, run_id):
    """A queued run has ended."""
    with tenant_session(workspace.id) as session:
        runs.cancel(session, run_id=run_id, caller=workspace.owner)
    with acting_as("worker"):
        runs.press_stop(None, tenant_id=workspace.id, run_id=run_id)


@pytest.fixture
def northwind(settings):
    return workspace_of("northwind")


@pytest.fixture
def key(northwind):
    return make_key(northwind)


class Client:
    """A program: no cookies of its own, a key where it has one."""

    def __init__(self, edge, host, key=None):
        transport = httpx2.ASGITransport(edge, client=("127.0.0.1", 40_000))
        self.http = httpx2.AsyncClient(transport=transport, base_url=f"http://{host}")
        self.key = {"Authorization": f"Bearer {key}"} if key else {}

    async def get(self, path, **headers):
        return await self.http.get(f"/v1{path}", headers={**self.key, **headers})

    async def post(self, path, body=None, **headers):
        return await self.http.post(f"/v1{path}", json=body, headers={**self.key, **headers})

    async def start(self, path="/agents/northwind/site-auditor/runs", body=None, *, key="once", **headers):
        given = {"input": {"start_url": "https://docs.northwind.example/"}} if body is None else body
        return await self.post(path, given, **{"Idempotency-Key": key, **headers})


@pytest.fixture
async def program(settings, tmp_path):
    """`program(key, slug)`: a program that calls the host of this workspace, else the base domain."""
    edge, opened = Edge(api.build(settings, tmp_path), settings, tmp_path), []
    v1.forget_all_keys()

    def program(key=None, slug=None):
        host = f"{slug}.{settings.base_netloc}" if slug else settings.base_netloc
        opened.append(Client(edge, host, key))
        return opened[-1]

    yield program
    for client in opened:
        await client.http.aclose()


@pytest.fixture
async def mara(program, key):
    return program(key)


@pytest.fixture
async def news(settings):
    """This process hears what others publish."""
    listening = asyncio.create_task(live.subscribe())
    await asyncio.sleep(0.3)
    yield
    listening.cancel()
    with suppress(asyncio.CancelledError):
        await listening
