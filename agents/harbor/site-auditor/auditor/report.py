"""The report: one HTML file that needs nothing else and runs nothing."""

from collections import defaultdict
from html import escape

from auditor.crawl import Crawl
from auditor.page import Broken, Page

MOST_ROWS = 500
MOST_SAME = 50
STYLE = """
:root{color-scheme:light dark;--ink:#16211f;--muted:#5b6764;--line:#d9dfdd;--panel:#fff;--warn:#8a5a00}
@media(prefers-color-scheme:dark){:root{--ink:#e7eceb;--muted:#9aa6a3;--line:#33403d;--panel:#141b1a;--warn:#e0b252}}
body{font:15px/1.5 system-ui,sans-serif;color:var(--ink);background:var(--panel);margin:2rem auto;max-width:64rem;padding:0 1rem}
h1{font-size:1.5rem;margin:0}h2{font-size:1.1rem;margin:2rem 0 .3rem}p{margin:.3rem 0}.muted{color:var(--muted)}
.wide{overflow-x:auto}table{border-collapse:collapse;width:100%;font-size:.9rem}
th,td{text-align:left;vertical-align:top;padding:.3rem .6rem;border-bottom:1px solid var(--line)}td.n{text-align:right}
ul{margin:0;padding-left:1.1rem}li{color:var(--warn)}
"""
POLICY = "default-src 'none'; style-src 'unsafe-inline'"


def build_report(crawl: Crawl, broken: list[Broken]) -> str:
    """A whole HTML document; every text of the site is escaped, and no link leads there."""
    pages = crawl.read
    problems = sum(len(page.problems) for page in pages)
    head = f"{len(pages):,} pages, {problems:,} problems, {len(broken):,} broken links, {len(crawl.files):,} files checked."
    notes = [crawl.ended, *crawl.notes]
    notes += [f"{len(crawl.closed):,} addresses are closed by robots.txt and were not read."] if crawl.closed else []
    notes += [f"{crawl.unread:,} pages were found and not read any more."] if crawl.unread else []
    notes += [f"{len(crawl.external):,} links lead to other hosts and were not checked."] if crawl.external else []
    body = "".join(f"<p class=muted>{escape(note)}</p>" for note in notes if note)
    return (
        f'<!doctype html><html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">'
        f'<meta http-equiv="Content-Security-Policy" content="{POLICY}"><title>Site audit</title><style>{STYLE}</style></head>'
        f"<body><h1>Audit of {escape(crawl.start.host)}</h1><p>{escape(head)}</p>{body}"
        f"{_broken(broken)}{_same(pages)}{_pages(pages)}</body></html>"
    )


def _broken(broken: list[Broken]) -> str:
    rows = [
        f"<tr><td>{escape(one.url[:300])}</td><td class=n>{one.status or 'none'}</td><td class=n>{one.number:,}</td><td>{escape(', '.join(one.found_on))}</td></tr>"
        for one in broken[:MOST_ROWS]
    ]
    return _table("Broken links", ("Address", "Status", "Links to it", "Found on"), rows, len(broken), "None.")


def _same(pages: list[Page]) -> str:
    """Titles that several pages share."""
    by_title: dict[str, list[str]] = defaultdict(list)
    for page in pages:
        if page.title and page.status == 200:
            by_title[page.title].append(page.path)
    shared = sorted(((title, paths) for title, paths in by_title.items() if len(paths) > 1), key=lambda one: -len(one[1]))
    rows = [
        f"<tr><td>{escape(title[:200])}</td><td class=n>{len(paths):,}</td><td>{escape(', '.join(path[:120] for path in paths[:5]))}</td></tr>"
        for title, paths in shared[:MOST_SAME]
    ]
    return _table("Same titles", ("Title", "Pages", "Such as"), rows, len(shared), "None.")


def _pages(pages: list[Page]) -> str:
    worst = sorted(pages, key=lambda page: (page.works, -len(page.problems), page.depth))
    rows = [
        f"<tr><td>{escape(page.path[:300])}<p class=muted>{escape(page.title[:200])}</p></td><td class=n>{page.status or 'none'}</td>"
        f"<td class=n>{page.bytes / 1000:,.0f}</td><td class=n>{page.ms:,}</td><td>{_list(page.problems)}</td></tr>"
        for page in worst[:MOST_ROWS]
    ]
    return _table("Pages, the worst first", ("Page", "Status", "kB", "ms", "Problems"), rows, len(pages), "None.")


def _list(problems: list[str]) -> str:
    if not problems:
        return "<span class=muted>None.</span>"
    return f"<ul>{''.join(f'<li>{escape(one)}</li>' for one in problems)}</ul>"


def _table(title: str, heads: tuple[str, ...], rows: list[str], total: int, otherwise: str) -> str:
    if not rows:
        return f"<h2>{title}</h2><p class=muted>{otherwise}</p>"
    more = f"<p class=muted>{total - len(rows):,} more are not shown.</p>" if total > len(rows) else ""
    head = "".join(f"<th>{name}</th>" for name in heads)
    return f"<h2>{title}</h2><div class=wide><table><thead><tr>{head}</tr></thead><tbody>{''.join(rows)}</tbody></table></div>{more}"
