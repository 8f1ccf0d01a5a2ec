"""How many runs were under way at once, however short they were."""

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import text

from agent_platform.core.db.tenant import tenant_session
from agent_platform.services import analytics
from tests.doubles.running import make_run, make_workspace


@pytest.fixture
def workspace(settings):
    return make_workspace()


def ran(workspace, since, until=None):
    """A run that was under way from `since` to `until` seconds ago; None: still."""
    run_id, now = make_run(workspace, cap_micro_usd=10), datetime.now(UTC)
    ended = now - timedelta(seconds=until) if until is not None else None
    with tenant_session(workspace.id) as session:
        session.execute(
            text("UPDATE app.runs SET started_at = :began, finished_at = :ended WHERE id = :id"),
            {"id": run_id, "began": now - timedelta(seconds=since), "ended": ended},
        )


def numbers(workspace):
    with tenant_session(workspace.id) as session:
        return [number for _, number in analytics.running_series(session)]


def test_a_run_of_a_second_is_seen_in_its_minute_alone(workspace):
    ran(workspace, 631, 630)
    assert numbers(workspace) == [0] * 49 + [1] + [0] * 10


def test_runs_one_after_the_other_were_one_at_once(workspace):
    ran(workspace, 640, 635)
    ran(workspace, 630, 625)
    assert max(numbers(workspace)) == 1


def test_runs_beside_each_other_are_counted_together_and_those_that_go_on_stay(workspace):
    ran(workspace, 4_000)
    ran(workspace, 4_000, 3_900)
    ran(workspace, 630, 500)
    assert numbers(workspace) == [1] * 49 + [2] * 3 + [1] * 8


def test_another_workspace_is_not_counted(workspace):
    ran(make_workspace("elsewhere"), 631, 630)
    assert set(numbers(workspace)) == {0}
