"""Icons drawn from a slug and rosettes drawn from a hash. Pure and stable: the same seed gives the same bytes.

An icon is a coin with lobes and a hole; hue, lobes, depth, turn and hole come from the SHA-256 of the slug.
"""

from hashlib import sha256
from math import cos, pi, sin

HUES = ("teal", "indigo", "bronze", "plum", "gold", "cyan", "amber", "jade")
LOBES = (3, 4, 5, 6, 7, 8, 9, 12)
CENTRE = 20.0
# Steps 3 (tile), 8 (engraved line) and 11 (figure) of the Radix scales.
LIGHT = {
    "teal": ("#e0f8f3", "#53b9ab", "#008573"),
    "indigo": ("#edf2fe", "#8da4ef", "#3a5bc7"),
    "bronze": ("#f6edea", "#c2a499", "#7d5e54"),
    "plum": ("#fbebfb", "#cf91d8", "#953ea3"),
    "gold": ("#f2f0e7", "#b9a88d", "#71624b"),
    "cyan": ("#def7f9", "#3db9cf", "#107d98"),
    "amber": ("#fff7c2", "#e2a336", "#ab6400"),
    "jade": ("#e6f7ed", "#56ba9f", "#208368"),
}
DARK = {
    "teal": ("#0d2d2a", "#207e73", "#0bd8b6"),
    "indigo": ("#182449", "#435db1", "#9eb1ff"),
    "bronze": ("#262220", "#6f5f58", "#d4b3a5"),
    "plum": ("#351a35", "#92549c", "#e796f3"),
    "gold": ("#24231f", "#696256", "#cbb99f"),
    "cyan": ("#082c36", "#11809c", "#4ccce6"),
    "amber": ("#302008", "#8f6424", "#ffca16"),
    "jade": ("#0f2e22", "#2a7e68", "#1fd8a4"),
}
# Up to this width in px: line width, share of lines.
FINENESS = ((64, 1.6, 0.35), (320, 0.4, 1.0), (900, 0.2, 1.5), (float("inf"), 0.16, 1.6))
ENGRAVINGS = ((11.4, 8.6), (11.4,), (9.2, 7.0))


def agent_icon(slug: str, *, dark: bool | None = None, size: int = 40) -> str:
    """The icon of a slug as an SVG document; without `dark` it follows the colour scheme around it.

    An SVG image takes `prefers-color-scheme` from the `color-scheme` of the element that embeds it.
    """
    seed = sha256(slug.encode()).digest()
    hue = HUES[seed[0] % len(HUES)]
    if dark is None:
        return _document(_figure(seed, ("var(--t)", "var(--l)", "var(--f)")), size, _adaptive(hue))
    return _document(_figure(seed, (DARK if dark else LIGHT)[hue]), size)


def rosette(seed_text: str, *, size: int = 160, stroke: str = "#000", width: float = 0.5, detail: float = 1.0) -> str:
    """Turned ellipses chosen by a hash; `detail` scales the number of lines (0.35 under 64 px, 1.5 above 600)."""
    seed = sha256(seed_text.encode()).digest()
    rings = (
        (96, 40 + seed[0] % 14, 30 + seed[1] % 13),
        (70, 24 + seed[2] % 12, 24 + seed[3] % 11),
        (44, 15 + seed[4] % 8, 18 + seed[5] % 7),
    )
    lines = "".join(_ring(reach, breadth, max(7, round(lines * detail))) for reach, breadth, lines in rings)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="-100 -100 200 200" width="{size}" height="{size}" fill="none" '
        f'stroke="{stroke}" stroke-width="{width}" aria-hidden="true">{lines}</svg>'
    )


def rosette_file(seed_text: str, *, size: int = 120, faint: bool = False) -> str:
    """A rosette in the teal of the product that follows the colour scheme, its lines fit for a width of `size` px.

    `faint` for a large one behind other things.
    """
    light, dark = ("#53b9ab", "#207e73") if faint else ("#0d9b8a", "#0eb39e")
    style = f"<style>:root{{--s:{light}}}@media(prefers-color-scheme:dark){{:root{{--s:{dark}}}}}</style>"
    width, detail = next((width, detail) for limit, width, detail in FINENESS if size < limit)
    drawn = rosette(seed_text, size=size, stroke="var(--s)", width=width, detail=detail)
    return drawn.replace('aria-hidden="true">', f'aria-hidden="true">{style}', 1)


def _ring(reach: int, breadth: int, lines: int) -> str:
    return "".join(
        f'<ellipse rx="{reach}" ry="{breadth}" transform="rotate({180 * n / lines:.2f})"/>' for n in range(lines)
    )


def _document(body: str, size: int, style: str = "") -> str:
    return (
        f'<svg class="aic" xmlns="http://www.w3.org/2000/svg" viewBox="0 0 40 40" width="{size}" height="{size}" '
        f'aria-hidden="true">{style}{body}</svg>'
    )


def _adaptive(hue: str) -> str:
    light, dark = (
        ";".join(f"--{name}:{value}" for name, value in zip("tlf", hues[hue], strict=True)) for hues in (LIGHT, DARK)
    )
    return f"<style>:root{{{light}}}@media(prefers-color-scheme:dark){{:root{{{dark}}}}}</style>"


def _figure(seed: bytes, colours: tuple[str, str, str]) -> str:
    tile, line, figure = colours
    lobes = LOBES[seed[1] % len(LOBES)]
    depth = (0.10, 0.16, 0.22, 0.28)[seed[2] % 4] if lobes < 9 else (0.06, 0.09)[seed[2] % 2]
    turn = -pi / 2 + (pi / lobes if seed[3] % 2 else 0)
    rings = "".join(
        f'<path d="{_lobed(radius, lobes, depth * 1.2, turn + pi / lobes * (n % 2))}" fill="none" stroke="{line}" '
        f'stroke-width=".7"/>'
        for n, radius in enumerate(ENGRAVINGS[seed[5] % 3])
    )
    coin = f'<path d="{_lobed(14.5, lobes, depth, turn)}" fill="{figure}"/>'
    hole = (
        f'<rect x="16.6" y="16.6" width="6.8" height="6.8" fill="{tile}"/>',
        f'<circle cx="20" cy="20" r="3.9" fill="{tile}"/>',
        f'<path d="M20 15 25 20 20 25 15 20Z" fill="{tile}"/>',
        f'<path d="{_lobed(4.6, lobes, depth, turn + pi / lobes, steps=72)}" fill="{tile}"/>',
    )[seed[4] % 4]
    return f'<rect width="40" height="40" rx="6" fill="{tile}"/>{coin}{rings}{hole}'


def _lobed(radius: float, lobes: int, depth: float, turn: float, *, steps: int = 144) -> str:
    points = []
    for angle in (2 * pi * step / steps for step in range(steps)):
        reach = radius * (1 + depth * cos(lobes * angle)) / (1 + depth)
        points.append(f"{CENTRE + reach * cos(angle + turn):.2f} {CENTRE + reach * sin(angle + turn):.2f}")
    return "M" + "L".join(points) + "Z"
