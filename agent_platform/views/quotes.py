"""What a run will cost, in the words of the design, and the maximum cost as typed."""

from dataclasses import dataclass

from agent_platform.core.money import MICRO
from agent_platform.services import billing
from agent_platform.views.amounts import read_dollars
from agent_platform.views.format import duration_ms, many, money_short
from agent_platform.views.parts import MeterView, meter_view


@dataclass(frozen=True)
class QuoteView:
    typical: str = ""
    sentence: str = ""
    source: str = ""
    meter: MeterView = MeterView()


def quote_view(quote: billing.Quote, *, version: str) -> QuoteView:
    """The quote in the words of the design: typical, nine of ten, never above."""
    cap = money_short(quote.cap_micro_usd)
    meter = meter_view(0, quote.cap_micro_usd, p50=quote.p50_micro_usd, p90=quote.p90_micro_usd)
    seconds = f" About {duration_ms(quote.p50_ms)}." if quote.p50_ms else ""
    if quote.known_micro_usd is not None:
        return QuoteView(
            typical=f"{money_short(quote.known_micro_usd)} for a run.",
            sentence=f"Never above {cap}.{seconds}",
            source=_source(quote, version),
            meter=meter,
        )
    if quote.p50_micro_usd is not None and quote.p90_micro_usd is not None:
        return QuoteView(
            typical=f"Typically {money_short(quote.p50_micro_usd)}{' for sandbox time' if _has_no_price(quote) else ''}.",
            sentence=f"9 of 10 runs under {money_short(quote.p90_micro_usd)}, never above {cap}.{_beyond(quote)}{seconds}",
            source=_source(quote, version),
            meter=meter,
        )
    return QuoteView(
        sentence=f"{_without_history(quote, cap)}{_beyond(quote)}",
        source=_source(quote, version),
        meter=meter,
    )


def quote_of_wrong_cap() -> QuoteView:
    """No figure stands beside Run while the one it came from is gone."""
    return QuoteView(sentence="Correct the maximum cost to see what this run can cost.")


def quote_of_dry_run() -> QuoteView:
    return QuoteView(typical="Nothing is charged.", sentence="A dry run reads only and ends after at most 2 minutes.")


def read_cap(text: str, *, least_micro_usd: int = 0, above_micro_usd: int = 0) -> int:
    """Micro-USD of the maximum cost as typed; `above` is the cap that was too small. Raises ValueError with what to change."""
    amount = read_dollars(text)
    if amount <= 0:
        raise ValueError("The maximum cost must be above $0.")
    if amount < least_micro_usd:
        raise ValueError(f"The smallest maximum cost for this agent is {money_short(least_micro_usd)}.")
    if above_micro_usd and amount <= above_micro_usd:
        raise ValueError(f"The cap was {money_short(above_micro_usd)}. Write more than that.")
    return amount


def cap_text(cap_micro_usd: int) -> str:
    whole, fraction = divmod(cap_micro_usd, MICRO)
    return f"{whole}.{f'{fraction:06d}'.rstrip('0'):0<2}"


def _beyond(quote: billing.Quote) -> str:
    """What is to be said where a typical run costs more than the cap lets it."""
    usual = quote.usual_micro_usd
    if usual is None or usual <= quote.cap_micro_usd:
        return ""
    return f" A typical run costs {money_short(usual)} and would end at this cap, unfinished."


def _source(quote: billing.Quote, version: str) -> str:
    known = f"From {many(quote.runs, 'finished run')}" if quote.p50_micro_usd is not None else f"Version {version}"
    return f"{known}. Full refund if the platform is at fault."


def _has_no_price(quote: billing.Quote) -> bool:
    """What such a run costs is its sandbox time."""
    return quote.model in {"free", "own"}


def _without_history(quote: billing.Quote, cap: str) -> str:
    if _has_no_price(quote):
        return f"Sandbox time only, at most {money_short(min(quote.most_compute_micro_usd, quote.cap_micro_usd))}."
    if quote.primary_micro_usd is not None:
        return f"{money_short(quote.primary_micro_usd)} for each {(quote.primary_title or 'event').lower()}, never above {cap}."
    return f"Never above {cap}."
