"""The head of a run's page and its three-part strip, as text."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, tzinfo

from agent_platform.core.ids import shown
from agent_platform.core.money import compute_cost_micro_usd
from agent_platform.core.policy import LADDER, Caller
from agent_platform.models.runs import FINAL_RUN_STATES, Origin, Run, RunAttempt, RunState
from agent_platform.services.billing import History, consumer_pays_compute
from agent_platform.views.format import (
    MoneyView,
    count,
    duration_ms,
    money_exact,
    money_short,
    money_text,
    percent,
    span,
    zone_text,
)
from agent_platform.views.parts import MeterView, MoneyLine, meter_view
from agent_platform.views.people import avatar_path, initials
from agent_platform.views.run_words import message_of, one_line

ORIGINS = {
    Origin.WEB: "from web",
    Origin.API: "by API",
    Origin.TEST: "as a test",
    Origin.DEMO: "as a demo",
    Origin.PARENT: "by another run",
}
STOPPABLE = frozenset(RunState) - FINAL_RUN_STATES - {RunState.STOPPING}


@dataclass(frozen=True)
class RunHead:
    """What does not change while a run is watched, but for what may be done with it."""

    id: str = ""
    short_id: str = ""
    title: str = ""
    slug: str = ""
    agent: str = ""
    agent_href: str = ""
    review_href: str = ""  # empty where this run gives nobody a say
    downloads: str = ""
    version: str = ""
    started_by: str = ""
    by_initials: str = ""
    by_picture: str = ""  # the path of their picture, empty without one
    zone: str = ""  # of every time on the page
    can_stop: bool = False
    can_rerun: bool = False
    finished: bool = False
    dry_run: bool = False


@dataclass(frozen=True)
class RunStrip:
    """Status, cost and money of one moment; `spoken` changes rarely, for screen readers."""

    state: str = "queued"
    elapsed: str = ""
    message: str = ""
    progress: str = ""
    note: str = ""
    cost: MoneyView = MoneyView("")
    of_cap: str = ""
    used: str = ""
    meter: MeterView = MeterView()
    money: list[MoneyLine] = field(default_factory=list)
    stop_effect: str = ""
    spoken: str = ""


def download_base(run: Run) -> str:
    """Beneath it lie export.csv, export.json, export.jsonl, log.txt, receipt.json and files/<name>."""
    return f"/download/runs/{shown('run', run.id)}"


def pill_of(run: Run) -> str:
    """The word of the status vocabulary: the state, or `worker_lost`."""
    return "worker_lost" if run.state == RunState.FAILED and run.failure_code == "worker_lost" else run.state


def may_stop(run: Run, caller: Caller) -> bool:
    """Members stop their own runs, admins and owners any."""
    if run.state not in STOPPABLE or run.stop_reason or caller.role not in LADDER[1:]:
        return False
    return caller.role != "member" or run.started_by_user_id == caller.user_id


def _review_href(run: Run, caller: Caller) -> str:
    """Of a good run of somebody else's agent; the page it leads to says who may not review."""
    counts = run.state == RunState.SUCCEEDED and run.release_id is not None and not run.is_dry_run
    may = caller.role in LADDER[1:] and run.origin in {Origin.WEB, Origin.API}
    return f"/agents/{run.agent_ref}?tab=reviews" if counts and may else ""


def head_of(run: Run, caller: Caller, avatar_key: str | None = None) -> RunHead:
    identifier = shown("run", run.id)
    return RunHead(
        id=identifier,
        short_id=f"{identifier[:12]}\N{HORIZONTAL ELLIPSIS}{identifier[-4:]}",
        title=one_line(run.title or run.agent_name),
        slug=run.agent_ref.partition("/")[2],
        agent=one_line(run.agent_name),
        agent_href=f"/agents/{run.agent_ref}",
        review_href=_review_href(run, caller),
        downloads=download_base(run),
        version=run.version,
        started_by=f"by {one_line(run.started_by_name or 'the workspace')}, {ORIGINS.get(Origin(run.origin), '')}",
        by_initials=initials(one_line(run.started_by_name or "")),
        by_picture=avatar_path(run.started_by_user_id, avatar_key),
        zone=zone_text(caller.time_zone),
        can_stop=may_stop(run, caller),
        can_rerun=caller.role in LADDER[1:],
        finished=run.state in FINAL_RUN_STATES,
        dry_run=run.is_dry_run,
    )


def strip_of(
    run: Run,
    attempts: Sequence[RunAttempt],
    *,
    now: datetime,
    zone: tzinfo,
    place: int = 0,
    history: History | None = None,
) -> RunStrip:
    """`place` is its place in the workspace's queue; `history` gives the usual range of the meter."""
    cost = cost_so_far(run, attempts, now=now)
    usual = history or History()
    return RunStrip(
        state=pill_of(run),
        elapsed=_elapsed(run, now),
        message=message_of(run, place=place, now=now, zone=zone),
        progress=_progress(run),
        note=_note(run, usual, now=now),
        cost=money_exact(cost),
        of_cap=f"of {money_short(run.cap_micro_usd)} hard cap",
        used=_used(run, cost),
        meter=meter_view(cost, run.cap_micro_usd, p50=usual.p50_micro_usd, p90=usual.p90_micro_usd),
        money=_money(run, cost),
        stop_effect=_stop_effect(run, cost),
        spoken=_spoken(run, cost),
    )


def cost_so_far(run: Run, attempts: Sequence[RunAttempt], *, now: datetime) -> int:
    """What is captured, what child runs cost or hold, and the sandbox time so far where the consumer pays it; exact once the run is final."""
    if run.finished_at is not None:
        return run.charged_micro_usd + run.child_micro_usd
    return run.charged_micro_usd + run.child_micro_usd + sandbox_so_far(run, attempts, now=now)


def sandbox_so_far(run: Run, attempts: Sequence[RunAttempt], *, now: datetime) -> int:
    """Sandbox time the consumer will pay for an unfinished run, never past its cap."""
    if not consumer_pays_compute(run.price):
        return 0
    spent = run.compute_micro_usd
    for attempt in attempts:
        if attempt.number == run.attempt and attempt.ready_at is not None and attempt.ended_at is None:
            milliseconds = max(0, round((now - attempt.ready_at).total_seconds() * 1000))
            spent += compute_cost_micro_usd(run.memory_mb, milliseconds)
    return min(spent, run.cap_micro_usd - run.charged_micro_usd - run.child_micro_usd)


def run_ms(run: Run, now: datetime) -> int | None:
    """From its first start to its end, or until now; None before it started."""
    if run.started_at is None:
        return None
    return max(0, round(((run.finished_at or now) - run.started_at).total_seconds() * 1000))


def _elapsed(run: Run, now: datetime) -> str:
    milliseconds = run_ms(run, now)
    if milliseconds is not None:
        return duration_ms(milliseconds)
    waited = ((run.finished_at or now) - run.queued_at).total_seconds()
    return duration_ms(max(0, round(waited * 1000)))


def _progress(run: Run) -> str:
    if run.state != RunState.RUNNING or run.progress_done is None or not run.progress_total:
        return ""
    return f"{min(max(run.progress_done / run.progress_total, 0), 1) * 100:.1f}%"


def _note(run: Run, usual: History, *, now: datetime) -> str:
    left = _seconds_left(run, now) if run.state == RunState.RUNNING else None
    parts = [f"About {span(left)} left."] if left is not None else []
    if run.state in {RunState.QUEUED, RunState.STARTING, RunState.RUNNING} and usual.p50_ms:
        parts.append(f"Half of all runs take under {duration_ms(usual.p50_ms)}.")
    return " ".join(parts)


def _seconds_left(run: Run, now: datetime) -> int | None:
    milliseconds = run_ms(run, now)
    if not milliseconds or not run.progress_done or not run.progress_total or run.progress_done >= run.progress_total:
        return None
    return max(1, round(milliseconds / 1000 * (run.progress_total - run.progress_done) / run.progress_done))


def _used(run: Run, cost: int) -> str:
    used = f"{percent(cost / run.cap_micro_usd, 0 if cost * 100 >= run.cap_micro_usd else 2)} used"
    primary = next((event for event in run.price.get("events", {}).values() if event.get("primary")), None)
    if (
        run.state in FINAL_RUN_STATES
        or primary is None
        or not primary["price_micro_usd"]
        or run.price["model"] == "per_run"
    ):
        return used
    room = (run.cap_micro_usd - cost) // primary["price_micro_usd"]
    title = one_line(primary.get("title", "event"), 40)
    return f"{used}, room for {count(room)} \N{MULTIPLICATION SIGN} {title[:1].lower() + title[1:]}"


def _money(run: Run, cost: int) -> list[MoneyLine]:
    if run.is_dry_run:
        return [MoneyLine("Charged", money_exact(0), note="demo" if run.origin == Origin.DEMO else "dry run")]
    lines = [MoneyLine("Reserved", money_exact(run.cap_micro_usd))]
    children = [MoneyLine("Child runs", money_exact(run.child_micro_usd))] if run.child_count else []
    if run.state in FINAL_RUN_STATES:
        lines += [MoneyLine("Charged", money_exact(run.charged_micro_usd)), *children]
        return [*lines, MoneyLine("Released", money_exact(run.cap_micro_usd - cost))]
    lines += [MoneyLine("Captured", money_exact(run.charged_micro_usd)), *children]
    if consumer_pays_compute(run.price):
        lines.append(MoneyLine("Sandbox time so far", money_exact(cost - run.charged_micro_usd - run.child_micro_usd)))
    return [*lines, MoneyLine("Left", money_exact(run.cap_micro_usd - cost))]


def _stop_effect(run: Run, cost: int) -> str:
    if run.started_at is None:
        return f"It has not started. Nothing is charged, and {money_short(run.cap_micro_usd)} are released at once."
    return (
        f"The agent gets 30 s to end. Rows stored so far are kept and paid, {money_text(cost)} until now;"
        f" the rest of {money_short(run.cap_micro_usd)} is released."
    )


def _spoken(run: Run, cost: int) -> str:
    """Changes with the state and with each tenth of the cap."""
    tenth = cost * 10 // run.cap_micro_usd
    state = pill_of(run).replace("_", " ").capitalize()
    if run.state in FINAL_RUN_STATES:
        return f"{state}. {money_text(cost)} charged."
    return f"{state}. {tenth * 10} % of the cap used."
