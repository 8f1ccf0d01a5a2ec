"""An agent keeps its face: the drawings are part of the brand and never change for a slug."""

from hashlib import sha256
from xml.etree import ElementTree as ET

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent_platform.views.brand_svg import agent_icon, rosette, rosette_file


@pytest.mark.parametrize(
    ("slug", "light", "dark"),
    [
        ("data-profiler", "d15264e549972f38", "e44bb222f75bcd01"),
        ("pii-redactor", "6e1221c614b497ee", "a99dede757fb04d7"),
        ("log-triage", "f0266117e360fd47", "3c3b9b80cb759938"),
        ("site-auditor", "55f6dec6e18c6a09", "ccb3a1afe8838706"),
        ("tls-monitor", "2214bb7c13cfdf0f", "ebfa8bf0ae2b481c"),
    ],
)
def test_a_slug_always_gives_the_same_icon(slug, light, dark):
    assert (_hash(agent_icon(slug, dark=False)), _hash(agent_icon(slug, dark=True))) == (light, dark)


def test_a_seed_always_gives_the_same_rosette():
    assert _hash(rosette("northwind-labs")) == "c595cd13547d3a33"


def test_an_icon_without_a_mode_carries_both():
    drawn = agent_icon("site-auditor")
    assert "#edf2fe" in drawn
    assert "#182449" in drawn
    assert "prefers-color-scheme:dark" in drawn


def test_a_rosette_file_carries_both_modes_and_finer_lines_when_larger():
    assert "#0eb39e" in rosette_file("run")
    assert rosette_file("run", size=44).count("<ellipse") < rosette_file("run", size=1_100).count("<ellipse") < 150
    assert 'stroke-width="0.16"' in rosette_file("run", size=10**9)


@given(st.text(max_size=60))
def test_any_slug_gives_well_formed_svg_without_its_text(slug):
    drawn = agent_icon(slug)
    ET.fromstring(drawn)
    ET.fromstring(rosette(slug, detail=0.35))


def _hash(text):
    return sha256(text.encode()).hexdigest()[:16]
