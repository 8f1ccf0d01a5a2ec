"""The brand's own drawings on a Pillow picture: an agent's icon, the coin, a rosette. They know only the shapes of `brand_svg`."""

import re
from collections.abc import Iterator
from functools import lru_cache
from math import cos, pi, radians, sin
from pathlib import Path
from xml.etree import ElementTree as ET

from PIL import Image, ImageDraw

from agent_platform.views.brand_svg import agent_icon, rosette

INK = "#0d3d38"  # of what has no colour of its own
FINER = 3  # drawn so many times as large, then scaled down: Pillow draws no smooth edges by itself
COIN = Path(__file__).parents[3] / "assets" / "brand" / "mark.svg"
NUMBER = re.compile(r"-?\d+(?:\.\d+)?")
STEP = re.compile(r"([LHV])([^LHVZ]+)")
STEPS = 96  # of a ring


def icon_picture(slug: str, size: int) -> Image.Image:
    return _drawn(agent_icon(slug, dark=False), size, wide=40)


@lru_cache(maxsize=4)
def coin_picture(size: int) -> Image.Image:
    return _drawn(COIN.read_text(encoding="utf-8"), size, wide=24)


def rosette_mask(seed: str, size: int) -> Image.Image:
    """Turned ellipses, to be inked through."""
    ink = Image.new("L", (size * FINER, size * FINER))
    pen = ImageDraw.Draw(ink)
    for one in _elements(rosette(seed)):
        if one["tag"] == "ellipse":
            pen.line(_ring(one, ink.width), fill=255, width=FINER - 1)
    return ink.reduce(FINER)


def _ring(ellipse: dict[str, str], wide: int) -> list[tuple[float, float]]:
    """The ellipse, turned, in the middle; rosettes are 200 wide."""
    reach, breadth = (float(ellipse[name]) * wide / 200 for name in ("rx", "ry"))
    turn = radians(float(NUMBER.findall(ellipse["transform"])[0]))
    angles = (2 * pi * step / STEPS for step in range(STEPS + 1))
    points = ((reach * cos(angle), breadth * sin(angle)) for angle in angles)
    return [(wide / 2 + x * cos(turn) - y * sin(turn), wide / 2 + x * sin(turn) + y * cos(turn)) for x, y in points]


def _drawn(svg: str, size: int, *, wide: int) -> Image.Image:
    scale = size * FINER / wide
    picture = Image.new("RGBA", (size * FINER, size * FINER))
    pen = ImageDraw.Draw(picture)
    for element in _elements(svg):
        _draw(pen, element, scale)
    return picture.reduce(FINER)


def _draw(pen: ImageDraw.ImageDraw, one: dict[str, str], scale: float) -> None:
    fill = None if one.get("fill") == "none" else one.get("fill", INK)
    match one["tag"]:
        case "rect":
            x, y, width, height = (float(one.get(name, 0)) * scale for name in ("x", "y", "width", "height"))
            pen.rounded_rectangle((x, y, x + width, y + height), float(one.get("rx", 0)) * scale, fill=fill)
        case "circle":
            x, y, r = (float(one[name]) * scale for name in ("cx", "cy", "r"))
            pen.ellipse((x - r, y - r, x + r, y + r), fill=fill)
        case "path":
            _path(pen, one, scale, fill)


def _path(pen: ImageDraw.ImageDraw, one: dict[str, str], scale: float, fill: str | None) -> None:
    """Straight lines only; of an even-odd path every second part is a hole."""
    for place, part in enumerate(part for part in one["d"].split("M") if part):
        points = [(x * scale, y * scale) for x, y in _corners(part)]
        if fill:
            pen.polygon(points, fill=(0, 0, 0, 0) if place % 2 else fill)
        if "stroke" in one:
            pen.line([*points, points[0]], fill=one["stroke"], width=max(1, round(float(one["stroke-width"]) * scale)))


def _corners(part: str) -> Iterator[tuple[float, float]]:
    """Of a line that goes through points, or level (H), or straight up and down (V)."""
    x = y = 0.0
    for command, written in STEP.findall(f"L{part}"):
        numbers = iter(float(number) for number in NUMBER.findall(written))
        for number in numbers:
            x = number if command != "V" else x
            y = next(numbers) if command == "L" else number if command == "V" else y
            yield x, y


def _elements(svg: str) -> list[dict[str, str]]:
    root = ET.fromstring(svg)  # noqa: S314  # our own drawing
    return [{**element.attrib, "tag": element.tag.rpartition("}")[2]} for element in root.iter()]
