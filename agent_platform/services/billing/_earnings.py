"""What crosses books: each side passes its own clearing account, in a session of its own tenant."""

from dataclasses import dataclass, replace
from uuid import UUID, uuid5

from sqlalchemy import text

from agent_platform.core.db.tenant import TenantSession
from agent_platform.core.money import share_micro_usd
from agent_platform.models.money import AccountKind
from agent_platform.services.billing import _ledger

FLOAT_MICRO_USD = 5_000_000_000  # what a few tests of the dearest agents set aside at once
# A personal workspace has the id of its person, who gets exactly one.
PLAN = text(
    "SELECT p.credit_micro_usd, p.credit_is_funded,"
    " EXISTS (SELECT 1 FROM app.memberships m WHERE m.tenant_id = t.id AND m.user_id = t.id) AS is_personal"
    " FROM app.tenants t JOIN platform.plans p ON p.name = t.plan"
)


@dataclass(frozen=True)
class Split:
    """How the settlement of one run is divided. `price` was paid for events, `passed_on` for sandbox time."""

    price_micro_usd: int
    passed_on_micro_usd: int
    compute_micro_usd: int
    refunded_by_platform: bool = False

    @property
    def share_micro_usd(self) -> int:
        return share_micro_usd(self.price_micro_usd)

    @property
    def fee_micro_usd(self) -> int:
        return self.price_micro_usd - self.share_micro_usd

    @property
    def borne_by_creator_micro_usd(self) -> int:
        return 0 if self.refunded_by_platform else self.compute_micro_usd - self.passed_on_micro_usd

    @property
    def earned_micro_usd(self) -> int:
        return self.share_micro_usd - self.borne_by_creator_micro_usd


def earn(session: TenantSession, *, run_id: UUID, split: Split) -> bool:
    """The creator's book shows the share of this run, less the sandbox time the price includes. Idempotent by run."""
    clearing = _ledger.account(session, AccountKind.CLEARING)
    pending = _ledger.account(session, AccountKind.PENDING)
    earned = split.earned_micro_usd
    lines = [replace(clearing, amount_micro_usd=-earned), replace(pending, amount_micro_usd=earned)]
    return _ledger.post(session, "earn", run_id, lines, run_id=run_id)


def collect_fee(session: TenantSession, *, run_id: UUID, split: Split, has_creator: bool) -> bool:
    """The operator's book shows fee and sandbox cost of this run. Idempotent by run."""
    clearing = _ledger.account(session, AccountKind.CLEARING)
    fee = _ledger.account(session, AccountKind.FEE)
    cost = _ledger.account(session, AccountKind.COMPUTE_COST)
    kept = split.fee_micro_usd if has_creator else split.price_micro_usd
    recovered = split.passed_on_micro_usd + (split.borne_by_creator_micro_usd if has_creator else 0)
    lines = [
        replace(clearing, amount_micro_usd=-(kept + recovered)),
        replace(fee, amount_micro_usd=kept),
        replace(cost, amount_micro_usd=recovered),
    ]
    return _ledger.post(session, "fee", run_id, lines, run_id=run_id)


def grant_plan_credit(session: TenantSession, *, month: str) -> int:
    """The tenant holds its plan's credit for the month. Idempotent by month. Returns the amount.

    Credit that nobody paid for is given to people, not to workspaces, of which one person may make many: to their personal one.
    """
    plan = session.execute(PLAN).one()
    if not plan.credit_micro_usd or not (plan.credit_is_funded or plan.is_personal):
        return 0
    grant = _ledger.account(session, AccountKind.GRANT, f"plan {month}", funded=plan.credit_is_funded)
    clearing = _ledger.account(session, AccountKind.CLEARING)
    source = uuid5(session.tenant_id, f"plan {month}")
    lines = [
        replace(clearing, amount_micro_usd=-plan.credit_micro_usd),
        replace(grant, amount_micro_usd=plan.credit_micro_usd),
    ]
    _ledger.post(session, "grant", source, lines)
    return plan.credit_micro_usd


def lend_float(session: TenantSession) -> int:
    """The workspace holds money of the platform that pays for daily tests and comes back from each. Once. Returns the amount."""
    grant = _ledger.account(session, AccountKind.GRANT, "tests", funded=True)
    clearing = _ledger.account(session, AccountKind.CLEARING)
    lines = [replace(clearing, amount_micro_usd=-FLOAT_MICRO_USD), replace(grant, amount_micro_usd=FLOAT_MICRO_USD)]
    return FLOAT_MICRO_USD if _ledger.post(session, "grant", uuid5(session.tenant_id, "tests"), lines) else 0


def book_grant(session: TenantSession, *, tenant_id: UUID, month: str, amount_micro_usd: int) -> bool:
    """The operator's book shows what the platform gave away to a tenant."""
    granted = _ledger.account(session, AccountKind.GRANTED)
    clearing = _ledger.account(session, AccountKind.CLEARING)
    lines = [replace(granted, amount_micro_usd=-amount_micro_usd), replace(clearing, amount_micro_usd=amount_micro_usd)]
    return _ledger.post(session, "granted", uuid5(tenant_id, f"plan {month}"), lines)
