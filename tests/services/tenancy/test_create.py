import psycopg
import pytest
from sqlmodel import select

from agent_platform.core.db.tenant import tenant_session
from agent_platform.models.tenancy import Tenant, TenantSlots
from agent_platform.services import audit, identity, tenancy
from agent_platform.services.tenancy._create import MOST_OWNED
from agent_platform.services.tenancy.errors import SlugRefused, WorkspacesFull
from tests.doubles.people import arrive, found

pytestmark = pytest.mark.usefixtures("settings")


def test_a_new_workspace_has_owner_slots_address_audit_and_one_message(database):
    ann = arrive("Ann Lee", 1)
    acme = found(ann, "acme", plan="team")
    with tenant_session(acme) as session:
        assert [(member.user_id, member.role) for member in tenancy.list_members(session)] == [(ann.id, "owner")]
        assert session.exec(select(TenantSlots.cap)).one() == 25
        assert [entry.action for entry in audit.list_entries(session)] == ["tenant.created"]
    assert identity.in_platform(tenancy.find_tenant_by_slug, slug="acme").id == acme
    with psycopg.connect(database.superuser) as connection:
        rows = connection.execute("select kind, payload from app.outbox where tenant_id = %s", [acme]).fetchall()
    assert rows == [("tenant.created", {})]


def test_a_workspace_whose_creation_was_cut_off_is_finished_at_the_next_sign_in(database):
    ann = arrive("Ann Lee", 1)
    with psycopg.connect(database.superuser) as connection:
        for table in ("memberships", "lookups", "tenant_slots", "outbox", "audit_log"):
            connection.execute(f"delete from app.{table} where tenant_id = %s", [ann.home])
    assert identity.in_platform(tenancy.list_workspaces, user_id=ann.id) == []
    arrive("Ann Lee", 1)
    arrive("Ann Lee", 1)
    [home] = identity.in_platform(tenancy.list_workspaces, user_id=ann.id)
    assert (home.id, home.role) == (ann.home, "owner")
    with psycopg.connect(database.superuser) as connection:
        assert connection.execute("select count(*) from app.outbox").fetchone() == (1,)


@pytest.mark.parametrize(
    "slug",
    [
        "ab",
        "a" * 33,
        "Acme",
        "acme_1",
        "-acme",
        "acme-",
        "ac--me",
        "acmé",
        "ac.me",
        "",
        "acme\n",
        "www",
        "admin",
        "adm1n",
        "ap-i",
    ],
)
def test_malformed_and_reserved_addresses_are_refused(slug):
    ann = arrive("Ann Lee", 1)
    with pytest.raises(SlugRefused) as refusal:
        found(ann, slug)
    assert refusal.value.errors[0].path == "slug"


@pytest.mark.parametrize("slug", ["northwind", "n0rthwind", "north-wind", "northw1nd", "northvvind"])
def test_an_address_that_looks_like_a_workspace_is_refused(slug):
    ann = arrive("Ann Lee", 1)
    found(ann, "northwind")
    with pytest.raises(SlugRefused):
        found(ann, slug)


def test_an_address_that_looks_like_a_publisher_is_refused(database):
    with psycopg.connect(database.superuser) as connection:
        connection.execute(
            "insert into catalogue.publishers (tenant_id, handle, name) values (gen_random_uuid(), 'openworks', 'Openworks')"
        )
    with pytest.raises(SlugRefused):
        found(arrive("Ann Lee", 1), "0penworks")


def test_a_personal_workspace_gets_the_nearest_free_address():
    slugs = []
    for number, name in enumerate(["Ann-Lee", "annlee", "ann-lee", "Żółw", "李", "admin", "x" * 60]):
        person = arrive(name, number)
        with tenant_session(person.home) as session:
            slugs.append(session.get_one(Tenant, person.home).slug)
    assert slugs == ["ann-lee", "annlee-2", "ann-lee-3", "zow", "space", "admin-2", "x" * 32]


def test_only_domains_may_reach_across_workspaces():
    def steal(session):
        return session.exec(select(Tenant)).all()

    with pytest.raises(TypeError):
        identity.in_platform(steal)


def test_one_person_makes_only_so_many_workspaces():
    ann, ben = arrive("Ann Lee", 1), arrive("Ben Roy", 2)
    for number in range(MOST_OWNED - 1):  # the personal one counts too
        found(ann, f"annex-{number:02d}-hall")
    with pytest.raises(WorkspacesFull, match="20 workspaces"):
        found(ann, "one-too-many")
    assert found(ben, "one-too-many")
