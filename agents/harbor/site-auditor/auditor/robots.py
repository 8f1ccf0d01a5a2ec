"""robots.txt. Source: RFC 9309, sections 2.2 and 2.3."""

from dataclasses import dataclass, field

AGENT = "site-auditor"
MOST_BYTES = 512 * 1024
MOST_RULES = 1_000
MOST_CHARACTERS = 2_000
MOST_DELAY_SECONDS = 10.0


@dataclass
class Rules:
    """What one crawler may read; without rules, everything."""

    rules: list[tuple[bool, str]] = field(default_factory=list)
    delay_seconds: float = 0.0
    sitemaps: list[str] = field(default_factory=list)

    def allows(self, path: str) -> bool:
        """The longest rule that fits decides; of two equally long ones the permission."""
        fitting = [(len(pattern), allow) for allow, pattern in self.rules if fits(pattern, path)]
        return max(fitting, default=(0, True))[1]


def read_robots(content: bytes) -> Rules:
    """The rules for us, else those for everybody. Whatever cannot be understood is passed over."""
    groups: dict[str, Rules] = {}
    names: list[str] = []
    sitemaps: list[str] = []
    was_name = False
    for line in content[:MOST_BYTES].decode("utf-8", "replace").lstrip("\ufeff").splitlines():
        key, colon, value = line.partition("#")[0].partition(":")
        key, value = key.strip().lower(), value.strip()[:MOST_CHARACTERS]
        if not colon:
            continue
        if key == "sitemap":
            sitemaps.append(value)
        elif key == "user-agent":
            names = [*names, value.lower()] if was_name else [value.lower()]
            for name in names:
                groups.setdefault(name, Rules())
        else:
            for name in names:
                _note(groups[name], key, value)
        was_name = key == "user-agent"
    found = groups.get(AGENT) or groups.get("*") or Rules()
    found.sitemaps = sitemaps[:10]
    return found


def _note(group: Rules, key: str, value: str) -> None:
    if key in {"allow", "disallow"} and value and len(group.rules) < MOST_RULES:
        group.rules.append((key == "allow", value))
    elif key == "crawl-delay":
        try:
            seconds = float(value)
        except ValueError:
            return
        group.delay_seconds = min(seconds, MOST_DELAY_SECONDS) if seconds > 0 else 0.0


def fits(pattern: str, path: str) -> bool:
    """`*` stands for anything, `$` at the end for the end. Without going back, so that no pattern is slow."""
    is_whole = pattern.endswith("$")
    first, *others = pattern.removesuffix("$").split("*")
    if not path.startswith(first):
        return False
    at = len(first)
    for number, piece in enumerate(others):
        if is_whole and number == len(others) - 1:
            return path.endswith(piece) and len(path) - len(piece) >= at
        found = path.find(piece, at)
        if found < 0:
            return False
        at = found + len(piece)
    return at == len(path) if is_whole else True
