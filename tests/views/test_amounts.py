"""An amount is what was meant or a sentence; never another amount."""

from decimal import Decimal, InvalidOperation

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent_platform.core.money import parse_usd
from agent_platform.views.amounts import read_dollars


@pytest.mark.parametrize(
    ("text", "micro_usd"),
    [
        ("0.09", 90_000),
        (" $0.50 ", 500_000),
        ("$ 3", 3_000_000),
        (".5", 500_000),
        ("2.", 2_000_000),
        ("1000", 1_000_000_000),
        ("0.000001", 1),
        ("", 0),
    ],
)
def test_dollars_with_a_point_are_read(text, micro_usd):
    assert read_dollars(text) == micro_usd


@pytest.mark.parametrize("text", ["0,09", "1,000", "1,000.50", "1.000,50", ",5", "9,"])
def test_a_comma_is_never_guessed_at(text):
    with pytest.raises(ValueError, match=r"with a point and no comma, such as 0\.09"):
        read_dollars(text)


@pytest.mark.parametrize(
    "text", ["NaN", "inf", "-inf", "1e3", "1_000", "ten", "0x10", "\u0661", "0.5 0.5", "$$1", "1.2.3"]
)
def test_what_is_no_plain_number_is_asked_for_in_digits(text):
    with pytest.raises(ValueError, match="in digits with a point"):
        read_dollars(text)
    with pytest.raises(ValueError, match="in digits with a point"):
        parse_usd(text)


@pytest.mark.parametrize(
    ("text", "words"),
    [("0.0000001", "six decimals"), ("-1", "more than"), ("1000.01", "at most"), ("9" * 999, "at most")],
)
def test_an_amount_out_of_range_is_explained(text, words):
    with pytest.raises(ValueError, match=words):
        read_dollars(text)


@given(st.text(alphabet="0123456789.,-$e_ ", max_size=9))
def test_every_amount_that_is_read_is_the_one_that_stands_there(text):
    try:
        micro_usd = read_dollars(text)
    except ValueError:
        return
    try:
        meant = Decimal(text.strip().removeprefix("$").strip() or "0")
    except InvalidOperation:
        pytest.fail(f"{text!r} was read as {micro_usd}")
    assert micro_usd == meant * 1_000_000
