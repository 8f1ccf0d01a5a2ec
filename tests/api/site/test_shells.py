import pytest

from agent_platform.api.site._shells import Shells
from agent_platform.core.settings import get_settings
from agent_platform.views.shell import DEV_SIGN_IN

PAGES = ("/", "/agents", "/agents/openworks/data-profiler")


@pytest.mark.parametrize("path", PAGES)
def test_the_banner_of_the_local_mode_is_there_from_the_first_paint(settings, built, path):
    assert DEV_SIGN_IN in Shells(built).plain(path).partition("</head>")[0]


@pytest.mark.parametrize("path", PAGES)
def test_without_development_sign_in_nothing_of_its_banner_is_in_a_page(settings, built, path, monkeypatch):
    monkeypatch.setenv("AP_DEV_SIGN_IN", "0")
    get_settings.cache_clear()
    assert DEV_SIGN_IN not in Shells(built).plain(path)
