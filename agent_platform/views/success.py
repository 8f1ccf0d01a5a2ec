"""The success of an agent, day by day: a line that hides nothing, and its words."""

from collections.abc import Sequence
from datetime import UTC, date, datetime, time

from agent_platform.services.analytics import success_share
from agent_platform.services.catalog import ListingFacts
from agent_platform.views.format import day_text, many, percent
from agent_platform.views.parts import FactView

LEAST_DAYS = 3  # with runs: two points would be a trend that nobody has seen
WIDTH, TOP, HEIGHT = 88, 2, 18
DOT = "h.01"


def success_fact(listing: ListingFacts, now: datetime) -> FactView:
    """The share of 30 days up to now, and the runs of 30 calendar days; with a line once there are days to compare."""
    runs = sum(one.good + one.bad for one in listing.days)
    shares = [success_share(one.good, one.bad) for one in listing.days]
    known = [share for share in shares if share is not None]
    note = f"of {many(runs, 'run')}" if runs else ""
    fact = FactView("Success, 30 days", percent(listing.card.success_30d), note)
    if len(known) < LEAST_DAYS:
        return fact
    first, last = (_day(one.day, now) for one in (listing.days[0], listing.days[-1]))
    said = (
        f"Success by day, {first} to {last}: {percent(min(known))} on the worst and {percent(max(known))} on the best"
        f" of {len(known)} days with runs"
    )
    return FactView(fact.label, fact.value, fact.note, success_path(shares), said)


def success_path(shares: Sequence[float | None]) -> str:
    """A path from 0 % at the foot to 100 % at the top. Days without runs are gaps, a day between gaps is a dot."""
    step = WIDTH / max(len(shares) - 1, 1)
    parts: list[str] = []
    for number, share in enumerate(shares):
        if share is None:
            continue
        point = f"{number * step:.1f} {TOP + HEIGHT * (1 - share):.1f}"
        follows, leads = _known(shares, number - 1), _known(shares, number + 1)
        parts.append(f"L{point}" if follows else f"M{point}{'' if leads else DOT}")
    return " ".join(parts)


def _known(shares: Sequence[float | None], number: int) -> bool:
    return 0 <= number < len(shares) and shares[number] is not None


def _day(day: date, now: datetime) -> str:
    return day_text(datetime.combine(day, time(), UTC), now)
