"""What a person saves is theirs, on every host, and nobody else's."""

import pytest
from sqlalchemy import text

from agent_platform.core.db.tenant import tenant_session
from agent_platform.core.errors import Conflict, NotFound, Unauthenticated
from agent_platform.core.ids import new_id
from agent_platform.core.policy import ANONYMOUS
from agent_platform.services import catalog
from agent_platform.services.catalog import _bookmarks
from agent_platform.state import _saved
from tests.factories import caller_of, make_tenant, make_user
from tests.services.catalog.shelf import fill


@pytest.fixture
def shelf(settings):
    return fill()


def someone(name="Mara"):
    """The same person in a workspace of theirs, and on the base domain."""
    person = make_user(name)
    return caller_of(make_tenant(owner=person), person)


def test_a_saved_agent_is_on_the_person_s_list_wherever_they_are(shelf):
    mara = someone()
    elsewhere = caller_of(make_tenant(owner=mara.user_id), mara.user_id, role="viewer")
    _saved.keep(mara, listing_id=shelf["log-triage"], wanted=True)
    _saved.keep(mara, listing_id=shelf["log-triage"], wanted=True)
    assert _saved.saved_by(elsewhere) == (shelf["log-triage"],)
    assert _saved.has_saved(elsewhere, listing_id=shelf["log-triage"])
    _saved.keep(elsewhere, listing_id=shelf["log-triage"], wanted=False)
    _saved.keep(elsewhere, listing_id=shelf["log-triage"], wanted=False)
    assert _saved.saved_by(mara) == ()


def test_the_newest_comes_first(shelf):
    mara = someone()
    for slug in ("log-triage", "site-auditor"):
        _saved.keep(mara, listing_id=shelf[slug], wanted=True)
    assert _saved.saved_by(mara) == (shelf["site-auditor"], shelf["log-triage"])


@pytest.mark.sec
def test_nobody_sees_what_another_has_saved(shelf):
    mara, ben = someone("Mara"), someone("Ben")
    _saved.keep(mara, listing_id=shelf["log-triage"], wanted=True)
    assert _saved.saved_by(ben) == ()
    _saved.keep(ben, listing_id=shelf["log-triage"], wanted=False)
    assert _saved.saved_by(mara) == (shelf["log-triage"],)
    with tenant_session(ben.user_id) as session:
        assert session.execute(text("SELECT count(*) FROM app.bookmarks")).scalar_one() == 0


@pytest.mark.sec
def test_a_visitor_has_no_list(shelf):
    assert _saved.saved_by(ANONYMOUS) == ()
    assert not _saved.has_saved(ANONYMOUS, listing_id=shelf["log-triage"])
    with pytest.raises(Unauthenticated):
        _saved.keep(ANONYMOUS, listing_id=shelf["log-triage"], wanted=True)


def test_what_is_not_in_the_directory_cannot_be_saved(settings):
    ids = fill(is_gone={"state": "suspended"})
    for listing in (new_id(), ids["is-gone"]):
        with pytest.raises(NotFound):
            _saved.keep(someone(), listing_id=listing, wanted=True)


def test_a_list_ends_somewhere(shelf, monkeypatch):
    monkeypatch.setattr(_bookmarks, "MOST_SAVED", 2)
    mara, (first, second, third) = someone(), list(shelf.values())[:3]
    for listing in (first, second):
        _saved.keep(mara, listing_id=listing, wanted=True)
    with pytest.raises(Conflict, match="the most one person may"):
        _saved.keep(mara, listing_id=third, wanted=True)
    _saved.keep(mara, listing_id=first, wanted=True)


def test_a_search_among_them_finds_nothing_else(shelf):
    from agent_platform.core.db.tenant import public_session

    with public_session() as session:
        among = catalog.Filters(among=(shelf["log-triage"], shelf["site-auditor"]))
        assert {one.slug for one in catalog.search(session, filters=among).listings} == {"log-triage", "site-auditor"}
        assert catalog.search(session, filters=catalog.Filters(among=())).total == 0
        assert sum(one.count for one in catalog.facets(session, filters=among)["category"]) == 2


@pytest.mark.parametrize("hidden", [{"visibility": "unlisted"}, {"state": "deprecated"}, {"state": "withdrawn"}])
def test_what_no_list_would_show_is_not_saved(settings, hidden):
    shelf = fill(log_triage=hidden)
    with pytest.raises(NotFound, match="Nothing was saved"):
        _saved.keep(someone(), listing_id=shelf["log-triage"], wanted=True)
