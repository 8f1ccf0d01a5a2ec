import pytest

from agent_platform.edge.wrap import Edge
from tests.doubles import people
from tests.edge.asgi import ask

INLINE = "console.log('ours')"


@pytest.fixture
def built(tmp_path):
    """A built front end of three pages."""
    pages = {
        "index.html": f"<script>{INLINE}</script>",
        "404.html": "<script>shell()</script>",
        "agents/index.html": "<p>",
    }
    for name, text in pages.items():
        page = tmp_path / "client" / name
        page.parent.mkdir(parents=True, exist_ok=True)
        page.write_text(f"<!doctype html><script src='/x.js'></script>{text}")
    return tmp_path / "client"


@pytest.fixture
def acme(settings):
    return people.found(people.arrive("Olga", 1), "acme")


@pytest.fixture
def through(settings, built):
    """`await through(app, path, ...)`: the answer of an application behind the edge."""

    async def through(app, path="/", **request):
        request.setdefault("headers", {"Host": "localhost:3000"})
        return await ask(Edge(app, settings, built), path, **request)

    return through
