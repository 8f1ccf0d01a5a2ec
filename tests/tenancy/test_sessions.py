"""S-03: no, empty and nonsensical tenants; connections used again after an error, a time limit, a cancelled query; many at once."""

import contextlib
import random
from concurrent.futures import ThreadPoolExecutor
from uuid import UUID, uuid4

import psycopg
import pytest
from sqlalchemy import text
from sqlalchemy.exc import DataError, OperationalError

from agent_platform.core.db import engine
from agent_platform.core.db.tenant import NoTenant, TenantSession, tenant_session
from tests.doubles import people

pytestmark = pytest.mark.sec
SLUGS = text("SELECT slug FROM app.tenants")
REQUESTS = 2_000


@pytest.fixture
def tenants(settings) -> dict[UUID, str]:
    """Six workspaces by id."""
    owner = people.arrive("Olga", 1)
    return {people.found(owner, slug): slug for slug in ("acme", "globex", "initech", "umbrella", "hooli", "pied")}


def seen(tenant_id: UUID) -> list[str]:
    with tenant_session(tenant_id) as session:
        return list(session.execute(SLUGS).scalars())


def test_a_session_without_tenant_does_not_begin(settings):
    with pytest.raises(NoTenant), TenantSession(engine.engine_of("app")) as session:
        session.execute(SLUGS)


@pytest.mark.parametrize("tenant", ["", None])
def test_no_tenant_sees_nothing(tenants, tenant):
    with TenantSession(engine.engine_of("app"), info={"scope": "public", "tenant_id": tenant}) as session:
        assert session.execute(SLUGS).all() == []


def test_an_unknown_tenant_sees_nothing(tenants):
    assert seen(uuid4()) == []


def test_nonsense_is_an_error(tenants):
    with pytest.raises(DataError), tenant_session("nonsense") as session:  # pyright: ignore[reportArgumentType]
        session.execute(SLUGS)


def fail_in(tenant_id: UUID, harm: str) -> None:
    with tenant_session(tenant_id) as session:
        session.execute(text("SET LOCAL statement_timeout = '50ms'"))
        session.execute(text(harm))


@pytest.fixture
def one_connection(settings):
    """The pool is empty: used in turn, everything goes over the same connection, so whatever stays on it shows."""
    engine.dispose_engines()


@pytest.mark.parametrize("harm", ["SELECT 1/0", "SELECT pg_sleep(5)", "SELECT pg_cancel_backend(pg_backend_pid())"])
def test_a_connection_forgets_its_tenant_after_a_failure(one_connection, tenants, harm):
    first, *_ = tenants
    with pytest.raises((OperationalError, DataError)):
        fail_in(first, harm)
    with engine.engine_of("app").connect() as connection:
        assert connection.execute(SLUGS).all() == []
    assert seen(first) == [tenants[first]]


def test_a_connection_forgets_its_tenant_after_a_commit(one_connection, tenants):
    for tenant_id, slug in tenants.items():
        assert seen(tenant_id) == [slug]
        with engine.engine_of("app").connect() as connection:
            assert connection.execute(SLUGS).all() == []


def test_a_plain_connection_of_the_web_sees_nothing(tenants, database):
    with psycopg.connect(database.app) as connection:
        assert connection.execute("SELECT slug FROM app.tenants").fetchall() == []


def test_many_mixed_requests_never_see_another_tenant(tenants):
    order = random.Random(7)
    asked = [order.choice(list(tenants)) for _ in range(REQUESTS)]

    def ask(tenant_id: UUID) -> list[str]:
        if order.random() < 0.02:
            with contextlib.suppress(DataError):
                fail_in(tenant_id, "SELECT 1/0")
        return seen(tenant_id)

    with ThreadPoolExecutor(16) as pool:
        answers = list(pool.map(ask, asked))
    assert answers == [[tenants[tenant_id]] for tenant_id in asked]
