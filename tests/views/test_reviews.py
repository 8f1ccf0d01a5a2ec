"""Reviews and the publisher's replies show what they hide."""

from datetime import UTC, datetime
from types import SimpleNamespace

import pytest

from agent_platform.core.ids import new_id
from agent_platform.views.reviews import reviews_view

NOW = datetime(2026, 11, 30, 12, tzinfo=UTC)


@pytest.mark.sec
def test_a_review_and_its_reply_show_what_would_reorder_them():
    one = SimpleNamespace(
        id=new_id(), stars=1, text="Worth \u202e000,1", reviewer_label="Ann\u200b, Northwind", written_at=NOW, edited_at=None,
        version="1.0.0", reply="No\u2066t so", replied_at=NOW,
    )  # fmt: skip
    found = SimpleNamespace(average=1.0, total=1, counts={1: 1}, reviews=[one])
    (shown,) = reviews_view(found, "Harbor", NOW).reviews
    assert "Worth &lt;U+202E&gt;000,1" in shown.text
    assert "No&lt;U+2066&gt;t so" in shown.reply
    assert shown.by == "Ann<U+200B>, Northwind"
