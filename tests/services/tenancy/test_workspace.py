import psycopg
import pytest

from agent_platform.core.errors import InputInvalid
from agent_platform.services import identity, tenancy
from agent_platform.services.tenancy.errors import RoleTooLow, SlugInUse, SlugRefused
from tests.doubles.people import arrive, enrol, found, inside


@pytest.fixture
def owner(settings):
    return arrive("Ann Lee", 1)


@pytest.fixture
def acme(owner):
    return found(owner, "acme")


def address(slug):
    return identity.in_platform(tenancy.find_tenant_by_slug, slug=slug)


def test_the_old_address_leads_to_the_new_one_and_is_free_for_nobody_else(acme, owner):
    inside(acme, tenancy.change_slug, slug="acme-works", by=owner.id)
    assert address("acme-works").slug == "acme-works"
    assert address("acme").slug == "acme-works"
    with pytest.raises(SlugRefused):
        found(owner, "acme")


def test_the_old_address_leads_nowhere_after_90_days(acme, owner, database):
    inside(acme, tenancy.change_slug, slug="acme-works", by=owner.id)
    with psycopg.connect(database.superuser) as connection:
        connection.execute("update app.lookups set expires_at = now() where expires_at is not null")
    assert address("acme") is None


def test_a_workspace_may_return_to_its_old_address(acme, owner):
    inside(acme, tenancy.change_slug, slug="acme-works", by=owner.id)
    inside(acme, tenancy.change_slug, slug="acme", by=owner.id)
    assert address("acme").slug == "acme"
    assert address("acme-works").slug == "acme"


def test_the_address_stays_while_something_is_published_beneath_it(acme, owner, database):
    with psycopg.connect(database.superuser) as connection:
        connection.execute(
            "insert into catalogue.listings (id, tenant_id, publisher, slug, name, summary, category, kind, state, visibility,"
            " release_id, version, price_model, price_label, price_unit, permission_level) values (gen_random_uuid(), %s, 'acme',"
            " 'tool', 'Tool', '', 'x', 'job', 'published', 'public', gen_random_uuid(), '1.0.0', 'free', 'Free', '', 'low')",
            [acme],
        )
    with pytest.raises(SlugInUse):
        inside(acme, tenancy.change_slug, slug="acme-works", by=owner.id)
    assert address("acme").slug == "acme"


@pytest.mark.parametrize("slug", ["annlee", "ann-lee", "www", "x", "4nn_lee"])
def test_taken_look_alike_reserved_and_malformed_addresses_are_refused(acme, owner, slug):
    with pytest.raises(SlugRefused):
        inside(acme, tenancy.change_slug, slug=slug, by=owner.id)
    assert address("acme").slug == "acme"


def test_name_and_time_zone_change_for_admins_only(acme, owner):
    bob = arrive("Bob", 2)
    inside(acme, enrol, person=bob, role="member")
    for change in (
        lambda by: inside(acme, tenancy.rename, name="  Acme \u202e Works\n", by=by),
        lambda by: inside(acme, tenancy.set_time_zone, time_zone="Europe/Berlin", by=by),
        lambda by: inside(acme, tenancy.change_slug, slug="acme-works", by=by),
    ):
        with pytest.raises(RoleTooLow):
            change(bob.id)
        change(owner.id)
    workspace = inside(acme, tenancy.get_workspace)
    assert (workspace.name, workspace.time_zone, workspace.slug) == ("Acme Works", "Europe/Berlin", "acme-works")


@pytest.mark.parametrize("name", ["", "   ", "\u200b", "x" * 81])
def test_a_name_needs_visible_characters(acme, owner, name):
    with pytest.raises(InputInvalid):
        inside(acme, tenancy.rename, name=name, by=owner.id)


def test_the_checklist_stays_dismissed(acme):
    inside(acme, tenancy.dismiss_checklist)
    first = inside(acme, tenancy.get_workspace).checklist_dismissed_at
    inside(acme, tenancy.dismiss_checklist)
    assert first is not None
    assert inside(acme, tenancy.get_workspace).checklist_dismissed_at == first
