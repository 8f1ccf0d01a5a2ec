"""The list of runs and its filters."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from urllib.parse import urlencode

from agent_platform.core.ids import shown
from agent_platform.core.policy import Caller
from agent_platform.models.runs import FINAL_RUN_STATES, Run, RunState
from agent_platform.services.runs import RunPage
from agent_platform.views.format import MoneyView, ago, count, duration_ms, money_exact
from agent_platform.views.parts import OptionView
from agent_platform.views.run import may_stop, pill_of, run_ms
from agent_platform.views.run_words import one_line

# name of a group in the URL: (word, states); a single state may stand there too
GROUPS: dict[str, tuple[str, tuple[RunState, ...]]] = {
    "": ("All", ()),
    "open": ("In progress", tuple(state for state in RunState if state not in FINAL_RUN_STATES)),
    "succeeded": ("Succeeded", (RunState.SUCCEEDED,)),
    "capped": ("Stopped at cap", (RunState.CAPPED,)),
    "failed": ("Failed", (RunState.FAILED, RunState.TIMED_OUT)),
    "cancelled": ("Cancelled", (RunState.CANCELLED,)),
}
MOST_FIND = 100


@dataclass(frozen=True)
class RunListRow:
    id: str
    href: str
    title: str
    agent: str
    slug: str
    state: str
    started_by: str
    time: str
    charged: MoneyView
    ago: str
    can_stop: bool


@dataclass(frozen=True)
class RunListView:
    """`groups` are links; `agents` are the choices of the agent filter, the first being all."""

    rows: list[RunListRow] = field(default_factory=list)
    groups: list[OptionView] = field(default_factory=list)
    agents: list[OptionView] = field(default_factory=list)
    words: str = ""
    older_href: str = ""
    newest_href: str = ""
    clear_href: str = "/runs"
    is_filtered: bool = False
    some_can_stop: bool = False
    some_go_on: bool = False


@dataclass(frozen=True)
class Asked:
    """The filters as the address has them, each cut to what makes sense."""

    group: str = ""
    agent_ref: str = ""
    find: str = ""
    before: str = ""

    def address(self, **changed: str) -> str:
        """The address of the list with these filters; a change of filter begins at the newest run."""
        values = {"state": self.group, "agent": self.agent_ref, "q": self.find} | changed
        query = urlencode({name: value for name, value in values.items() if value})
        return f"/runs?{query}" if query else "/runs"


def asked_of(query: Mapping[str, str]) -> Asked:
    group = query.get("state", "")
    known = group in GROUPS or group in set(RunState)
    return Asked(
        group if known else "",
        query.get("agent", "")[:120],
        query.get("q", "")[:MOST_FIND].strip(),
        query.get("before", "")[:300],
    )


def states_of(asked: Asked) -> tuple[str, ...]:
    if asked.group in GROUPS:
        return GROUPS[asked.group][1]
    return (asked.group,)


def list_of(
    page: RunPage, asked: Asked, *, agents: Sequence[tuple[str, str]], open_runs: int, caller: Caller, now: datetime
) -> RunListView:
    rows = [row_of(run, caller=caller, now=now) for run in page.runs]
    return RunListView(
        rows=rows,
        groups=_groups(asked, open_runs),
        agents=_agents(asked, agents),
        words=f"{len(rows)} shown, newest first",
        older_href=asked.address(before=page.next_cursor) if page.next_cursor else "",
        newest_href=asked.address() if asked.before else "",
        is_filtered=bool(asked.group or asked.agent_ref or asked.find or asked.before),
        some_go_on=open_runs > 0,
        some_can_stop=any(row.can_stop for row in rows),
    )


def row_of(run: Run, *, caller: Caller, now: datetime) -> RunListRow:
    identifier = shown("run", run.id)
    return RunListRow(
        id=identifier,
        href=f"/runs/{identifier}",
        title=one_line(run.title or run.agent_name, 100),
        agent=f"{one_line(run.agent_name, 60)} {run.version}",
        slug=run.agent_ref.partition("/")[2],
        state=pill_of(run),
        started_by=one_line(run.started_by_name, 40),
        time=duration_ms(run_ms(run, now)),
        charged=money_exact(run.charged_micro_usd),
        ago=ago(run.created_at, now),
        can_stop=may_stop(run, caller),
    )


def _groups(asked: Asked, open_runs: int) -> list[OptionView]:
    chosen = _group_of(asked.group)
    return [
        OptionView(
            name,
            word,
            count(open_runs) if name == "open" and open_runs else "",
            name == chosen,
            asked.address(state=name),
        )
        for name, (word, _) in GROUPS.items()
    ]


def _group_of(wanted: str) -> str:
    """The group a single state belongs to."""
    if wanted in GROUPS:
        return wanted
    return next(name for name, (_, states) in GROUPS.items() if wanted in states)


def _agents(asked: Asked, agents: Sequence[tuple[str, str]]) -> list[OptionView]:
    known = [OptionView(ref, f"{one_line(name, 60)}, {ref}", chosen=ref == asked.agent_ref) for ref, name in agents]
    return [OptionView("", "All agents", chosen=not asked.agent_ref), *known]
