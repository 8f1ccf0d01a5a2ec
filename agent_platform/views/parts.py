"""What shared components draw: rows and small blocks, already formatted. Fields only; a property is not sent."""

from dataclasses import dataclass, field

from agent_platform.views.format import MoneyView, money_short


@dataclass(frozen=True)
class Crumb:
    label: str
    href: str = ""


@dataclass(frozen=True)
class MeterView:
    """A cost meter. Shares are CSS lengths (`33.2%`); `level` is none, normal, warn or full."""

    fill: str = "0%"
    level: str = "none"
    band_from: str = ""
    band_width: str = "0%"
    band_middle: str = "50%"
    band_label: str = ""
    cap_label: str = ""
    used_micro_usd: int = 0
    cap_micro_usd: int = 0
    text: str = ""


def meter_view(used_micro_usd: int, cap_micro_usd: int, *, p50: int | None = None, p90: int | None = None) -> MeterView:
    """The meter of an amount against its cap; p50 and p90 (micro-USD) give the hatched usual range."""
    share = min(used_micro_usd / cap_micro_usd, 1) if cap_micro_usd else 0.0
    level = "none" if share == 0 else "full" if share >= 1 else "warn" if share >= 0.8 else "normal"
    cap = money_short(cap_micro_usd)
    view = {
        "fill": f"{share:.1%}",
        "level": level,
        "cap_label": f"cap {cap}",
        "used_micro_usd": used_micro_usd,
        "cap_micro_usd": cap_micro_usd,
        "text": f"{money_short(used_micro_usd)} of {cap} cap",
    }
    if p50 is None or p90 is None or not cap_micro_usd:
        return MeterView(**view)
    low, high = (min(edge / cap_micro_usd, 1) for edge in (p50, p90))
    middle = min(max((low + high) / 2, 0.25), 0.7)
    usual = money_short(p50) if p50 == p90 else f"{money_short(p50)}\N{EN DASH}{money_short(p90)}"
    label = f"typical {usual}"
    band = {"band_from": f"{low:.1%}", "band_width": f"{high - low:.1%}", "band_middle": f"{middle:.1%}"}
    return MeterView(**view, **band, band_label=label)


@dataclass(frozen=True)
class FigureView:
    """One figure of a strip: `$184.20`, `of 25 slots`; `spark` is an SVG path from `spark_path`, or empty."""

    label: str
    value: str
    unit: str = ""
    note: str = ""
    trend: str = ""  # up, down or level: an icon before the note
    spark: str = ""


def spark_path(values: list[float]) -> str:
    """An SVG path through the values in a box of 88 by 22; empty below two values."""
    if len(values) < 2:
        return ""
    low, high = min(values), max(values)
    step, rise = 88 / (len(values) - 1), 18 / (high - low) if high > low else 0.0
    return "M" + " L".join(f"{n * step:.1f} {20 - (value - low) * rise:.1f}" for n, value in enumerate(values))


@dataclass(frozen=True)
class AgentCardView:
    """One agent of the directory. `price` is `$0.002`, `price_unit` is `/ page`, `+ sandbox time` or empty; unknown figures are a dash."""

    slug: str
    publisher: str
    href: str
    title: str
    address: str
    promise: str
    price: str
    price_unit: str = ""
    verified: bool = False
    rating: str = ""
    ratings: str = ""
    success: str = "\N{EM DASH}"
    users: str = "\N{EM DASH}"
    median: str = "\N{EM DASH}"
    quality: str = "\N{EM DASH}"
    maintenance: bool = False


@dataclass(frozen=True)
class RunRowView:
    id: str
    href: str
    title: str
    agent: str
    slug: str
    state: str
    started_by: str
    time: str
    charged: str
    ago: str


@dataclass(frozen=True)
class PermissionView:
    """One thing an agent may do; `change` is empty, new or removed."""

    icon: str
    title: str
    sentence: str
    mark: str = ""
    change: str = ""


@dataclass(frozen=True)
class TimelineBar:
    """`start` and `width` are CSS lengths of the lane; `kind` is wait, start, work, call or fault."""

    label: str
    start: str
    width: str
    kind: str
    time: str


@dataclass(frozen=True)
class LogLine:
    """`level` is DEBUG, INFO, WARN or ERROR; `text` has been through `plain_text`."""

    time: str
    level: str
    source: str
    text: str
    seq: int = 0


@dataclass(frozen=True)
class FactView:
    """`spark` is an SVG path in a box of 88 by 22, or empty; `spark_words` says the same to whoever does not see it."""

    label: str
    value: str
    note: str = ""
    spark: str = ""
    spark_words: str = ""


@dataclass(frozen=True)
class MoneyLine:
    """A line of a receipt or quote; `note` stands muted after the label."""

    label: str
    amount: MoneyView
    note: str = ""


@dataclass(frozen=True)
class OptionView:
    """A choice of a filter or select: `count` is shown behind it, `href` is where choosing it leads."""

    value: str
    label: str
    count: str = ""
    chosen: bool = False
    href: str = ""


@dataclass(frozen=True)
class TableView:
    """Output rows as text: `numeric` says per column whether figures are right-aligned."""

    columns: list[str] = field(default_factory=list)
    numeric: list[bool] = field(default_factory=list)
    rows: list[list[str]] = field(default_factory=list)
