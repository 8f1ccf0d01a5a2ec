"""Support Triage and tickets that mean harm."""

import json
import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.agents.test_support_triage import PRICES, desk, rows, ticket, triage  # noqa: F401 - fixtures


@pytest.mark.parametrize(
    ("sender", "to"),
    [
        ("Anna <anna@example.com>", "anna@example.com"), ("anna@example.com", "anna@example.com"), ("Anna", ""), ("<>", ""), ("a@b", ""),
        ("a@b.c, evil@x.y", ""), ("a@b.c\nBcc: evil@x.y", ""), ('"x" <a@b.c> <d@e.f>', ""), ("a@@b.c", ""), ("@" * 200, ""),
    ],
)  # fmt: skip
def test_only_one_plain_address_is_one_to_reply_to(triage, sender, to):  # noqa: F811 - the fixture
    run = triage(ticket("refund", sender=sender))
    assert rows(run, "ticket")[0]["to"] == to
    assert len(rows(run, "send")) == bool(to)


def test_control_characters_and_formatting_of_tickets_stay_out(triage):  # noqa: F811 - the fixture
    run = triage(ticket("refund \x00\x1b[31m \u202e evil", "# [x](javascript:y) | <b>", number="`1`|"))
    assert "\x00" not in json.dumps(run.items)
    assert "\\u202e" not in json.dumps(run.items)
    overview = run.files["triage.md"].decode()
    assert not re.search(r"(?<!\\)\]\(", overview)
    assert not re.search(r"(?<!\\)<b", overview)


@settings(max_examples=150, deadline=None)
@given(
    found=st.lists(
        st.dictionaries(
            st.sampled_from(["id", "from", "subject", "body", "x"]),
            st.text(max_size=40) | st.integers() | st.none() | st.lists(st.text(max_size=3), max_size=2),
        ),
        max_size=5,
    )
)
def test_any_json_ends_in_rows_or_an_input_error(desk, found):  # noqa: F811 - the fixture
    replies = {"approval replies-1": True}
    run = desk.run({}, files={"file": json.dumps(found).encode()}, replies=replies, prices=PRICES)
    assert run.error is None or run.error.failure_class == "input"
    if run.error is None:
        assert len(rows(run, "ticket")) == run.result["tickets"]
