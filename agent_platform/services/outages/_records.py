"""Only answers are noted. Any silence between two of them is an outage, whoever slept: the component, its watcher, the machine."""

from datetime import datetime

from sqlalchemy import text

from agent_platform.core.db.engine import engine_of, serving_role
from agent_platform.core.db.tenant import TenantSession

BROKER = "broker"
# A restart is shorter; an agent gives up after 25 s (agent_platform/sdk/_door.py).
SILENCE_SECONDS = 10
LOOK_BACK_SECONDS = 60
NOTE_ANSWER = text(
    "WITH last AS (SELECT answered_at FROM platform.components WHERE name = :component FOR UPDATE),"
    " silence AS (INSERT INTO platform.outages (component, began_at, ended_at, was_asked)"
    " SELECT :component, answered_at, now(), :was_asked FROM last WHERE answered_at < now() - make_interval(secs => :silence)"
    " RETURNING ended_at - began_at AS lasted)"
    # reads the silence first: once the row is changed, its old moment cannot be read any more
    " INSERT INTO platform.components (name, answered_at) SELECT :component, now() FROM (SELECT count(*) FROM silence) AS first"
    " ON CONFLICT (name) DO UPDATE SET answered_at = now()"
    " RETURNING CAST(extract(epoch FROM (SELECT lasted FROM silence)) AS float)"
)
WAS_OUT = text(
    "SELECT NOT EXISTS (SELECT 1 FROM platform.components WHERE name = :component"
    " AND answered_at >= now() - make_interval(secs => :silence))"
    " OR EXISTS (SELECT 1 FROM platform.outages WHERE component = :component AND ended_at > greatest(:since,"
    " least(coalesce(CAST(:until AS timestamptz), now()), now()) - make_interval(secs => :look_back)))"
)


def note_answer(component: str, *, was_asked: bool) -> float | None:
    """The component answered just now. Returns for how many seconds it had been silent before, if that was an outage.

    `was_asked`: whether it was asked in vain since its last answer; else nobody watched, which counts as an outage too.
    """
    values = {"component": component, "was_asked": was_asked, "silence": SILENCE_SECONDS}
    with engine_of(serving_role()).begin() as connection:
        return connection.execute(NOTE_ANSWER, values).scalar_one()


def was_out(session: TenantSession, component: str, *, since: datetime, until: datetime | None) -> bool:
    """Whether the component is silent now, or was in the minute before `until` or later, but after `since`.

    `until` may come from the clock of another machine: one that is ahead is not believed, one that is behind only looks further
    back. A component that never answered counts as silent.
    """
    values = {"component": component, "since": since, "until": until}
    limits = {"silence": SILENCE_SECONDS, "look_back": LOOK_BACK_SECONDS}
    return session.execute(WAS_OUT, values | limits).scalar_one()
