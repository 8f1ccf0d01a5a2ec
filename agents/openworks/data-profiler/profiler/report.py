"""The report: one HTML file that needs nothing else and runs nothing."""

from html import escape

from profiler.charts import histogram_svg, shares_svg
from profiler.column import Profile, shorten
from profiler.figures import rounded

MAX_SECTIONS = 200
STYLE = """
:root{color-scheme:light dark;--ink:#16211f;--muted:#5b6764;--line:#d9dfdd;--bar:#0f766e;--panel:#fff;--warn:#8a5a00}
@media(prefers-color-scheme:dark){:root{--ink:#e7eceb;--muted:#9aa6a3;--line:#33403d;--bar:#5eb5aa;--panel:#141b1a;--warn:#e0b252}}
body{font:15px/1.5 system-ui,sans-serif;color:var(--ink);background:var(--panel);margin:2rem auto;max-width:64rem;padding:0 1rem}
h1{font-size:1.5rem;margin:0}h2{font-size:1.1rem;margin:0}p{margin:.3rem 0}.muted{color:var(--muted)}
.wide{overflow-x:auto}table{border-collapse:collapse;width:100%;font-size:.9rem}
th,td{text-align:left;padding:.3rem .6rem;border-bottom:1px solid var(--line);white-space:nowrap}td.n,th.n{text-align:right}
section{border-top:1px solid var(--line);padding:1rem 0;display:grid;grid-template-columns:1fr 22rem;gap:1rem}
@media(max-width:48rem){section{grid-template-columns:1fr}}
svg{width:100%;fill:var(--bar);font:11px system-ui,sans-serif}svg text{fill:var(--ink)}li{color:var(--warn)}
"""
POLICY = "default-src 'none'; style-src 'unsafe-inline'"
HEADS = ("Column", "Type", "Empty", "Distinct", "Min", "Max", "Mean", "Median", "95 %", "Outliers")


def build_report(profiles: list[Profile], *, rows: int, duplicates: int, ragged: int, facts: list[str]) -> str:
    """A whole HTML document; every text from the file is escaped."""
    head = f"{rows:,} rows, {len(profiles):,} columns, {duplicates:,} repeated rows, {ragged:,} rows of another length."
    sections = "".join(_section(profile) for profile in profiles[:MAX_SECTIONS])
    if len(profiles) > MAX_SECTIONS:
        sections += f"<p class=muted>Only the first {MAX_SECTIONS} columns are drawn; all are in the table.</p>"
    notes = "".join(f"<p class=muted>{escape(fact)}</p>" for fact in facts)
    return (
        f'<!doctype html><html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">'
        f'<meta http-equiv="Content-Security-Policy" content="{POLICY}"><title>Data profile</title><style>{STYLE}</style></head>'
        f"<body><h1>Data profile</h1><p>{escape(head)}</p>{notes}<div class=wide>{_table(profiles)}</div>{sections}</body></html>"
    )


def _table(profiles: list[Profile]) -> str:
    heads = "".join(f"<th{' class=n' if place > 1 else ''}>{name}</th>" for place, name in enumerate(HEADS))
    return f"<table><thead><tr>{heads}</tr></thead><tbody>{''.join(_line(profile) for profile in profiles)}</tbody></table>"


def _line(profile: Profile) -> str:
    item = profile.item()
    cells = [f"{100 * item['null_share']:.1f} %", f"{item['distinct']:,}"]
    cells += [_figure(item[name]) for name in ("min", "max", "mean", "median", "p95")]
    cells.append(f"{item['outliers']:,}")
    figures = "".join(f"<td class=n>{escape(cell)}</td>" for cell in cells)
    return f"<tr><td>{escape(shorten(profile.name))}</td><td>{item['type']}</td>{figures}</tr>"


def _figure(value: object) -> str:
    if value is None:
        return "–"
    return f"{rounded(value, 6):,}" if isinstance(value, int | float) else str(value)


def _section(profile: Profile) -> str:
    name = escape(shorten(profile.name))
    issues = "".join(f"<li>{escape(issue)}</li>" for issue in profile.issues)
    words = f"<ul>{issues}</ul>" if issues else "<p class=muted>No issues.</p>"
    return f"<section><div><h2>{name}</h2><p class=muted>{profile.reading.type}</p>{words}</div><div>{_chart(profile)}</div></section>"


def _chart(profile: Profile) -> str:
    if len(profile.bins) > 1:
        return histogram_svg(profile.bins, f"Distribution of {shorten(profile.name)}")
    top = [(shorten(value), count) for value, count in profile.top()]
    if not top:
        return "<p class=muted>Nothing to draw.</p>"
    return shares_svg(top, profile.rows, f"Most frequent values of {shorten(profile.name)}")
