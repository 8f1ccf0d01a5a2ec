"""The assets and the components agree with each other."""

import re
from pathlib import Path

import pytest

import agent_platform.components as package
from agent_platform.components.badges import all_looks
from agent_platform.components.theme import DARK_CHART, LIGHT_CHART, STYLESHEETS

COMPONENTS = Path(package.__file__).parent
ASSETS = COMPONENTS.parents[1] / "assets"
SPRITE = set(re.findall(r'<symbol id="([a-z0-9-]+)"', (ASSETS / "icons/icons.svg").read_text()))
SHEETS = {sheet: (ASSETS / sheet).read_text() for sheet in STYLESHEETS}


def test_every_icon_that_components_name_is_in_the_sprite():
    named = {icon_name for _, icon_name, _ in all_looks().values()}
    for module in [*COMPONENTS.glob("*.py"), *(COMPONENTS.parent / "pages").glob("*.py")]:
        text = module.read_text()
        named |= set(re.findall(r'\bicon\("([a-z0-9-]+)"', text)) | set(re.findall(r'icon_name="([a-z0-9-]+)"', text))
    assert named - SPRITE == set()


def test_every_colour_variable_that_sheets_use_is_defined():
    defined = set(re.findall(r"(--[a-z0-9-]+):", "".join(SHEETS.values())))
    given_inline = {"--x", "--w", "--c", "--side", "--at", "--last", "--digits"}
    used = set(re.findall(r"var\((--[a-z0-9-]+)", "".join(SHEETS.values())))
    assert used - defined - given_inline == set()


@pytest.mark.parametrize("sheet", [name for name in STYLESHEETS if "tokens" not in name])
def test_only_the_token_sheet_names_colours(sheet):
    text = re.sub(r'url\("data:[^"]*"\)', "", SHEETS[sheet])
    assert [colour for colour in re.findall(r"#[0-9a-fA-F]{3,8}\b", text) if colour != "#fff"] == []


def test_every_file_that_sheets_load_is_there():
    for path in re.findall(r'url\("(/[^"]+)"\)', "".join(SHEETS.values())):
        assert (ASSETS / path.lstrip("/")).is_file(), path


def test_both_chart_templates_order_seven_colours():
    assert len(LIGHT_CHART.layout.colorway) == len(DARK_CHART.layout.colorway) == 7


def test_only_the_markdown_module_places_html():
    users = [
        module.name
        for module in COMPONENTS.glob("*.py")
        if re.search(r"rx\.html|rx\.markdown|dangerously", module.read_text())
    ]
    assert users == ["markdown.py"]


def test_a_browser_that_asks_for_the_old_icon_gets_one():
    assert (ASSETS / "favicon.ico").read_bytes().startswith(b"\0\0\1\0")
