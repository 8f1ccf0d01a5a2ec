"""The book of one tenant on a real database, as the roles that serve."""

from uuid import uuid4

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from agent_platform.core.db.engine import acting_as
from agent_platform.core.db.tenant import tenant_session
from agent_platform.core.ids import new_id
from agent_platform.services import billing, identity, runs, tenancy
from tests.doubles import people
from tests.factories import make_tenant


@pytest.fixture
def tenant(settings):
    tenant_id = make_tenant()
    with acting_as("worker"), tenant_session(tenant_id) as session:
        billing.grant_plan_credit(session, month="2026-11")
    return tenant_id


def reserve(tenant_id, run_id, amount):
    with tenant_session(tenant_id) as session:
        billing.reserve(session, run_id=run_id, amount_micro_usd=amount, any_credit=True)


def balances(tenant_id):
    with tenant_session(tenant_id) as session:
        assert billing.ledger_differences(session) == []
        found = billing.balance(session)
        return found.free_micro_usd, found.held_micro_usd


def test_a_plans_credit_is_granted_once_a_month(tenant):
    with acting_as("worker"), tenant_session(tenant) as session:
        assert billing.grant_plan_credit(session, month="2026-11") == 5_000_000
        assert billing.grant_plan_credit(session, month="2026-12") == 5_000_000
    assert balances(tenant) == (10_000_000, 0)


def test_the_credit_that_nobody_paid_for_is_given_once_to_each_person(settings):
    ann = people.arrive("Ann", 1)
    three = [ann.home, people.found(ann, "second", plan="free"), people.found(ann, "third", plan="free")]
    paid = people.found(ann, "paid", plan="team")
    with acting_as("worker"):
        for workspace in (*three, paid, paid, ann.home):
            runs.spread_grant(workspace, month="start")
    assert [balances(workspace)[0] for workspace in (*three, paid)] == [5_000_000, 0, 0, 20_000_000]
    bob = people.arrive("Bob", 2)
    people.inside(ann.home, people.enrol, person=bob, role="owner")
    fourth = people.found(bob, "fourth", plan="free")
    with acting_as("worker"):
        runs.spread_grant(fourth, month="start")
        runs.spread_grant(bob.home, month="start")
    owned = [one.id for one in identity.in_platform(tenancy.list_workspaces, user_id=bob.id) if one.id != ann.home]
    assert sorted(balances(workspace)[0] for workspace in owned) == [0, 5_000_000]


def test_reserve_capture_and_settle_follow_example_a(tenant):
    run_id, charge_id = new_id(), new_id()
    reserve(tenant, run_id, 500_000)
    assert balances(tenant) == (4_500_000, 500_000)
    with acting_as("broker"), tenant_session(tenant) as session:
        assert billing.capture(session, run_id=run_id, charge_id=charge_id, amount_micro_usd=166_000)
        assert not billing.capture(session, run_id=run_id, charge_id=charge_id, amount_micro_usd=166_000)
    with acting_as("worker"), tenant_session(tenant) as session:
        settled = billing.settle(session, run_id=run_id, compute_micro_usd=0)
    assert (settled.charged_micro_usd, settled.released_micro_usd) == (166_000, 334_000)
    assert balances(tenant) == (4_834_000, 0)


def test_what_a_run_captures_is_spent_and_the_whole_month_stays_the_same(tenant):
    run_id = new_id()
    months = [month(tenant)]
    reserve(tenant, run_id, 500_000)
    months.append(month(tenant))
    with acting_as("broker"), tenant_session(tenant) as session:
        billing.capture(session, run_id=run_id, charge_id=new_id(), amount_micro_usd=166_000)
    months.append(month(tenant))
    with acting_as("worker"), tenant_session(tenant) as session:
        billing.settle(session, run_id=run_id, compute_micro_usd=0)
    months.append(month(tenant))
    assert [(one.spent_micro_usd, one.balance.free_micro_usd, one.whole_micro_usd) for one in months] == [
        (0, 5_000_000, 5_000_000),
        (0, 4_500_000, 5_000_000),
        (166_000, 4_500_000, 5_000_000),
        (166_000, 4_834_000, 5_000_000),
    ]


def month(tenant_id):
    with tenant_session(tenant_id) as session:
        return billing.month(session)


def test_settling_twice_moves_money_once(tenant):
    run_id = new_id()
    reserve(tenant, run_id, 500_000)
    for _ in range(2):
        with acting_as("worker"), tenant_session(tenant) as session:
            billing.settle(session, run_id=run_id, compute_micro_usd=1_323)
    assert balances(tenant) == (4_998_677, 0)


def test_a_voided_charge_goes_back_to_the_hold(tenant):
    run_id, charge_id = new_id(), new_id()
    reserve(tenant, run_id, 20_000)
    with acting_as("broker"), tenant_session(tenant) as session:
        billing.capture(session, run_id=run_id, charge_id=charge_id, amount_micro_usd=20_000)
    with acting_as("worker"), tenant_session(tenant) as session:
        billing.void(session, run_id=run_id, source_id=charge_id, amount_micro_usd=20_000)
        assert billing.settle(session, run_id=run_id, compute_micro_usd=0).charged_micro_usd == 0
    assert balances(tenant) == (5_000_000, 0)


def test_more_than_the_balance_is_refused_and_nothing_moves(tenant):
    with pytest.raises(billing.BalanceTooLow, match=r"needs \$5\.00001.*has \$5\.00 free"):
        reserve(tenant, new_id(), 5_000_010)
    assert balances(tenant) == (5_000_000, 0)


def test_a_capture_beyond_the_hold_is_refused_by_the_database(tenant):
    run_id = new_id()
    reserve(tenant, run_id, 10_000)
    with (
        acting_as("broker"),
        pytest.raises(DBAPIError, match="pockets_never_negative"),
        tenant_session(tenant) as session,
    ):
        billing.capture(session, run_id=run_id, charge_id=new_id(), amount_micro_usd=10_001)
    assert balances(tenant) == (4_990_000, 10_000)


@pytest.mark.sec
def test_the_web_role_cannot_mint_money(tenant):
    for kind in ("spent", "clearing", "pending"):
        with pytest.raises(DBAPIError, match="row-level security"), tenant_session(tenant) as session:
            _raw_journal(session, (("grant", 1_000_000), (kind, -1_000_000)))
    assert balances(tenant) == (5_000_000, 0)


@pytest.mark.sec
def test_a_journal_that_does_not_balance_dies_at_commit(tenant):
    with acting_as("worker"), pytest.raises(DBAPIError, match="does not balance"), tenant_session(tenant) as session:
        _raw_journal(session, (("grant", 5),))


@pytest.mark.sec
def test_nobody_rewrites_the_books(tenant):
    for role in ("app", "worker", "broker"):
        for statement in (
            "UPDATE app.postings SET amount_micro_usd = 1",
            "DELETE FROM app.postings",
            "DELETE FROM app.journals",
        ):
            with (
                acting_as(role),
                pytest.raises(DBAPIError, match="permission denied"),
                tenant_session(tenant) as session,
            ):
                session.execute(text(statement))


def test_the_books_of_consumer_creator_and_operator_clear_to_zero(settings):
    consumer, creator, operator = make_tenant(), make_tenant(), make_tenant()
    run_id = new_id()
    with acting_as("worker"):
        with tenant_session(consumer) as session:
            granted = billing.grant_plan_credit(session, month="m")
        with tenant_session(operator) as session:
            billing.book_grant(session, tenant_id=consumer, month="m", amount_micro_usd=granted)
    reserve(consumer, run_id, 500_000)
    with acting_as("broker"), tenant_session(consumer) as session:
        billing.capture(session, run_id=run_id, charge_id=uuid4(), amount_micro_usd=166_000)
    split = billing.Split(price_micro_usd=166_000, passed_on_micro_usd=0, compute_micro_usd=1_323)
    with acting_as("worker"):
        with tenant_session(consumer) as session:
            billing.settle(session, run_id=run_id, compute_micro_usd=0)
        for _ in range(2):
            with tenant_session(creator) as session:
                billing.earn(session, run_id=run_id, split=split)
            with tenant_session(operator) as session:
                billing.collect_fee(session, run_id=run_id, split=split, has_creator=True)
        assert _account(creator, "pending") == 139_777
        assert _account(operator, "fee") == 24_900
        assert _account(operator, "compute_cost") == 1_323
        assert sum(_account(tenant, "clearing") for tenant in (consumer, creator, operator)) == 0


def test_a_refunded_run_costs_the_creator_its_sandbox_time():
    split = billing.Split(price_micro_usd=0, passed_on_micro_usd=0, compute_micro_usd=56)
    assert split.earned_micro_usd == -56


def _account(tenant_id, kind):
    with tenant_session(tenant_id) as session:
        return session.execute(
            text("SELECT coalesce(sum(balance_micro_usd), 0) FROM app.accounts WHERE kind = :kind"), {"kind": kind}
        ).scalar_one()


def _raw_journal(session, lines):
    journal = new_id()
    session.execute(
        text("INSERT INTO app.journals (tenant_id, id, kind, source_id) VALUES (:t, :id, 'forged', :id)"),
        {"t": session.tenant_id, "id": journal},
    )
    for number, (kind, amount) in enumerate(lines):
        session.execute(
            text(
                "INSERT INTO app.accounts (tenant_id, id, kind, name) VALUES (:t, :id, :k, :k) ON CONFLICT DO NOTHING"
            ),
            {"t": session.tenant_id, "id": new_id(), "k": kind},
        )
        account = session.execute(text("SELECT id FROM app.accounts WHERE kind = :k LIMIT 1"), {"k": kind}).scalar_one()
        session.execute(
            text("INSERT INTO app.postings VALUES (:t, :j, :n, :a, :k, :m)"),
            {"t": session.tenant_id, "j": journal, "n": number, "a": account, "k": kind, "m": amount},
        )
