"""The views of a run's output, on real rows and files."""

import asyncio

import pytest

from agent_platform.core.ids import shown
from agent_platform.state.run import RunPage
from tests.doubles.running import OUTPUT, end, make_run, pages, put, speak
from tests.doubles.tab import Page, until

VIEWS = {
    **OUTPUT,
    "files": [*OUTPUT["files"], {"name": "note.md", "media_type": "text/markdown", "title": "Note"}],
    "views": [
        {"id": "note", "title": "Note", "type": "markdown", "file": "note.md"},
        {"id": "links", "title": "Broken links", "type": "chart", "chart": "bar", "x": "path", "y": ["broken_links"]},
        {"id": "report", "title": "Report", "type": "file", "file": "report.html"},
        {"id": "sums", "title": "Sums", "type": "figures", "fields": ["pages"]},
        {"id": "gone", "title": "Gone", "type": "chart", "chart": "bar", "x": "path", "y": ["status"]},
    ],
}


@pytest.fixture
def open_run(northwind, enter, said):
    enter(northwind.owner)

    async def open_run(run_id):
        opened = Page(RunPage, f"http://northwind.localhost:3000/runs/{shown('run', run_id)}")
        await opened.send("open")
        return opened

    return open_run


@pytest.mark.usefixtures("news")
async def test_a_note_appears_as_soon_as_the_agent_has_put_it(northwind, open_run):
    run_id = make_run(northwind, output=VIEWS)
    opened = await open_run(run_id)
    assert (opened.state.output.kind, opened.state.output.empty_title) == ("markdown", "No note.md yet")
    following = asyncio.create_task(opened.follow())
    put(northwind, run_id, "note.md", b"# What was found\n\n<b>raw</b>", "text/markdown")
    await until(lambda: "<h1>What was found</h1>" in opened.state.document.html)
    assert (opened.state.output.empty, "<b>" in opened.state.document.html) == ("", False)
    following.cancel()


async def test_the_page_of_an_agent_is_offered_for_download_only(northwind, open_run):
    run_id = make_run(northwind, output=VIEWS)
    put(northwind, run_id, "report.html", b"<script>alert(1)</script>", "text/html")
    opened = await open_run(run_id)
    await opened.send("choose_shape", "report")
    document = opened.state.document
    assert (document.html, document.text) == ("", "")
    assert "never opened on this address" in document.said
    assert opened.state.output.file.href.endswith("/files/report.html")


async def test_a_chart_shows_all_rows_and_not_only_those_of_a_page(northwind, open_run):
    run_id = make_run(northwind, output=VIEWS)
    speak(northwind, run_id, pages(60), {"type": "result", "value": {"pages": 60}})
    end(northwind, run_id)
    opened = await open_run(run_id)
    await opened.send("choose_shape", "links")
    assert len(opened.state.figure.data[0].x) == 60
    assert opened.state.output.summary == "Broken links: Broken links by Path, 60 rows."
    await opened.send("choose_shape", "sums")
    assert [(one.label, one.value) for one in opened.state.output.figures] == [("Pages read", "60")]


async def test_another_run_shows_nothing_of_the_first_ones_note(northwind, open_run):
    first, second = make_run(northwind, output=VIEWS), make_run(northwind, output=VIEWS)
    put(northwind, first, "note.md", b"secret of the first", "text/markdown")
    opened = await open_run(first)
    assert "secret" in opened.state.document.html
    opened.go(f"http://northwind.localhost:3000/runs/{shown('run', second)}")
    await opened.send("open")
    assert (opened.state.document.html, opened.state.output.empty_title) == ("", "No note.md yet")
