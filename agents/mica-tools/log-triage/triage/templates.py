"""Groups messages into templates with a fixed-depth tree.

Source of the idea: He, Zhu, Zheng, Lyu: Drain, an online log parsing approach with fixed depth tree, ICWS 2017. Written anew.
"""

from operator import eq

from triage.events import Event
from triage.levels import read_level, without_level
from triage.masking import mask

WILD = "<*>"
LIKE = 0.6  # this share of the words must be equal
MAX_WORDS = 40
MAX_TEMPLATES = 4_000
MAX_LEAF = 50
MAX_KNOWN = 100_000
MAX_FIXED = 1_000
EXAMPLE_CHARACTERS = 1_500


class Template:
    """`minutes` maps a minute since 1970 to [count, first second in it]."""

    __slots__ = ("count", "example", "first_at", "last_at", "level", "minutes", "words")

    def __init__(self, words: list[str], level: str, example: str) -> None:
        self.words = words
        self.level = level
        self.example = example[:EXAMPLE_CHARACTERS]
        self.count = 0
        self.first_at: float | None = None
        self.last_at: float | None = None
        self.minutes: dict[int, list[float]] = {}

    @property
    def text(self) -> str:
        return " ".join(self.words)

    def add(self, at: float | None) -> None:
        self.count += 1
        if at is None:
            return
        if self.first_at is None or at < self.first_at:
            self.first_at = at
        if self.last_at is None or at > self.last_at:
            self.last_at = at
        minute = self.minutes.get(int(at // 60))
        if minute is None:
            self.minutes[int(at // 60)] = [1, at]
        else:
            minute[0] += 1
            minute[1] = min(minute[1], at)


class Miner:
    """Feed it events; `templates` are what they have in common."""

    def __init__(self) -> None:
        self.templates: list[Template] = []
        self._leaves: dict[tuple[str, int, str], list[Template]] = {}
        self._known: dict[tuple[str, str], Template] = {}
        self._fixed = 0

    def add(self, event: Event) -> None:
        masked = event.fixed or mask(event.message)
        key = (event.level, masked)
        template = self._known.get(key)
        if template is None:
            template = self._place(event, masked)
            if len(self._known) >= MAX_KNOWN:
                self._known.clear()
            self._known[key] = template
        template.add(event.at)

    def _place(self, event: Event, masked: str) -> Template:
        level = event.level or read_level(masked)
        if event.fixed:
            return self._place_fixed(event, masked)
        words = without_level(masked).split()[:MAX_WORDS] or ["<empty>"]
        leaf = self._leaves.setdefault((level, len(words), _branch(words)), [])
        best, best_share = None, 0.0
        for template in leaf:
            share = likeness(template.words, words)
            if share > best_share:
                best, best_share = template, share
        if best and best_share >= LIKE:
            best.words = [old if old == new else WILD for old, new in zip(best.words, words, strict=True)]
            return best
        if len(leaf) >= MAX_LEAF:  # what is this various has no template: one for all of its length
            return leaf[-1]
        return self._start(
            event, level, words if len(leaf) < MAX_LEAF - 1 else [words[0], *[WILD] * (len(words) - 1)], leaf
        )

    def _place_fixed(self, event: Event, masked: str) -> Template:
        self._fixed += 1
        if self._fixed > MAX_FIXED:  # paths without end: keep method and status
            method, _, rest = masked.partition(" ")
            masked = f"{method} {WILD} {rest.rpartition(' ')[2]}"
        leaf = self._leaves.setdefault((event.level, 0, masked), [])
        return leaf[0] if leaf else self._start(event, event.level, masked.split(), leaf)

    def _start(self, event: Event, level: str, words: list[str], leaf: list[Template]) -> Template:
        if len(self.templates) >= MAX_TEMPLATES:
            words, leaf = ["<other", "lines>"], self._leaves.setdefault((level, -1, ""), [])
            if leaf:
                return leaf[0]
        template = Template(words, level, event.example)
        leaf.append(template)
        self.templates.append(template)
        return template


def likeness(template: list[str], words: list[str]) -> float:
    """Share of places with the same word; a wild place is worth nothing, so that templates do not swallow everything."""
    return sum(map(eq, template, words)) / len(words)


def _branch(words: list[str]) -> str:
    first = words[0]
    return WILD if "<" in first or any(letter.isdecimal() for letter in first) else first
