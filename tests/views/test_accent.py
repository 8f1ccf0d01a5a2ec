"""Whatever colour is chosen, words on it and in it stay readable in light and in dark."""

import pytest
from hypothesis import given
from hypothesis import strategies as some

from agent_platform.views.accent import DARK, LEAST_CONTRAST, LIGHT, accent_view, contrast

WORDS_ON_LIGHT, WORDS_ON_DARK = "#fdfdfc", "#111110"


@given(some.integers(0, 0xFFFFFF))
def test_any_colour_becomes_readable(number):
    view = accent_view(f"#{number:06x}")
    for colour, ground, words in ((view.light, LIGHT, WORDS_ON_LIGHT), (view.dark, DARK, WORDS_ON_DARK)):
        assert contrast(colour, ground) >= LEAST_CONTRAST
        assert contrast(colour, words) >= LEAST_CONTRAST


@pytest.mark.parametrize("colour", ["#0d3d38", "#3e63dd", "#000000"])
def test_a_colour_that_is_readable_on_light_stays_as_it_was_chosen(colour):
    assert accent_view(colour).light == colour


def test_black_and_white_have_the_contrast_that_the_guideline_gives():
    assert round(contrast("#000000", "#ffffff"), 6) == 21
