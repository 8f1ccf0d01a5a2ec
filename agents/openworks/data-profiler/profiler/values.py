"""What single cells mean: empty, number, yes or no; and how they are written once cleaned."""

import re
from dataclasses import dataclass

INVISIBLE = (
    " \t\r\n\v\f\u00a0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u200b\u202f\u3000\ufeff"
)
NULL_WORDS = frozenset(
    {"na", "n/a", "n.a.", "#n/a", "nan", "null", "(null)", "none", "nil", "missing", "-", "--", "–", "—", "?"}
)
TRUE_FALSE = ({"true", "false"}, {"yes", "no"}, {"y", "n"}, {"t", "f"})
TRUE_WORDS = frozenset({"true", "yes", "y", "t"})
FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "\n", "\uff1d", "\uff0b", "\uff0d", "\uff20")
NEGATIVE_NUMBER = re.compile(r"-(?:[0-9]+(?:[.,][0-9]+)*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?")
MAX_DIGITS = 15

CURRENCY = re.compile(r"^(?:[€$£¥₹]|EUR|USD|GBP|CHF|JPY) ?|(?: ?(?:[€$£¥₹]|EUR|USD|GBP|CHF|JPY))$")
GROUP_SPACES = re.compile(r"(?<=\d)[ '’\u00a0\u202f\u2009](?=\d{3}(?!\d))")
DOT_DECIMAL = re.compile(r"(?:\d{1,3}(?:,\d{3})+|\d+)(?:\.\d*)?|\.\d+")
COMMA_DECIMAL = re.compile(r"(?:\d{1,3}(?:\.\d{3})+|\d+)(?:,\d*)?|,\d+")
SCIENTIFIC = re.compile(r"\d+(?:\.\d+)?[eE][+-]?\d{1,3}")


def tidy(cell: str) -> str:
    """The cell without blanks and invisible marks at its ends."""
    return cell.strip(INVISIBLE)


def null_tokens(values: list[str]) -> set[str]:
    """Those of the tidy values that only say that nothing is there.

    In a column of two-letter codes NA stays: it is Namibia, or North America.
    """
    tokens = {value for value in values if value.lower() in NULL_WORDS}
    rest = [value for value in values if value and value not in tokens]
    if "NA" in tokens and rest and all(len(value) == 2 and value.isalpha() and value.isupper() for value in rest):
        tokens.discard("NA")
    return tokens


@dataclass(frozen=True, slots=True)
class Number:
    text: str
    value: float
    integral: bool
    percent: bool = False
    currency: str = ""


def read_number(cell: str, *, comma: bool) -> Number | None:
    """The number a cell shows, or None; leading zeros and more than 15 digits are codes, not numbers."""
    body, negative, percent, currency = _undress(cell)
    if SCIENTIFIC.fullmatch(body):
        plain = body
    elif comma and COMMA_DECIMAL.fullmatch(body):
        plain = body.replace(".", "").replace(",", ".")
    elif not comma and DOT_DECIMAL.fullmatch(body):
        plain = body.replace(",", "")
    else:
        return None
    if not plain.isascii() or _is_code(plain):
        return None
    plain = f"0{plain}" if plain.startswith(".") else plain.removesuffix(".")
    text = f"-{plain}" if negative else plain
    value = float(text)
    if value in {float("inf"), float("-inf")}:
        return None
    return Number(text, value, plain.isdecimal(), percent=percent, currency=currency)


def may_be_number(cell: str) -> bool:
    return len(cell) <= 40 and any(letter.isdecimal() for letter in cell)


def true_false_words(values: list[str]) -> bool:
    """True when the values are two opposite words, such as yes and no."""
    words = {value.lower() for value in values}
    return bool(words) and any(words <= pair for pair in TRUE_FALSE)


def neutralise(cell: str) -> str:
    """The cell with an apostrophe before anything a spreadsheet would run as a formula; numbers stay as they are.

    Source: OWASP, CSV Injection.
    """
    return f"'{cell}" if cell.startswith(FORMULA_STARTS) and not NEGATIVE_NUMBER.fullmatch(cell) else cell


def _undress(cell: str) -> tuple[str, bool, bool, str]:
    body = cell.replace("\u2212", "-")
    negative = False
    if body.startswith("(") and body.endswith(")"):
        body, negative = body[1:-1], True
    body, negative = _take_sign(body, negative)
    percent = body.endswith("%")
    if percent:
        body = body[:-1].rstrip(INVISIBLE)
    currency = ""
    if found := CURRENCY.search(body):
        currency = found.group().strip()
        body = body[: found.start()] + body[found.end() :]
        body, negative = _take_sign(body, negative)
    return GROUP_SPACES.sub("", body), negative, percent, currency


def _take_sign(body: str, negative: bool) -> tuple[str, bool]:
    if body[:1] in {"-", "+"}:
        return body[1:], negative or body[0] == "-"
    return body, negative


def _is_code(plain: str) -> bool:
    digits = plain.partition(".")[0]
    return (
        (len(digits) > 1 and digits[0] == "0")
        or len(plain.replace(".", "")) > MAX_DIGITS + 3
        or len(digits) > MAX_DIGITS
    )
