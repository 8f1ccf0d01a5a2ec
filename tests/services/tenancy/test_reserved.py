"""Workspaces that the platform keeps for itself, on new installations and on those of an earlier version."""

import psycopg
import pytest

from agent_platform.core.settings import get_settings
from agent_platform.services import identity, tenancy
from workers import upkeep

WORKSPACES = """
    SELECT t.slug, s.key, l.cap FROM app.tenants t JOIN platform.settings s ON s.value->>'tenant_id' = t.id::text
    JOIN app.tenant_slots l ON l.tenant_id = t.id WHERE t.slug IN ('demo', 'platform-tests') ORDER BY 1
"""


@pytest.fixture
def rows(settings, database, monkeypatch):
    """What stands in the database, read past every fence; `migrate` has the owner's login, as at each start."""
    monkeypatch.setenv("DATABASE_URL", database.owner)
    get_settings.cache_clear()
    with psycopg.connect(database.superuser, autocommit=True) as connection:

        def rows(query=WORKSPACES):
            found = connection.execute(query)
            return found.fetchall() if found.description else []

        yield rows


def forget_demos(rows) -> None:
    """As an installation was whose operator came before there were demos."""
    rows("DELETE FROM app.tenant_slots WHERE tenant_id IN (SELECT id FROM app.tenants WHERE slug = 'demo')")
    rows("DELETE FROM app.tenants WHERE slug = 'demo'")
    rows("DELETE FROM platform.settings WHERE key = 'demo'")


def test_an_installation_of_an_earlier_version_has_its_demo_workspace_once_it_is_migrated(rows):
    identity.in_platform(identity.admin_link)
    before = rows()
    forget_demos(rows)
    assert tenancy.find_demo_workspace() is None
    upkeep.migrate()
    assert tenancy.find_demo_workspace() is not None
    assert rows() == before == [("demo", "demo", tenancy.DEMO_PLACES), ("platform-tests", "tests", before[1][2])]


def test_migrating_again_makes_no_second_one(rows):
    identity.in_platform(identity.admin_link)
    found = tenancy.find_demo_workspace()
    for _ in range(2):
        upkeep.migrate()
    assert tenancy.find_demo_workspace() == found
    assert len(rows()) == 2


def test_before_there_is_an_operator_nothing_is_made(rows):
    upkeep.migrate()
    assert rows() == []
    assert tenancy.find_tests_workspace() is None
