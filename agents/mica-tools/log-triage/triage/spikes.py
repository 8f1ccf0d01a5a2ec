"""When templates were unusually frequent, measured against themselves."""

from dataclasses import dataclass
from statistics import median

from triage.templates import Template

MAX_WINDOWS = 2_000
FEWEST_WINDOWS = 3
SPIKE_FACTOR = 3.0
SPIKE_COUNT = 5


@dataclass(frozen=True)
class Span:
    """The windows of the log: `first` is the number of the first one, `size` its minutes."""

    first: int
    count: int
    size: int

    def start(self, window: int) -> float:
        return (self.first + window) * self.size * 60.0


@dataclass(frozen=True)
class Course:
    """`counts` has one number per window that is not empty; `firsts` the first second in it."""

    counts: dict[int, int]
    firsts: dict[int, float]
    baseline: float
    peak: int
    peak_window: int

    @property
    def spike(self) -> float:
        """How many times the baseline the fullest window is; a baseline below one counts as one."""
        return round(self.peak / max(self.baseline, 1.0), 1)

    @property
    def is_spike(self) -> bool:
        return self.spike >= SPIKE_FACTOR and self.peak >= SPIKE_COUNT

    @property
    def onset(self) -> float:
        """The first second of the first window above the ordinary."""
        high = max(SPIKE_FACTOR * max(self.baseline, 1.0), self.peak / 4)
        window = min(window for window, count in self.counts.items() if count >= min(high, self.peak))
        return self.firsts[window]


def span_of(templates: list[Template], minutes: int) -> Span | None:
    """The windows of all templates, widened when there would be more than 2,000; None without timestamps."""
    every = [minute for template in templates for minute in template.minutes]
    if not every:
        return None
    low, high = min(every), max(every)
    size = max(minutes, -(-(high - low + 1) // MAX_WINDOWS))
    return Span(first=low // size, count=high // size - low // size + 1, size=size)


def course_of(template: Template, span: Span) -> Course | None:
    """The course of a template over the windows; None when it has no timestamps or the log has too few windows."""
    if span.count < FEWEST_WINDOWS or not template.minutes:
        return None
    counts: dict[int, int] = {}
    firsts: dict[int, float] = {}
    for minute, (count, first) in template.minutes.items():
        window = minute // span.size - span.first
        counts[window] = counts.get(window, 0) + int(count)
        firsts[window] = min(firsts.get(window, first), first)
    peak_window = max(counts, key=lambda window: (counts[window], -window))
    others = [count for window, count in counts.items() if window != peak_window]
    others += [0] * (span.count - len(counts))
    return Course(counts, firsts, median(others), counts[peak_window], peak_window)
