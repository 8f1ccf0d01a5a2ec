"""A creator's schema meets a consumer's value: formats hold, and no pattern can hold up the check."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent_platform.services import agents
from agent_platform.services.agents._patterns import PatternRefused, longest_text


def faults(schema: dict, value) -> list[str]:
    return [error.message for error in agents.validator_of(schema).iter_errors(value)]


@pytest.mark.sec
@pytest.mark.parametrize(
    "pattern",
    [
        "(a+)+$",
        "(a*)*",
        "(a|a)*b",
        "(a|ab)+c",
        "(.*)*x",
        "(?:a?){30}a{30}",
        "a?a?a?a?a?a?a?a?a?aaaaaaaaa",
        r"(\d+)\1",
        "(?<=a)b",
        "(?!a)b",
        "a*a*a*a*a*b",
        "([a-z]+-)*x",
        "(?P<x>a)(?P=x)",
        "(a)(?(1)b|c)",
        "x" * 201,
        "(" * 300,
        "[",
        "a{5,2}",
    ],
)
def test_a_pattern_that_could_take_for_ever_is_refused(pattern):
    with pytest.raises(PatternRefused):
        longest_text(pattern)


@pytest.mark.parametrize(
    ("pattern", "longest"),
    [
        (r"^\d{4}-\d{2}-\d{2}$", 100_000),
        ("^[a-z0-9-]+$", 100_000),
        (r"^[^@]+@[^@]+$", 2_000),
        (r"^[^@]+@[^@]+\.[a-z]{2,}$", 400),
        (r"\d+-\d+", 400),
        ("^https?://", 100_000),
        ("^(red|green|blue)$", 100_000),
        ("^([A-Z]{2})?[0-9]+$", 100_000),
    ],
)
def test_a_pattern_bounds_the_length_of_its_text(pattern, longest):
    assert longest_text(pattern) == longest


@pytest.mark.sec
def test_text_beyond_the_bound_is_a_fault_and_never_matched():
    schema = {"type": "string", "pattern": r"\d+-\d+-\d+x"}
    assert faults(schema, "1" * 1_000_000) == ["has 1,000,000 characters; at most 100 fit its pattern"]
    assert faults(schema, "1-2-3x") == []
    assert faults(schema, "1-2") == [r"does not match \d+-\d+-\d+x"]


@pytest.mark.sec
def test_a_long_list_is_not_compared_pair_by_pair():
    schema = {"type": "array", "uniqueItems": True}
    assert faults(schema, [{"n": n} for n in range(1_001)]) == [
        "has 1,001 entries; at most 1,000 can be compared with each other"
    ]
    assert faults(schema, [1, 2, 1]) != []
    assert faults(schema, [1, 2, 3]) == []


@pytest.mark.parametrize(
    ("name", "right", "wrong"),
    [
        ("uri", ["https://example.com/a?b=c", "mailto:a@b.example"], ["example.com", "http://a b", "", "https://[::1"]),
        ("email", ["a@b.example"], ["a@b@c", "a b@c.example", "@x", "a@"]),
        ("date", ["2026-02-28"], ["2026-02-30", "20260228", "28.02.2026"]),
        ("time", ["10:30:00", "10:30:00Z"], ["25:00:00", "noon"]),
        ("date-time", ["2026-02-28T10:00:00Z", "2026-02-28t10:00:00+01:00"], ["2026-02-28", "2026-02-28T10:00:00"]),
        ("uuid", ["01a20273-29fd-73e1-a6df-944d3333e63a"], ["01a2027329fd73e1a6df944d3333e63a", "x" * 36]),
        ("ipv4", ["192.0.2.1"], ["192.0.2.256", "1.2.3"]),
        ("ipv6", ["2001:db8::1"], ["2001:db8::g"]),
        ("hostname", ["a.example", "localhost"], ["-a.example", "a..b", "a" * 64]),
    ],
)
def test_formats_take_the_right_and_refuse_the_wrong(name, right, wrong):
    schema = {"type": "string", "format": name}
    assert [value for value in right if faults(schema, value)] == []
    assert [value for value in wrong if not faults(schema, value)] == []


def test_an_empty_pattern_fits_everything():
    assert faults({"pattern": ""}, "x") == []


@given(st.text(alphabet="ab|()*+?{}[]^$.\\d1,2-", max_size=20))
def test_any_pattern_is_bounded_or_refused(pattern):
    try:
        longest = longest_text(pattern)
    except PatternRefused as refusal:
        assert str(refusal)  # noqa: PT017
        return
    assert longest >= 100


@given(
    st.text(max_size=40),
    st.sampled_from(["uri", "email", "date", "time", "date-time", "uuid", "ipv4", "ipv6", "hostname"]),
)
def test_no_text_breaks_a_format(text, name):
    faults({"format": name}, text)
