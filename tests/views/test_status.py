"""The words of the status page."""

from datetime import UTC, datetime, timedelta

import pytest

from agent_platform.core.queue import QUEUES
from agent_platform.services.outages import BROKER, ELECTED, Answer, OutageFacts, StatusFacts
from agent_platform.views.status import NO_OUTAGE, NOT_READ, NOT_YET, PARTS, RECORD_NOT_YET, status_view

NOW = datetime(2026, 11, 30, 2, 3, 4, tzinfo=UTC)
ALL = dict.fromkeys(PARTS, Answer.YES)


def test_every_part_has_a_name_for_people():
    assert set(PARTS) == {"web", "database", "queue", BROKER, *QUEUES, *ELECTED}


@pytest.mark.parametrize(
    ("changed", "summary", "kind"),
    [
        ({}, "All 9 parts answer.", "note"),
        ({"broker": Answer.NO}, "1 of 9 parts does not answer: Broker.", "error"),
        ({"broker": Answer.NO, "queue": Answer.NO}, "2 of 9 parts do not answer: Queue, Broker.", "error"),
        ({"broker": Answer.UNKNOWN}, "What could be asked answers. Not known: Broker.", "warning"),
        ({"broker": Answer.UNKNOWN, "watch": Answer.NO}, "1 of 9 parts does not answer: Settling of runs.", "error"),
    ],
)
def test_the_summary_names_what_does_not_answer(changed, summary, kind):
    view = status_view(StatusFacts(NOW, {**ALL, **changed}, []))
    assert (view.summary, view.kind, view.no_outages) == (summary, kind, NO_OUTAGE)
    assert view.taken == "02:03:04 UTC on 30 Nov"


def test_an_outage_says_how_long_it_was_and_how_that_is_known():
    began = NOW - timedelta(hours=3)
    view = status_view(
        StatusFacts(NOW, ALL, [OutageFacts(BROKER, began, began + timedelta(seconds=130), was_asked=True)])
    )
    (one,) = view.outages
    assert (one.part, one.lasted) == ("Broker", "2 min 10 s")
    assert "did not answer" in one.note
    assert view.no_outages == ""


def test_a_record_that_cannot_be_read_is_not_said_to_be_empty():
    assert status_view(StatusFacts(NOW, ALL, None)).no_outages == NOT_READ


def test_before_the_first_answer_nothing_is_said_to_answer_or_not():
    unknown = {**dict.fromkeys(PARTS, Answer.UNKNOWN), "web": Answer.YES}
    view = status_view(StatusFacts(NOW, unknown, None, is_asked=False))
    assert (view.summary, view.kind, view.no_outages) == (NOT_YET, "warning", RECORD_NOT_YET)
