"""What a shared link shows, drawn from facts: paper and ink, the agent's icon, figures in a row."""

import io
from functools import lru_cache
from pathlib import Path

from PIL import Image, ImageDraw, ImageFont

from agent_platform.views.site.blocks import Picture
from agent_platform.views.site.engraving import coin_picture, icon_picture, rosette_mask
from agent_platform.views.site.head import PICTURE_SIZE
from agent_platform.views.site.words import NAME

FONTS = Path(__file__).parents[3] / "assets" / "fonts"
SANS, MONO = "hanken-grotesk-latin-wght-normal.woff2", "geist-mono-latin-wght-normal.woff2"
PAPER, INK, MUTED, LINE, TEAL, FAINT = "#f9f9f8", "#21201c", "#63635e", "#e2e1de", "#0d3d38", "#b8eae0"
LEFT, RIGHT, WIDTH = 72, 1128, 1056
ICON = 112
FIGURES_TOP = 470
MISSING = "\U0010ffff"  # no letter: what is drawn for it means that the font lacks one


def drawn(picture: Picture) -> bytes:
    """A PNG of 1200 x 630."""
    canvas = Image.new("RGB", PICTURE_SIZE, PAPER)
    canvas.paste(FAINT, (740, -120), rosette_mask(picture.address or picture.title, 700))
    pen = ImageDraw.Draw(canvas)
    _brand(canvas, pen)
    top = _title(canvas, pen, picture)
    for line in _wrapped(pen, picture.text, _font(SANS, 32, 400), lines=2):
        pen.text((LEFT, top), line, MUTED, _font(SANS, 32, 400))
        top += 44
    _figures(pen, picture)
    out = io.BytesIO()
    canvas.quantize(48, dither=Image.Dither.NONE).save(out, "PNG")
    return out.getvalue()


def _brand(canvas: Image.Image, pen: ImageDraw.ImageDraw) -> None:
    coin = coin_picture(40)
    canvas.paste(coin, (LEFT, 56), coin)
    pen.text((LEFT + 54, 76), NAME, INK, _font(SANS, 30, 600), anchor="lm")


def _title(canvas: Image.Image, pen: ImageDraw.ImageDraw, picture: Picture) -> int:
    """Icon, title and address; returns where the text below them begins."""
    left, top = LEFT, 170
    if picture.icon:
        icon = icon_picture(picture.icon, ICON)
        canvas.paste(icon, (LEFT, top), icon)
        left += ICON + 32
    shown = picture.title if _can_write(picture.title) or not picture.address else picture.address.rpartition("/")[2]
    size = next(
        (size for size in (68, 60, 52, 44) if pen.textlength(shown, _font(SANS, size, 600)) <= RIGHT - left), 44
    )
    lines = _wrapped(pen, shown, _font(SANS, size, 600), lines=1 if picture.icon else 2, width=RIGHT - left)
    for line in lines:
        pen.text((left, top), line, INK, _font(SANS, size, 600))
        top += round(size * 1.15)
    if picture.address:
        pen.text((left, 170 + ICON - 26), picture.address, MUTED, _font(MONO, 26, 400))
    return max(top + 20, 170 + ICON + 32) if picture.icon else top + 20


def _figures(pen: ImageDraw.ImageDraw, picture: Picture) -> None:
    """In a row over the whole width, each a label and a value, divided by lines."""
    if not picture.figures:
        return
    pen.line((LEFT, FIGURES_TOP, RIGHT, FIGURES_TOP), LINE, 2)
    wide = WIDTH // max(len(picture.figures), 3)
    for place, (label, value) in enumerate(picture.figures):
        left = LEFT + place * wide
        pen.text((left, FIGURES_TOP + 26), label, MUTED, _font(SANS, 24, 400))
        shown = _wrapped(pen, value, _font(SANS, 40, 600), lines=1, width=wide - 16)[0]
        pen.text((left, FIGURES_TOP + 58), shown, TEAL, _font(SANS, 40, 600))


def _wrapped(
    pen: ImageDraw.ImageDraw, text: str, font: ImageFont.FreeTypeFont, *, lines: int, width: int = WIDTH
) -> list[str]:
    """The text in so many lines, cut with an ellipsis where it is longer; letters that the font lacks are left out."""
    made: list[str] = [""]
    for word in "".join(letter for letter in text if _can_write(letter)).split():
        longer = f"{made[-1]} {word}".strip()
        if pen.textlength(longer, font) <= width or not made[-1]:
            made[-1] = longer
        else:
            made.append(word)
    cut = len(made) > lines
    return [_fitting(pen, line, font, width, cut=cut and place == lines - 1) for place, line in enumerate(made[:lines])]


def _fitting(pen: ImageDraw.ImageDraw, line: str, font: ImageFont.FreeTypeFont, width: int, *, cut: bool) -> str:
    shown = f"{line}…" if cut else line
    while len(line) > 1 and pen.textlength(shown, font) > width:
        line = line[:-1].rstrip()
        shown = f"{line}…"
    return shown


@lru_cache(maxsize=2_048)
def _can_write(text: str) -> bool:
    """Whether the font has every letter; it holds Latin ones."""
    unknown = _inked(MISSING)
    return all(letter == " " or _inked(letter) != unknown for letter in text)


def _inked(letter: str) -> bytes:
    """The letter as dots."""
    canvas = Image.new("L", (40, 40))
    ImageDraw.Draw(canvas).text((8, 4), letter, 255, _font(SANS, 20, 400))
    return canvas.tobytes()


@lru_cache(maxsize=32)
def _font(name: str, size: int, weight: int) -> ImageFont.FreeTypeFont:
    font = ImageFont.truetype(FONTS / name, size)
    font.set_variation_by_axes([weight])
    return font
