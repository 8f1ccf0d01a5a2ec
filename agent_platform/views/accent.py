"""One chosen colour, made readable on white and on near-black: as the ground of a button, and as the colour of words.

Source: WCAG 2.2, relative luminance and contrast ratio; 4.5 is level AA for text.
"""

import colorsys
from dataclasses import dataclass

LEAST_CONTRAST = 4.5
LIGHT, DARK = "#f9f9f8", "#191918"  # the grounds of pages that come nearest to words and buttons on them
STEP = 0.01


@dataclass(frozen=True)
class AccentView:
    """`light` is readable on and under white, `dark` on and under near-black; each as near to the chosen colour as can be."""

    light: str = "#0d3d38"
    dark: str = "#adf0dd"


def accent_view(colour: str) -> AccentView:
    """`colour` is `#rrggbb`, as the service has checked it; anything else would be an error of ours and raises ValueError."""
    rgb = _rgb(colour)
    return AccentView(
        light=_moved(rgb, against=_rgb(LIGHT), step=-STEP), dark=_moved(rgb, against=_rgb(DARK), step=STEP)
    )


def contrast(one: str, other: str) -> float:
    return _contrast(_rgb(one), _rgb(other))


def _moved(rgb: tuple[float, float, float], *, against: tuple[float, float, float], step: float) -> str:
    """Darker, or lighter, by as little as makes it readable. Black and white always are, so this ends."""
    hue, lightness, saturation = colorsys.rgb_to_hls(*rgb)
    while _contrast(rgb, against) < LEAST_CONTRAST:
        lightness = min(max(lightness + step, 0.0), 1.0)
        rgb = _rounded(colorsys.hls_to_rgb(hue, lightness, saturation))
    return "#" + "".join(f"{round(part * 255):02x}" for part in rgb)


def _rounded(rgb: tuple[float, float, float]) -> tuple[float, float, float]:
    """What the written colour really is."""
    red, green, blue = (round(part * 255) / 255 for part in rgb)
    return red, green, blue


def _rgb(colour: str) -> tuple[float, float, float]:
    number = int(colour.removeprefix("#"), 16)
    return (number >> 16 & 255) / 255, (number >> 8 & 255) / 255, (number & 255) / 255


def _contrast(one: tuple[float, float, float], other: tuple[float, float, float]) -> float:
    low, high = sorted((_luminance(one), _luminance(other)))
    return (high + 0.05) / (low + 0.05)


def _luminance(rgb: tuple[float, float, float]) -> float:
    red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in rgb)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue
