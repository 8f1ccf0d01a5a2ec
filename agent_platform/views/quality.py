"""The quality of an agent and the open formula behind it, formatted."""

from dataclasses import dataclass, field

from agent_platform.services import quality

MINUS = "\N{MINUS SIGN}"


@dataclass(frozen=True)
class CheckView:
    title: str
    points: str


@dataclass(frozen=True)
class FactorView:
    """`share` is a CSS length; `note` says why there are so few points, where that is not plain."""

    title: str
    share: str
    points: str
    checks: list[CheckView] = field(default_factory=list)
    note: str = ""


@dataclass(frozen=True)
class QualityView:
    """`score` is empty until it was computed; `action` is the next best one for the creator, with what it would add."""

    score: str = ""
    factors: list[FactorView] = field(default_factory=list)
    action: str = ""
    gain: str = ""


@dataclass(frozen=True)
class RuleView:
    title: str
    most: str
    lines: tuple[str, ...]


RULES = tuple(RuleView(rule.title, str(rule.most), rule.lines) for rule in quality.FACTORS)


def quality_view(stored: quality.StoredQuality | None) -> QualityView:
    if stored is None:
        return QualityView()
    return QualityView(
        score=str(stored.score),
        factors=[_factor(one) for one in stored.factors],
        action=stored.next_action,
        gain=f"+{number(stored.next_points)}" if stored.next_action else "",
    )


def number(points: float) -> str:
    """At most one decimal: `4`, `17.3`, with a real minus."""
    return f"{points:.1f}".removesuffix(".0").replace("-0", "0").replace("-", MINUS) if points else "0"


def _factor(one: quality.Factor) -> FactorView:
    checks = [CheckView(check.title, _points(check)) for check in one.checks if check.most or check.points]
    note = " ".join(check.note for check in one.checks if check.note)
    return FactorView(one.title, f"{one.points / one.most:.1%}", f"{number(one.points)} / {one.most}", checks, note)


def _points(check: quality.Check) -> str:
    return f"{number(check.points)} / {number(check.most)}" if check.most else number(check.points)
