import pytest

from agent_platform.core.errors import InputInvalid, NotFound, RateLimited
from agent_platform.core.ids import new_id
from agent_platform.services import catalog, identity
from tests.factories import make_reviewer, make_user

pytestmark = pytest.mark.usefixtures("settings")
TASK = "Turns scanned receipts into a table of totals."


def ask(task: str = TASK, *, searched: str = "receipt scanner", address: str = "192.0.2.1") -> None:
    identity.in_platform(catalog.request_agent, task=task, searched=searched, address=address)


def waiting(reviewer) -> list[catalog.Wish]:
    return identity.in_platform(catalog.list_agent_requests, by=reviewer)


def shared() -> list[str]:
    return [one.task for one in identity.in_platform(catalog.shared_agent_requests)]


def answer(reviewer, wish: catalog.Wish, what: str) -> None:
    identity.in_platform(catalog.answer_agent_request, request_id=wish.id, answer=what, by=reviewer)


def test_creators_see_what_a_reviewer_shared_and_nothing_else():
    reviewer = make_reviewer("reviewer")
    ask("  Turns  receipts\ninto a table\0 ")
    ask("Buy cheap watches at example.com!")
    assert shared() == []
    first, second = waiting(reviewer)
    assert (first.task, first.searched) == ("Turns receipts into a table", "receipt scanner")
    answer(reviewer, first, "shared")
    answer(reviewer, second, "dismissed")
    assert (shared(), waiting(reviewer)) == (["Turns receipts into a table"], [])


def test_a_request_is_answered_once():
    reviewer = make_reviewer("reviewer")
    ask()
    [wish] = waiting(reviewer)
    answer(reviewer, wish, "dismissed")
    with pytest.raises(NotFound, match="somebody has answered it"):
        answer(reviewer, wish, "shared")
    assert shared() == []


@pytest.mark.parametrize("task", ["", "short", "x" * 1_001, "\0" * 50])
def test_a_task_is_described_in_a_few_words_or_not_taken(task):
    with pytest.raises(InputInvalid, match="Describe the task in 10 to 1,000 characters"):
        ask(task)
    assert waiting(make_reviewer("reviewer")) == []


@pytest.mark.sec
def test_one_address_cannot_fill_the_queue():
    for _ in range(5):
        ask()
    with pytest.raises(RateLimited):
        ask()
    ask(address="192.0.2.2")
    assert len(waiting(make_reviewer("reviewer"))) == 6


@pytest.mark.sec
def test_addresses_of_one_ipv6_customer_share_a_limit():
    for number in range(5):
        ask(address=f"2001:db8:1:2::{number}")
    with pytest.raises(RateLimited):
        ask(address="2001:db8:1:2::9")


@pytest.mark.sec
def test_only_a_reviewer_reads_and_answers():
    ask()
    stranger = make_user("Mallory")
    with pytest.raises(catalog.NotReviewer):
        waiting(stranger)
    with pytest.raises(catalog.NotReviewer):
        identity.in_platform(catalog.answer_agent_request, request_id=new_id(), answer="shared", by=stranger)


def test_there_are_two_answers():
    reviewer = make_reviewer("reviewer")
    ask()
    with pytest.raises(InputInvalid):
        answer(reviewer, waiting(reviewer)[0], "open")
