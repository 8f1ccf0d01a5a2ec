"""What requests say, read strictly and without surprises."""

import pytest
from starlette.requests import Request

from agent_platform.api.v1 import _asked
from agent_platform.core.errors import InputInvalid


@pytest.mark.parametrize(
    ("sent", "words"),
    [
        (b'{"input": {"text": "a"}, "input": {"text": "b"}}', "a name stands twice in one object"),
        (b'{"input": {"a": {"b": 1, "b": 2}}}', "a name stands twice in one object"),
        (b'{"input": {"n": ' + b"9" * 5_000 + b"}}", "a number in it is too large"),
        (b'{"input": {"n": -' + b"9" * 400 + b"}}", "a number in it is too large"),
        (b'{"input": {"n": 1e400}}', "too large"),
        (b'{"input": {"n": NaN}}', "NaN"),
        (b"\xff", "not UTF-8"),
    ],
)
def test_a_body_that_may_be_read_in_two_ways_or_in_none_is_refused(sent, words):
    with pytest.raises(InputInvalid, match=words) as refused:
        _asked._read(sent)
    assert "limit" not in str(refused.value)


@pytest.mark.sec
@pytest.mark.parametrize("text", ["a\\u0000", "\\ud800", "\\udfffa"])
def test_what_cannot_be_kept_is_refused_with_its_place(text):
    with pytest.raises(InputInvalid, match=r"input.rows.1.text holds .* Nothing was charged") as refused:
        _asked._read(f'{{"input": {{"rows": [1, {{"text": "{text}"}}]}}}}'.encode())
    assert refused.value.errors[0].path == "input.rows.1.text"


@pytest.mark.parametrize(
    ("preference", "seconds"),
    [
        ("wait=5", 5),
        ("wait=5; foo=bar", 5),
        ('respond-async, Wait="7"', 7),
        ("wait=99999999999999", 60),
        ("wait=-1", 0),
        ("wait=soon", 0),
        ("", 0),
    ],
)
def test_a_preference_waits_a_minute_at_most(preference, seconds):
    request = Request({"type": "http", "headers": [(b"prefer", preference.encode())]})
    assert _asked.seconds_to_wait(request) == seconds
