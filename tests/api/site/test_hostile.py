"""Creators' words are hostile: nothing of them becomes markup, script, link or structure, wherever they are written."""

import json
import xml.etree.ElementTree as ET

import pytest
from markdown_it import MarkdownIt

from agent_platform.core.floods import Bucket
from agent_platform.core.settings import get_settings
from agent_platform.services.agents import read_manifest
from agent_platform.services.agents.errors import ManifestInvalid
from agent_platform.views.format import plain_text
from tests.api.site.listed import list_agent
from tests.api.site.reading import Read
from tests.services.agents.samples import manifest

pytestmark = pytest.mark.sec
CORPUS = (
    "<script>alert(1)</script>",
    "</script><script>alert(1)</script>",
    "</noscript><script>alert(1)</script>",
    "</title><svg onload=alert(1)>",
    '"><img src=x onerror=alert(1)>',
    "' onmouseover='alert(1)",
    "<!--<script>",
    "]]><script>alert(1)</script>",
    "<![CDATA[<script>",
    '<iframe srcdoc="<script>alert(1)</script>">',
    "<base href=https://evil.example/>",
    "<meta http-equiv=refresh content=0;url=https://evil.example>",
    "[x](javascript:alert(1))",
    "![x](https://evil.example/pixel.png)",
    "<javascript:alert(1)>",
    "{{constructor.constructor('alert(1)')()}}",
    "&lt;script&gt;alert(1)&lt;/script&gt;",
    "\u2028</script>\u2029",
    "```\n</code><script>alert(1)</script>",
    "%3Cscript%3E",
    "a | b\n# Heading\n- item\n> quote",
    "${alert(1)}`alert(1)`",
)
DANGEROUS = {"script", "iframe", "svg", "base", "object", "embed", "style"}


@pytest.fixture
def hostile(settings) -> dict[str, str]:
    """Address of an agent -> the words that stand in every text of its creator."""
    return {f"/agents/harbor/{_listed(number, words)}": words for number, words in enumerate(CORPUS)}


def _listed(number: int, words: str) -> str:
    event = {"model": "per_event", "events": {"page": {"title": words[:40], "price": "0.01"}}}
    schema = {
        "type": "object",
        "properties": {"url": {"type": "string", "title": words, "description": words, "prefill": words}},
    }
    slug, made = f"agent-{number}", {"pricing": event, "input": schema}
    list_agent(
        slug,
        readme=f"# Title\n\n{words}\n\n```\n{words}\n```\n",
        made=made if _may_be_published(made) else {},
        name=words,
        summary=words,
        publisher_name=words,
        tags=[words],
    )
    return slug


def _may_be_published(made: dict) -> bool:
    """Some words no manifest may hold; they are tried where nothing but the table is in the way."""
    try:
        read_manifest(manifest(**made))
    except ManifestInvalid:
        return False
    return True


def structure(page: Read) -> list[tuple[str, str]]:
    """Every tag that can do something, and every attribute that can."""
    scripts = [("script", found.get("type", "")) for tag, found in page.tags if tag in DANGEROUS and tag != "svg"]
    handlers = [(tag, name) for tag, found in page.tags for name in found if name.startswith("on")]
    return [*scripts, *handlers]


async def test_no_word_becomes_markup(browser, hostile):
    plain = structure(Read.of((await browser.get("/sign-in")).text))
    for path in (*hostile, "/agents", "/", "/agents?q=alert"):
        answer = await browser.get(path)
        assert answer.status_code == 200, path
        page = Read.of(answer.text)
        data_blocks = [("script", "application/ld+json")] * len(page.data)
        assert sorted(structure(page)) == sorted([*plain, *data_blocks]), path
        assert not [href for href in page.anchors if not href.startswith(("/", "https://", "http://", "mailto:"))]
        assert not [found for tag, found in page.tags if tag == "img" and not found["src"].startswith("/brand/")]
        assert not [found for tag, found in page.tags if tag == "meta" and "http-equiv" in found]
        assert page.titles == 1
        assert answer.text.count("</noscript>") == answer.text.count("<noscript>") == 2
        assert answer.text.count("</head>") == answer.text.count("</body>") == 1


async def test_words_stay_words_in_structured_data(browser, hostile):
    for path, words in hostile.items():
        answer = await browser.get(path)
        agent = Read.of(answer.text).object("SoftwareApplication")
        assert agent["name"] == plain_text(words)
        for block in answer.text.split('type="application/ld+json">')[1:]:
            written = block.partition("</script>")[0]
            assert json.loads(written)
            assert not {"<", ">", "&", "\u2028", "\u2029"} & set(written)


async def test_no_word_becomes_markup_in_markdown(browser, hostile):
    """Read by a parser that lets HTML through, as careless readers do."""
    for path in (*(f"{path}.md" for path in hostile), "/agents.md", "/index.md", "/llms.txt"):
        answer = await browser.get(path)
        assert answer.status_code == 200, path
        tokens = all_tokens(answer.text)
        assert not [token.content for token in tokens if token.type in {"html_block", "html_inline", "image"}], path
        targets = [str(token.attrs["href"]) for token in tokens if token.type == "link_open"]
        assert all(target.startswith(f"{get_settings().base_url}/") for target in targets), path


def all_tokens(written: str) -> list:
    blocks = MarkdownIt("commonmark").enable("table").parse(written)
    return [part for token in blocks for part in (token, *(token.children or ()))]


async def test_no_line_of_a_word_becomes_structure_in_markdown(browser, settings):
    list_agent(name="a\n# Heading\n- item", summary="b\n\n# Other\n\n> quote | cell")
    for path in ("/agents/harbor/site-auditor.md", "/agents.md", "/llms.txt"):
        lines = (await browser.get(path)).text.splitlines()
        assert not [line for line in lines if line.startswith(("# Heading", "# Other", "> quote", "- item"))]


async def test_a_readme_cannot_leave_its_fence(browser, settings):
    list_agent(readme="```\n````\n`````\n# Out\n<script>alert(1)</script>")
    written = (await browser.get("/agents/harbor/site-auditor.md")).text
    tokens = MarkdownIt("commonmark").parse(written)
    fence = next(token for token in tokens if token.type == "fence" and "# Out" in token.content)
    assert "alert(1)" in fence.content
    assert not [token for token in tokens if token.type == "html_block"]


async def test_hidden_letters_are_shown_in_twins_and_pages(browser, settings):
    hidden = {"name": "Site \u202eAuditor", "summary": "Zero\u200bwidth \x1b[31mred"}
    list_agent(**hidden)
    for path in ("/agents", "/agents.md", "/llms.txt", "/"):
        written = (await browser.get(path)).text
        assert not {"\u202e", "\u200b", "\x1b"} & set(written), path
        assert "U+202E" in written, path


async def test_hidden_letters_of_a_readme_are_shown_in_its_twin(browser, settings):
    list_agent(readme="bidi \u202e text")
    assert "bidi <U+202E> text" in (await browser.get("/agents/harbor/site-auditor.md")).text


@pytest.fixture
def unhurried(monkeypatch):
    """As if there were time enough between any two searches."""
    monkeypatch.setattr(Bucket, "take", lambda self, key: 0.0)


@pytest.mark.usefixtures("unhurried")
@pytest.mark.parametrize("name", ["q", "category", "after", "next", "ref"])
async def test_what_a_visitor_asks_for_is_escaped_too(browser, settings, name):
    plain = structure(Read.of((await browser.get("/sign-in")).text))
    for words in CORPUS:
        answer = await browser.get(f"{'/sign-in' if name in {'next', 'ref'} else '/agents'}?{name}={quoted(words)}")
        page = Read.of(answer.text)
        data_blocks = [("script", "application/ld+json")] * len(page.data)
        assert sorted(structure(page)) == sorted([*plain, *data_blocks]), (name, words)
        assert not {" ", "\n", "<"} & set(page.link("canonical") + page.link("alternate"))


async def test_a_sitemap_stays_xml_whatever_an_address_holds(browser, settings):
    list_agent("a&b<c>'d", publisher='p"q')
    listed = ET.fromstring((await browser.get("/sitemaps/agents-1.xml")).text)
    assert listed[0][0].text == f"{get_settings().base_url}/agents/p\"q/a&b<c>'d"


def quoted(words: str) -> str:
    return "".join(f"%{byte:02X}" for byte in words.encode())
