"""The documents in the product are the files of `docs/`, with their links and headings made usable."""

import re

import pytest

from agent_platform.views.docs import FILES, ROOT, Document, read_documents

TEXT = """# The `title` & more

Read [the manifest](../creators/manifest.md#pricing) and [another](../decisions/0001-one-house.md).

## Same

### Code `x` & y

## Same

<script>alert(1)</script>
"""


def test_the_first_heading_is_the_title_and_not_repeated():
    document = Document.of("first-agent", TEXT)
    assert document.title == "The title & more"
    assert "<h1>" not in document.html


def test_headings_can_be_jumped_to_and_none_share_an_id():
    document = Document.of("first-agent", TEXT)
    assert [(one.id, one.text, one.level) for one in document.headings] == [
        ("same", "Same", 2),
        ("code-x-y", "Code x & y", 3),
        ("same-2", "Same", 2),
    ]
    assert re.findall(r'<h[23] id="([^"]+)"', document.html) == ["same", "code-x-y", "same-2"]


def test_links_between_documents_lead_to_their_pages():
    html = Document.of("first-agent", TEXT).html
    assert 'href="/docs/manifest#pricing"' in html
    assert 'href="../decisions/0001-one-house.md"' in html


def test_each_error_of_the_api_can_be_jumped_to():
    api = next(one for one in read_documents() if one.name == "api")
    codes = re.findall(r"^\| [45]\d\d[^|]*\| ([^|]+)\|", (ROOT / "api.md").read_text("utf-8"), re.MULTILINE)
    expected = {code.replace("_", "-") for row in codes for code in re.findall(r"`([a-z_]+)`", row)}
    found = re.findall(r'<code id="([^"]+)">', api.html)
    assert {"not-found", "input-invalid", "misdirected-request"} <= expected
    assert sorted(found) == sorted(expected)
    assert not expected & {heading.id for heading in api.headings}


@pytest.mark.sec
def test_html_in_a_document_stays_text():
    assert "<script" not in Document.of("first-agent", TEXT).html


def test_every_document_is_there_and_links_to_no_missing_one():
    documents = read_documents()
    assert [document.name for document in documents] == list(FILES)
    for document in documents:
        assert document.title
        assert document.headings
        assert (
            re.findall(
                r'href="(?!https?:|mailto:|/docs/|#|/(?:agents|quality|sign-in|contact|status)")([^"]*)"', document.html
            )
            == []
        )
        for name, _, anchor in re.findall(r'href="/docs/([a-z-]+)(#([a-z0-9-]+))?"', document.html):
            target = next(one for one in documents if one.name == name)
            assert not anchor or anchor in [heading.id for heading in target.headings]
