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
