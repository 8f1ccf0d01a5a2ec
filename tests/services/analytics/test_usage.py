"""Figures and series of a workspace's usage equal the facts they come from, for this workspace alone."""

from datetime import UTC, datetime
from types import SimpleNamespace

import pytest

from agent_platform.core.db.engine import acting_as
from agent_platform.core.db.tenant import tenant_session
from agent_platform.core.ids import new_id
from agent_platform.services import analytics
from agent_platform.views.usage_charts import running_chart, runs_chart, spend_chart, times_chart
from tests.factories import make_tenant

RUNS = [
    ("a/one", "succeeded", None, 1_000),
    ("a/one", "capped", "cap_reached", 3_000),
    ("a/two", "failed", "agent_error", 0),
    ("a/two", "failed", "input_invalid", 0),
]
CLASSES = {"cap_reached": "cap", "input_invalid": "input", "launch_failed": "platform", "worker_lost": "platform"}


@pytest.fixture
def tenant(settings):
    tenant_id, other = make_tenant(), make_tenant()
    for owner, runs in ((tenant_id, RUNS), (other, RUNS[:1] * 3)):
        for ref, state, code, cost in runs:
            record(owner, ref, state, code, cost)
    return tenant_id


def record(tenant_id, ref, state, code, cost):
    now = datetime.now(UTC)
    run = SimpleNamespace(
        id=new_id(),
        agent_ref=ref,
        release_id=None,
        state=state,
        failure_code=code,
        failure_class=CLASSES.get(code, "agent") if code else None,
        charged_micro_usd=cost,
        queued_at=now,
        started_at=now,
        finished_at=now,
    )
    with acting_as("worker"), tenant_session(tenant_id) as session:
        analytics.record_run(session, run)


@pytest.mark.parametrize("name", ["24h", "7d", "30d", "90d", "nonsense"])
def test_every_range_counts_the_same_facts(tenant, name):
    with tenant_session(tenant) as session:
        wanted = analytics.period(session, name)
        figures = analytics.figures(session, wanted=wanted)
        buckets = analytics.runs_by_outcome(session, wanted=wanted)
        spend = analytics.spend_by_agent(session, wanted=wanted)
    assert (figures.runs, figures.cost_micro_usd) == (4, 4_000)
    assert sum(bucket.succeeded + bucket.capped + bucket.failed for bucket in buckets) == 4
    assert sum(point.cost_micro_usd for point in spend) == sum(bucket.cost_micro_usd for bucket in buckets) == 4_000


def test_success_leaves_out_failures_of_input(tenant):
    with tenant_session(tenant) as session:
        figures = analytics.figures(session, wanted=analytics.period(session, "7d"))
    assert figures.success_share == pytest.approx(2 / 3)
    assert figures.cost_per_success_micro_usd == 2_000


def test_the_rate_of_a_workspace_agrees_with_those_of_its_agents(tenant):
    record(tenant, "a/one", "failed", "launch_failed", 0)
    record(tenant, "a/one", "failed", "worker_lost", 0)
    record(tenant, "a/one", "failed", "of_the_agent_s_own_making", 0)
    record(tenant, "a/two", "cancelled", None, 0)
    record(tenant, "a/two", "timed_out", "timed_out", 0)
    with tenant_session(tenant) as session:
        wanted = analytics.period(session, "7d")
        whole, parts = (
            analytics.figures(session, wanted=wanted),
            analytics.usage_by_agent(session, wanted=wanted),
        )
    assert {part.agent_ref: (part.good, part.bad) for part in parts} == {"a/one": (2, 1), "a/two": (0, 2)}
    assert (whole.good, whole.bad) == (sum(part.good for part in parts), sum(part.bad for part in parts))
    assert whole.success_share == 2 / 5


def test_nothing_that_counts_has_no_rate_and_an_agent_whose_runs_all_count_as_input_has_none_either(tenant):
    record(tenant, "a/three", "failed", "input_invalid", 0)
    with tenant_session(tenant) as session:
        wanted = analytics.period(session, "7d")
        row = next(one for one in analytics.usage_by_agent(session, wanted=wanted) if one.agent_ref == "a/three")
    assert (row.success_share, row.cost_per_success_micro_usd) == (None, None)


def test_an_agent_can_be_looked_at_alone(tenant):
    with tenant_session(tenant) as session:
        wanted = analytics.period(session, "24h")
        assert analytics.figures(session, wanted=wanted, agent_ref="a/one").runs == 2
        assert (
            sum(bucket.failed for bucket in analytics.runs_by_outcome(session, wanted=wanted, agent_ref="a/two")) == 2
        )


def test_reasons_come_most_frequent_first(tenant):
    with tenant_session(tenant) as session:
        reasons = analytics.failure_reasons(session, wanted=analytics.period(session, "7d"))
    assert {reason.code: reason.runs for reason in reasons} == {"agent_error": 1, "input_invalid": 1}


def test_charts_say_in_words_and_tables_what_they_draw(tenant):
    with tenant_session(tenant) as session:
        wanted = analytics.period(session, "7d")
        buckets = analytics.runs_by_outcome(session, wanted=wanted)
        slots = [bucket.at for bucket in buckets]
        spend = spend_chart(analytics.spend_by_agent(session, wanted=wanted), slots, {"a/one": "One"}, hourly=False)
        times = times_chart(analytics.run_times(session, wanted=wanted), slots, hourly=False)
        running = running_chart(analytics.running_series(session), 2)
    assert spend[1] == "Spend by agent: $0.004000 in all."
    assert spend[2].rows[-1][1] == "$0.004000"
    assert runs_chart(buckets, hourly=False)[1] == "Runs by outcome: 4 runs in 7 days."
    assert len(times[2].rows) == 1
    assert running[1] == "At most 0 at once in the last hour, quota 2."
