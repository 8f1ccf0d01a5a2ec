import pytest

from agent_platform import api
from agent_platform.api.site._shells import Shells
from agent_platform.core.settings import get_settings
from agent_platform.edge.wrap import Edge
from agent_platform.views.shell import DEV_SIGN_IN
from tests.doubles.browser import Browser

PAGES = ("/", "/agents", "/agents/openworks/data-profiler")


@pytest.mark.parametrize("path", PAGES)
def test_the_banner_of_the_local_mode_is_there_from_the_first_paint(settings, built, path):
    assert DEV_SIGN_IN in Shells(built).plain(path).partition("</head>")[0]


@pytest.mark.parametrize("path", PAGES)
def test_without_development_sign_in_nothing_of_its_banner_is_in_a_page(settings, built, path, monkeypatch):
    monkeypatch.setenv("AP_DEV_SIGN_IN", "0")
    get_settings.cache_clear()
    assert DEV_SIGN_IN not in Shells(built).plain(path)


@pytest.mark.parametrize("path", ["/overview", "/runs/run_1", "/settings/keys/"])
async def test_a_page_of_a_workspace_has_the_banner_s_place_too(settings, built, path):
    page = await served(built, path)
    assert page.status_code == 200
    assert DEV_SIGN_IN in page.text.partition("</head>")[0]


async def test_without_development_sign_in_the_built_file_goes_out_as_it_is(settings, built, monkeypatch):
    monkeypatch.setenv("AP_DEV_SIGN_IN", "0")
    get_settings.cache_clear()
    assert (await served(built, "/overview")).status_code == 404


async def served(built, path):
    inner = api.build(get_settings(), built, ["/overview", "/runs/[run_id]", "/settings/keys", "404"])
    browser = Browser(Edge(inner, get_settings(), built), get_settings().base_url)
    answer = await browser.get(path)
    await browser.close()
    return answer


def test_a_page_without_scripts_is_dark_where_the_system_is(settings, built):
    sheet = built / "css" / "tokens-dark.css"
    sheet.parent.mkdir(exist_ok=True)
    sheet.write_text(":root.dark { --bg: #111; }")
    head = Shells(built).plain("/agents").partition("</head>")[0]
    assert '<noscript><style media="(prefers-color-scheme: dark)">:root { --bg: #111; }</style></noscript>' in head
