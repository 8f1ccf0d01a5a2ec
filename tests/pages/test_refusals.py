"""Every page of the site map has a place for why it cannot be shown."""

import pytest

from agent_platform.pages import SITE_MAP
from agent_platform.state.session import Session


@pytest.mark.parametrize("page", SITE_MAP, ids=lambda page: page.route)
def test_a_page_draws_why_it_cannot_be_shown(page):
    assert str(Session.refusal.sentence) in str(page.draw())
