"""What a search in the documents finds, in which order, and what it shows of it."""

import sys

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agent_platform.views.docs import read_changelog, read_documents
from agent_platform.views.docs_search import EXCERPT, MOST_HITS, MOST_QUERY, search_documents, search_path

MOST_CALLS = 10_000


def marked(hit) -> list[str]:
    return [part.text.casefold() for part in hit.parts if part.found]


def test_a_part_whose_heading_has_the_words_comes_first_with_the_words_marked():
    found = search_documents("receipt check")
    assert found.hits[0].title == "Check one yourself"
    assert found.hits[0].href == "/docs/receipts#check-one-yourself"
    assert {"receipt", "check"} & set(marked(found.hits[0]))


def test_every_hit_leads_to_a_place_that_is_there():
    places = {document.path for document in (*read_documents(), read_changelog())}
    places |= {
        f"{document.path}#{heading.id}"
        for document in (*read_documents(), read_changelog())
        for heading in document.headings
    }
    for q in ("agent", "run", "AP_LEGAL_DIR", "storefront"):
        hits = search_documents(q).hits
        assert hits
        assert {hit.href for hit in hits} <= places


def test_all_words_are_wanted_and_any_where_nothing_has_all():
    both, one = search_documents("receipt signature"), search_documents("receipt")
    assert 0 < len(both.hits) < len(one.hits)
    assert not search_documents("receipt signature").meant
    assert search_documents("manifest postmaster receipt dropzone").hits


@pytest.mark.parametrize(("typed", "meant"), [("manfest", "manifest"), ("reciept", "receipt"), ("SIGNATUR", "")])
def test_a_typing_error_finds_what_it_looks_like_and_says_so(typed, meant):
    found = search_documents(typed)
    assert found.hits
    assert found.meant == meant


def test_a_word_is_guessed_among_those_that_begin_alike_and_are_as_long():
    assert search_documents("kuberntes").meant == "kubernetes"
    for typed in ("xanifest", "manifesssssst", "m" * 90):
        assert search_documents(typed).found == "Nothing"


def test_of_a_long_question_the_most_telling_words_count():
    found = search_documents("How do I check the signature of a receipt?")
    assert found.hits[0].href == "/docs/receipts#check-one-yourself"
    words = {word for hit in found.hits for word in marked(hit)}
    assert {"check", "receipts"} <= words
    assert not {"the", "do", "of"} & words


def test_words_are_looked_up_and_no_text_is_gone_through():
    """Calls, not seconds: a machine under load answers the same."""
    search_documents("once")  # the index is made
    for q in (
        "the con pro run",
        "manfest reciept signatuer workspce",
        "ab " * 33,
        "exampleq exactlyq exceedsq exceptq",
    ):
        calls = 0

        def count(_frame, event, _of):
            nonlocal calls
            calls += event == "call"

        sys.setprofile(count)
        try:
            search_documents(q)
        finally:
            sys.setprofile(None)
        assert calls < MOST_CALLS, q


@pytest.mark.parametrize("q", ["", "   ", "!!!", "\u2028"])
def test_no_words_are_no_search(q):
    found = search_documents(q)
    assert (found.found, found.hits) == ("", [])


def test_nothing_is_found_where_nothing_is():
    found = search_documents("qqqqzzzz")
    assert (found.found, found.hits, found.meant) == ("Nothing", [], "")


def test_short_words_mean_themselves_only():
    assert all(set(marked(hit)) == {"a"} for hit in search_documents("a").hits if marked(hit))


def test_the_changelog_is_searched_too():
    assert any(hit.href.startswith("/changelog") for hit in search_documents("changelog").hits)


@settings(max_examples=60, deadline=None)
@given(st.text(max_size=400))
def test_whatever_is_typed_the_answer_is_bounded_and_says_only_what_stands_there(q):
    found = search_documents(q)
    assert len(found.q) <= MOST_QUERY
    assert len(found.hits) <= MOST_HITS
    for hit in found.hits:
        assert len("".join(part.text for part in hit.parts)) <= EXCERPT + 10


def test_words_in_an_address_are_encoded():
    assert search_path("a&b #c") == "/docs?q=a%26b%20%23c"
