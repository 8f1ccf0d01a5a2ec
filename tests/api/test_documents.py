"""What programs are told about the site."""

from datetime import UTC, datetime, timedelta

import pytest
from starlette.applications import Starlette

from agent_platform import api
from agent_platform.api import documents
from agent_platform.core.settings import get_settings
from agent_platform.edge.wrap import Edge
from tests.doubles.browser import Browser
from tests.services.catalog.shelf import fill


@pytest.fixture
async def browser(settings, tmp_path):
    edge = Edge(Starlette(routes=api.guarded(documents.routes())), get_settings(), tmp_path)
    browser = Browser(edge, get_settings().base_url)
    yield browser
    await browser.close()


async def test_programs_find_documents_and_the_most_used_agents(browser):
    fill()
    lines = (await browser.get("/llms.txt")).text.splitlines()
    base = get_settings().base_url
    assert any(f"({base}/docs/first-agent.md)" in line for line in lines)
    agents = [line for line in lines if f"{base}/agents/harbor/" in line]
    assert agents[0].startswith(f"- [Data Profiler & Cleaner]({base}/agents/harbor/data-profiler.md)")
    assert any("$0.02 / run" in line for line in agents)


async def test_an_empty_directory_has_no_heading_of_agents(browser):
    assert "## Agents" not in (await browser.get("/llms.txt")).text


@pytest.mark.parametrize(
    ("address", "contact"), [("safety@example.org", "mailto:safety@example.org"), ("", "{base}/contact")]
)
async def test_whoever_finds_a_hole_is_told_whom_to_write_to(settings, monkeypatch, browser, address, contact):
    monkeypatch.setenv("AP_CONTACT_EMAIL", address)
    get_settings.cache_clear()
    base = get_settings().base_url
    answer = await browser.get("/.well-known/security.txt")
    said = dict(line.split(": ", 1) for line in answer.text.splitlines())
    assert answer.headers["content-type"].startswith("text/plain")
    assert said["Contact"] == contact.format(base=base)
    assert said["Canonical"] == f"{base}/.well-known/security.txt"
    left = datetime.fromisoformat(said["Expires"]) - datetime.now(UTC)
    assert timedelta(days=30) < left < timedelta(days=365)
