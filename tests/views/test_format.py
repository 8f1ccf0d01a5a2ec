"""How values read."""

from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent_platform.views.format import (
    MoneyView,
    ago,
    ago_text,
    browser_text,
    bytes_text,
    clock_text,
    count,
    date_text,
    duration_ms,
    money_exact,
    money_short,
    money_text,
    percent,
    plain_text,
    span,
)

NOW = datetime(2026, 11, 22, 6, 52, 41, 120_000, tzinfo=UTC)


@pytest.mark.parametrize(
    ("micro", "shown"),
    [
        (0, "$0.00"),
        (500, "$0.0005"),
        (2_000, "$0.002"),
        (90_000, "$0.09"),
        (166_000, "$0.166"),
        (180_000, "$0.18"),
        (123_456, "$0.1235"),
        (999_960, "$1.00"),
        (184_200_000, "$184.20"),
        (1_184_205_000, "$1,184.21"),
        (-300_000, "\N{MINUS SIGN}$0.30"),
    ],
)
def test_a_short_amount_has_two_decimals_from_a_dollar_and_four_digits_below(micro, shown):
    assert money_short(micro) == shown


@pytest.mark.parametrize(
    ("micro", "lead", "tail"),
    [
        (166_000, "$0.166", "000"),
        (500_000, "$0.50", "0000"),
        (0, "$0.00", "0000"),
        (459, "$0.000459", ""),
        (-390_000, "\N{MINUS SIGN}$0.39", "0000"),
    ],
)
def test_an_exact_amount_mutes_only_its_trailing_zeros(micro, lead, tail):
    assert money_exact(micro) == MoneyView(lead, tail)


@given(st.integers(min_value=-(10**15), max_value=10**15))
def test_an_exact_amount_says_every_micro_dollar(micro):
    view = money_exact(micro)
    digits = (view.lead + view.tail).replace("$", "").replace(",", "").replace(".", "").replace("\N{MINUS SIGN}", "-")
    assert int(digits) == micro
    assert view.lead + view.tail == money_text(micro)


@pytest.mark.parametrize(
    ("milliseconds", "shown"),
    [
        (None, "\N{EM DASH}"),
        (184, "184 ms"),
        (47_600, "47.6 s"),
        (48_000, "48 s"),
        (59_960, "1 min"),
        (130_000, "2 min 10 s"),
        (6_960_000, "1 h 56 min"),
    ],
)
def test_a_duration_uses_its_two_largest_units(milliseconds, shown):
    assert duration_ms(milliseconds) == shown


def test_a_span_of_days_leaves_minutes_out():
    assert span(3 * 86_400 + 4 * 3_600 + 59) == "3 d 4 h"


@pytest.mark.parametrize(("size", "shown"), [(9, "9 B"), (412_000, "412 KB"), (1_900_000, "1.9 MB"), (999_600, "1 MB")])
def test_sizes_are_decimal_with_a_space(size, shown):
    assert bytes_text(size) == shown


@pytest.mark.parametrize(
    ("share", "shown"),
    [
        (0.981, "98.1 %"),
        (1, "100 %"),
        (9_999 / 10_000, "99.9 %"),
        (999_999 / 1_000_000, "99.9 %"),
        (0.0001, "0.1 %"),
        (0, "0 %"),
        (None, "\N{EM DASH}"),
    ],
)
def test_a_share_is_a_percentage_with_a_space(share, shown):
    assert percent(share) == shown


def test_thousands_have_a_comma_and_minus_is_a_minus():
    assert (count(1_481), count(-2)) == ("1,481", "\N{MINUS SIGN}2")


@pytest.mark.parametrize(
    ("back", "shown"),
    [(0, "now"), (38, "38 s"), (240, "4 min"), (7_300, "2 h"), (86_400, "21 Nov"), (400 * 86_400, "18 Oct 2025")],
)
def test_a_time_is_relative_under_a_day_and_a_date_after(back, shown):
    assert ago(NOW - timedelta(seconds=back), NOW) == shown


@pytest.mark.parametrize(
    ("back", "said"),
    [(timedelta(seconds=2), "now"), (timedelta(minutes=4), "4 min ago"), (timedelta(days=2), "20 Nov")],
)
def test_in_a_sentence_a_time_says_that_it_is_past(back, said):
    assert ago_text(NOW - back, NOW) == said


@pytest.mark.parametrize(
    ("user_agent", "said"),
    [
        ("Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0", "Firefox on Linux"),
        (
            "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/126.0.0.0 Safari/537.36 Edg/126.0",
            "Edge on Windows",
        ),
        (
            "Mozilla/5.0 (Linux; Android 14) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/126.0.0.0 Mobile Safari/537.36",
            "Chrome on Android",
        ),
        (
            "Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/17.5 Safari/604.1",
            "Safari on iPhone",
        ),
        ("curl/8.5.0", "curl/8.5.0"),
        ("", "unknown browser"),
    ],
)
def test_a_browser_is_named_as_people_name_it(user_agent, said):
    assert browser_text(user_agent) == said


def test_a_date_names_the_readers_zone():
    zurich = timezone(timedelta(hours=1), "CET")
    assert date_text(NOW, NOW) == "22 Nov, 06:52 UTC"
    assert date_text(NOW, NOW, zurich) == "22 Nov, 07:52 CET"
    assert clock_text(NOW) == "06:52:41.120"


def test_plain_text_moves_no_cursor_and_hides_nothing():
    text = plain_text("a\x1b[31mred\x1b[0m\x1b]0;title\x07\u202eb\u200bc\x00\r\nd\te")
    assert text == "ared<U+202E>b<U+200B>c<U+0000>\nd\te"


@given(st.text())
def test_plain_text_leaves_no_control_character(text):
    assert not [letter for letter in plain_text(text) if ord(letter) < 32 and letter not in "\n\t"]


@pytest.mark.parametrize(
    "text",
    ["\U0001f469\u200d\U0001f4bb", "\u0645\u06cc\u200c\u062e\u0648\u0627\u0647\u0645", "\u2764\ufe0f\u200d\U0001f525"],
)
def test_joiners_stay_where_pictures_and_scripts_are_written_with_them(text):
    assert plain_text(text) == text


@pytest.mark.parametrize("text", ["pay\u200dpal", "\u200d", "a\u200c", "1\u200d\U0001f4bb"])
def test_joiners_elsewhere_are_shown(text):
    assert "<U+200" in plain_text(text)
