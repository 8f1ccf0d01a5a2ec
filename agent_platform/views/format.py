"""Values as people read them. Pure functions: micro-USD, milliseconds, bytes and aware datetimes in, text out."""

import re
import unicodedata
from dataclasses import dataclass
from datetime import UTC, datetime, tzinfo

MICRO = 1_000_000
MINUTE, HOUR, DAY = 60, 3_600, 86_400
MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
UNITS = ("KB", "MB", "GB", "TB")
# browsers name those whose pages they take before themselves: the first mark decides
BROWSERS = (("Edg/", "Edge"), ("OPR/", "Opera"), ("Firefox/", "Firefox"), ("Chrome/", "Chrome"), ("Safari/", "Safari"))
SYSTEMS = (
    ("Android", "Android"),
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Windows", "Windows"),
    ("Mac OS X", "macOS"),
    ("CrOS", "ChromeOS"),
    ("Linux", "Linux"),
)
MINUS = "\N{MINUS SIGN}"
# A picture or a letter of a script without capitals on both sides: between those of ours a joiner only hides.
JOINED = re.compile(
    "(?<=[\u0600-\u0dff\ufe0f\U0001f300-\U0001faff])([\u200c\u200d]+)(?=[\u0600-\u0dff\u2600-\u27bf\U0001f300-\U0001faff])"
)
ESCAPES = re.compile(r"\x1b(?:\[[0-?]*[ -/]*[@-~]|\][^\x07\x1b]*(?:\x07|\x1b\\)?|[@-Z\\-_])")


@dataclass(frozen=True)
class MoneyView:
    """An exact amount: `lead` as far as it says something, `tail` the zeros that are shown muted."""

    lead: str
    tail: str = ""


def money_exact(micro_usd: int) -> MoneyView:
    """Six decimals, never rounded; zeros after the second decimal are the tail."""
    text = money_text(micro_usd)
    keep = max(len(text.rstrip("0")), len(text) - 4)
    return MoneyView(text[:keep], text[keep:])


def money_text(micro_usd: int) -> str:
    """Six decimals in one string: `$0.166000`, `$1,184.200000`."""
    sign = MINUS if micro_usd < 0 else ""
    whole, fraction = divmod(abs(micro_usd), MICRO)
    return f"{sign}${whole:,}.{fraction:06d}"


def money_short(micro_usd: int) -> str:
    """Two decimals from $1; below it up to four significant digits, at least two decimals."""
    sign, amount = (MINUS if micro_usd < 0 else ""), abs(micro_usd)
    step = 10_000 if amount >= MICRO else max(1, 10 ** (len(str(amount)) - 4))
    rounded = (amount + step // 2) // step * step
    whole, fraction = divmod(rounded, MICRO)
    digits = f"{fraction:06d}"
    if rounded < MICRO:
        digits = digits.rstrip("0")
    return f"{sign}${whole:,}.{digits[:2] if rounded >= MICRO else digits:0<2}"


def count(number: int) -> str:
    """Thousands with a comma and a real minus: `1,481`."""
    return f"{number:,}".replace("-", MINUS)


def figure(number: float) -> str:
    """A bound as people write it: `1,000`, `0.5`."""
    return count(number) if isinstance(number, int) else f"{number:g}"


def many(number: int, noun: str) -> str:
    """`1 run`, `2 runs`."""
    return f"{count(number)} {noun}{'' if number == 1 else 's'}"


def percent(share: float | None, decimals: int = 1) -> str:
    """A share of one with a space before the sign: `98.1 %`; a dash if there is none.

    Only what is whole reads 100 %, and only what is nothing reads 0 %.
    """
    if share is None:
        return "\N{EM DASH}"
    least = 10.0**-decimals
    shown = abs(share) * 100
    if 0 < shown < 100:
        shown = min(max(shown, least), 100 - least)
    text = f"{shown:.{decimals}f}"
    if "." in text:
        text = text.rstrip("0").rstrip(".")
    return f"{MINUS if share < 0 and text != '0' else ''}{text} %"


def duration_ms(milliseconds: int | None) -> str:
    """`184 ms`, `47.6 s`, `2 min 10 s`, `1 h 56 min`; a dash if there is none."""
    if milliseconds is None:
        return "\N{EM DASH}"
    if milliseconds < 1_000:
        return f"{milliseconds} ms"
    tenths = (milliseconds + 50) // 100
    if tenths < MINUTE * 10:
        return f"{tenths // 10}.{tenths % 10} s".replace(".0 s", " s")
    return span((milliseconds + 500) // 1_000)


def span(seconds: int) -> str:
    """The two largest units of a length: `48 s`, `2 min 10 s`, `1 h 56 min`, `3 d 4 h`."""
    for size, name, smaller, smaller_name in (
        (DAY, "d", HOUR, "h"),
        (HOUR, "h", MINUTE, "min"),
        (MINUTE, "min", 1, "s"),
    ):
        if seconds >= size:
            rest = seconds % size // smaller
            return f"{seconds // size} {name} {rest} {smaller_name}" if rest else f"{seconds // size} {name}"
    return f"{seconds} s"


def bytes_text(size: int) -> str:
    """Decimal units, at most one decimal: `412 KB`, `1.9 MB`."""
    if size < 1_000:
        return f"{size} B"
    amount, unit = next(
        (size / 1_000**power, unit)
        for power, unit in enumerate(UNITS, 1)
        if unit == UNITS[-1] or size < 999.5 * 1_000**power
    )
    text = f"{amount:.1f}" if amount < 10 else f"{amount:.0f}"
    return f"{text.removesuffix('.0')} {unit}"


def ago(at: datetime | None, now: datetime) -> str:
    """`now`, `38 s`, `4 min`, `2 h` under a day; then the date; a dash if there is none."""
    if at is None:
        return "\N{EM DASH}"
    seconds = int((now - at).total_seconds())
    if seconds < 5:
        return "now"
    if seconds >= DAY:
        return day_text(at, now)
    size, unit = (1, "s") if seconds < MINUTE else (MINUTE, "min") if seconds < HOUR else (HOUR, "h")
    return f"{seconds // size} {unit}"


def ago_text(at: datetime, now: datetime) -> str:
    """The same in a sentence: `now`, `4 min ago`, `22 Nov`."""
    words = ago(at, now)
    return words if words == "now" or (now - at).total_seconds() >= DAY else f"{words} ago"


def browser_text(user_agent: str) -> str:
    """`Firefox on Linux`; of what is not known, its own words."""
    browser = next((name for mark, name in BROWSERS if mark in user_agent), "")
    system = next((name for mark, name in SYSTEMS if mark in user_agent), "")
    if browser and system:
        return f"{browser} on {system}"
    return plain_text(user_agent)[:80] or "unknown browser"


def day_text(at: datetime, now: datetime, zone: tzinfo = UTC) -> str:
    """`22 Nov`, with the year when it is not this one."""
    local, today = at.astimezone(zone), now.astimezone(zone)
    year = "" if local.year == today.year else f" {local.year}"
    return f"{local.day} {MONTHS[local.month - 1]}{year}"


def date_text(at: datetime | None, now: datetime, zone: tzinfo = UTC) -> str:
    """`22 Nov, 06:52 UTC`: the reader's zone, always named."""
    if at is None:
        return "\N{EM DASH}"
    local = at.astimezone(zone)
    return f"{day_text(at, now, zone)}, {local:%H:%M} {local.tzname()}"


def clock_text(at: datetime, zone: tzinfo = UTC) -> str:
    """`06:52:41.120`, for log lines."""
    local = at.astimezone(zone)
    return f"{local:%H:%M:%S}.{local.microsecond // 1_000:03d}"


def zone_text(name: str) -> str:
    """`Europe/Berlin` as people write it, said once where many times stand without their zone."""
    return name.replace("_", " ")


def plain_text(text: str) -> str:
    """Nothing that moves the cursor, reorders or hides letters is left; line breaks and tabs stay.

    Terminal sequences go; other control, bidirectional and zero-width characters show as their code, `<U+202E>`, but for joiners
    where they belong: within pictures and scripts that are written with them.
    """
    lines = ESCAPES.sub("", text).replace("\r\n", "\n")
    parts = JOINED.split(lines)
    return "".join(part if place % 2 else "".join(map(_visible, part)) for place, part in enumerate(parts))


def source_text(text: str) -> str:
    """As `plain_text`, and nothing is taken away: whoever reads code has to see what it hides."""
    return "".join(_visible(letter) for letter in text.replace("\r\n", "\n"))


def _visible(letter: str) -> str:
    if letter in "\n\t" or unicodedata.category(letter) not in {"Cc", "Cf", "Cs", "Co", "Zl", "Zp"}:
        return letter
    return f"<U+{ord(letter):04X}>"
