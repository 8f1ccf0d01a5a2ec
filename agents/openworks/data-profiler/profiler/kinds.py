"""Which type the values of a column share, and how each of them is written in that type."""

from dataclasses import dataclass, field

from profiler.dates import choose_order, may_be_date, read_date
from profiler.values import TRUE_WORDS, may_be_number, read_number, true_false_words

ENOUGH = 0.9  # this share of the filled cells decides the type; the rest is reported


@dataclass
class Reading:
    """`clean` has the new text of values that change; `measures` the number of each value that has one."""

    type: str
    clean: dict[str, str] = field(default_factory=dict)
    measures: dict[str, float] = field(default_factory=dict)
    misfits: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)


def read_kind(counted: dict[str, int]) -> Reading:
    """The type that at least nine of ten cells share; `text` when none does. `counted` holds tidy, filled values."""
    if not counted:
        return Reading("empty")
    cells = sum(counted.values())
    if true_false_words(list(counted)):
        return Reading("boolean", clean={value: str(value.lower() in TRUE_WORDS).lower() for value in counted})
    return _as_numbers(counted, cells) or _as_dates(counted, cells) or Reading("text")


def _as_numbers(counted: dict[str, int], cells: int) -> Reading | None:
    candidates = {value: count for value, count in counted.items() if may_be_number(value)}
    if sum(candidates.values()) < ENOUGH * cells:
        return None
    dot = {value: found for value in candidates if (found := read_number(value, comma=False))}
    comma = {value: found for value in candidates if "," in value or "." in value or value in dot}
    comma = {value: found for value in comma if (found := read_number(value, comma=True))}
    use_comma = _weight(comma, counted) > _weight(dot, counted)
    numbers = comma if use_comma else dot
    if not numbers or _weight(numbers, counted) < ENOUGH * cells:
        return None
    reading = Reading("integer" if all(number.integral for number in numbers.values()) else "number")
    reading.measures = {value: number.value for value, number in numbers.items()}
    reading.clean = {value: number.text for value, number in numbers.items() if number.text != value}
    reading.misfits = [value for value in counted if value not in numbers]
    reading.notes = _number_notes(numbers, comma if not use_comma else dot, counted, use_comma)
    return reading


def _number_notes(numbers: dict, others: dict, counted: dict[str, int], use_comma: bool) -> list[str]:
    notes = []
    if use_comma:
        notes.append("Decimal commas were read as such; the cleaned file has points.")
    elif any(value in others and others[value].value != numbers[value].value for value in numbers) and len(
        others
    ) == len(numbers):
        notes.append("Points and commas could be decimals or thousands; they were read the English way.")
    percents = sum(counted[value] for value, number in numbers.items() if number.percent)
    if percents:
        notes.append(f"{percents:,} cells have a percent sign; the number stays as it is, the sign goes.")
    currencies = sorted({number.currency for number in numbers.values() if number.currency})
    if currencies:
        notes.append(f"Currency removed from numbers: {', '.join(currencies)}.")
    if len(currencies) > 1:
        notes.append("Different currencies are mixed in one column; sums over it mean nothing.")
    return notes


def _as_dates(counted: dict[str, int], cells: int) -> Reading | None:
    moments = {
        value: (found, counted[value]) for value in counted if may_be_date(value) and (found := read_date(value))
    }
    if not moments or sum(count for _, count in moments.values()) < ENOUGH * cells:
        return None
    order = choose_order(moments)
    reading = Reading("datetime" if any(moment.with_time for moment, _ in moments.values()) else "date")
    unclear = disagreeing = 0
    for value, (moment, count) in moments.items():
        if moment.order == "either" and not order:
            unclear += count
            continue
        if moment.order in {"day", "month"} and moment.order != order:
            disagreeing += count
        iso = moment.swapped_iso if moment.order == "either" and order == "month" else moment.iso
        if iso != value:
            reading.clean[value] = iso
    reading.misfits = [value for value in counted if value not in moments]
    if unclear:
        reading.notes.append(f"{unclear:,} dates could be day/month or month/day; they were left as they are.")
    if disagreeing:
        reading.notes.append(f"{disagreeing:,} dates have day and month the other way round than the rest.")
    return reading


def _weight(values: dict, counted: dict[str, int]) -> int:
    return sum(counted[value] for value in values)
