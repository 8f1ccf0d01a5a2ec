"""What our own records say of an attempt, where its sandbox's word alone would make the platform pay."""

from agent_platform.core.db.tenant import TenantSession
from agent_platform.models.runs import RunAttempt
from agent_platform.services import outages, runtime


def seen_of(session: TenantSession, attempt: RunAttempt, status: runtime.Status) -> runtime.Seen:
    """The database is asked only about an end that blames the platform on the sandbox's word."""
    if attempt.ready_at is None:
        return runtime.Seen(had_input=False)
    if not runtime.rests_on_its_word(status):
        return runtime.Seen(had_input=True)
    was_out = outages.was_out(session, outages.BROKER, since=attempt.ready_at, until=status.finished_at)
    return runtime.Seen(had_input=True, broker_was_out=was_out)
