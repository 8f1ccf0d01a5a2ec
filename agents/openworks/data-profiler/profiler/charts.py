"""Small bar charts as inline SVG; no script, nothing loaded from anywhere."""

from html import escape

from profiler.figures import rounded

WIDTH, HEIGHT, FLOOR = 320, 72, 56


def histogram_svg(bins: list[tuple[float, float, int]], label: str) -> str:
    """Bars for the bins, with the lowest and the highest value under them."""
    tallest = max(count for _, _, count in bins)
    step = WIDTH / len(bins)
    bars = "".join(
        f'<rect x="{place * step:.1f}" y="{FLOOR - _height(count, tallest):.1f}" width="{max(step - 1, 1):.1f}"'
        f' height="{_height(count, tallest):.1f}"><title>{rounded(low, 6):,} – {rounded(high, 6):,}: {count:,}</title></rect>'
        for place, (low, high, count) in enumerate(bins)
    )
    return (
        f'<svg viewBox="0 0 {WIDTH} {HEIGHT}" role="img" aria-label="{escape(label)}">{bars}'
        f'<text x="0" y="{HEIGHT - 3}">{rounded(bins[0][0], 6):,}</text>'
        f'<text x="{WIDTH}" y="{HEIGHT - 3}" text-anchor="end">{rounded(bins[-1][1], 6):,}</text></svg>'
    )


def shares_svg(top: list[tuple[str, int]], rows: int, label: str) -> str:
    """One bar per value, as a share of all rows."""
    lines = []
    for place, (value, count) in enumerate(top):
        width = WIDTH * count / rows if rows else 0
        top_edge = place * 20
        lines.append(
            f'<rect x="0" y="{top_edge}" width="{max(width, 1):.1f}" height="17" opacity=".35"></rect>'
            f'<text x="4" y="{top_edge + 13}">{escape(value)}</text>'
            f'<text x="{WIDTH}" y="{top_edge + 13}" text-anchor="end">{count:,}</text>'
        )
    return f'<svg viewBox="0 0 {WIDTH} {max(len(top) * 20, 20)}" role="img" aria-label="{escape(label)}">{"".join(lines)}</svg>'


def _height(count: int, tallest: int) -> float:
    return max(count / tallest * (FLOOR - 4), 1.5) if count else 0
