"""One page: its facts as a row, and what is wrong with it as sentences."""

from dataclasses import dataclass, field
from typing import Any

from auditor.addresses import host_of, is_file, is_same_site, path_of, written
from auditor.fetching import Answer
from auditor.markup import Markup, read_markup

LONG_TITLE, LONG_DESCRIPTION = 65, 160
HEAVY_BYTES, SLOW_MS = 500_000, 3_000
REDIRECTS = frozenset({301, 302, 303, 307, 308})
HTML = ("text/html", "application/xhtml+xml")
MOST_SHOWN = 300


@dataclass
class Page:
    url: str
    depth: int
    status: int | None = None
    problems: list[str] = field(default_factory=list)
    title: str = ""
    description: str = ""
    h1: str = ""
    canonical: str = ""
    redirects_to: str = ""
    links: list[str] = field(default_factory=list)
    files: list[str] = field(default_factory=list)
    external: list[str] = field(default_factory=list)
    images: int = 0
    missing_alt: int = 0
    bytes: int = 0
    ms: int = 0
    in_sitemap: bool = False
    may_follow: bool = True
    link_count: int = 0
    external_count: int = 0

    @property
    def path(self) -> str:
        return path_of(self.url)

    @property
    def works(self) -> bool:
        return self.status is not None and self.status < 400

    def forget_links(self) -> None:
        """Only their number is kept: thousands of pages must fit into memory."""
        self.links, self.files, self.external = [], [], []

    def item(self) -> dict[str, Any]:
        texts = {
            "path": self.path, "title": self.title, "description": self.description, "h1": self.h1, "canonical": self.canonical,
            "redirects_to": self.redirects_to,
        }  # fmt: skip
        return {
            "kind": "page",
            **{name: text[:MOST_SHOWN] for name, text in texts.items()},
            "status": self.status,
            "problems": self.problems,
            "links": self.link_count,
            "external_links": self.external_count,
            "images": self.images,
            "missing_alt": self.missing_alt,
            "bytes": self.bytes,
            "ms": self.ms,
            "depth": self.depth,
            "in_sitemap": self.in_sitemap,
        }


@dataclass(frozen=True)
class Broken:
    """An address that pages link to and that does not work."""

    url: str
    status: int | None
    found_on: list[str]
    number: int

    def item(self) -> dict[str, Any]:
        how = f"Answers with status {self.status}." if self.status is not None else "Gives no answer."
        pages = "1 page links" if self.number == 1 else f"{self.number:,} pages link"
        return {
            "kind": "broken link",
            "path": path_of(self.url)[:MOST_SHOWN],
            "status": self.status,
            "problems": [f"{how} {pages} to it."],
            "found_on": self.found_on,
        }


def target_of(url: str, answer: Answer) -> str | None:
    """Where a redirect leads; None for any other answer, and for a redirect to nowhere."""
    location = answer.headers.get("location", "") if answer.status in REDIRECTS else ""
    return written(url, location) if location else None


def page_of(url: str, depth: int, answer: Answer, host: str) -> Page:
    """The page as its answer shows it. Nothing in the answer can make this fail."""
    page = Page(url, depth, answer.status, bytes=len(answer.content), ms=answer.ms)
    media_type = answer.headers.get("content-type", "").partition(";")[0].strip().lower()
    if answer.status in REDIRECTS:
        _judge_redirect(page, answer, host)
    elif answer.status >= 400:
        page.problems.append(f"Answers with status {answer.status}.")
    elif media_type in HTML or (not media_type and answer.content[:200].lstrip()[:1] == b"<"):
        markup = read_markup(answer.content, _charset(answer))
        _take(page, markup, host)
        _judge(page, markup, host)
    if answer.is_cut:
        page.problems.append(f"Larger than {len(answer.content) / 1_048_576:.0f} MiB; only the beginning was read.")
    if answer.ms > SLOW_MS:
        page.problems.append(f"Took {answer.ms / 1000:.1f} s.")
    return page


def _charset(answer: Answer) -> str:
    _, _, named = answer.headers.get("content-type", "").lower().partition("charset=")
    return named.split(";")[0].strip("\"' ")[:40]


def _judge_redirect(page: Page, answer: Answer, host: str) -> None:
    target = target_of(page.url, answer)
    if target is None:
        page.problems.append(f"Answers with status {answer.status} and no address to go on to.")
        return
    page.redirects_to = target
    if target == page.url:
        page.problems.append("Leads to itself.")
    elif is_same_site(target, host):
        page.links = [target]
    else:
        page.external = [target]
    page.link_count, page.external_count = len(page.links), len(page.external)


def _take(page: Page, markup: Markup, host: str) -> None:
    base = written(page.url, markup.base) if markup.base else page.url
    page.title, page.description = markup.title or "", markup.description or ""
    page.h1 = next((text for level, text in markup.headings if level == 1), "")
    page.images, page.missing_alt = markup.images, markup.missing_alt
    page.may_follow = "nofollow" not in markup.robots and "none" not in markup.robots
    found = dict.fromkeys(url for link in markup.links if (url := written(base or page.url, link)))
    files = dict.fromkeys(url for link in markup.files if (url := written(base or page.url, link)))
    here = [url for url in found if is_same_site(url, host)]
    page.links = [url for url in here if not is_file(url)]
    page.files = list(dict.fromkeys([*(url for url in here if is_file(url)), *(u for u in files if is_same_site(u, host))]))
    page.external = [url for url in found if not is_same_site(url, host)]
    page.link_count, page.external_count = len(page.links), len(page.external)
    if page.url.startswith("https:") and any(url.startswith("http:") for url in files):
        page.problems.append("Loads files over plain HTTP, which browsers refuse on a secure page.")


def _judge(page: Page, markup: Markup, host: str) -> None:
    say = page.problems.append
    if not page.title:
        say("Has no title.")
    elif len(page.title) > LONG_TITLE:
        say(f"The title has {len(page.title)} characters; search engines cut it at about {LONG_TITLE}.")
    if markup.titles > 1:
        say(f"Has {markup.titles} titles.")
    if not page.description:
        say("Has no meta description.")
    elif len(page.description) > LONG_DESCRIPTION:
        say(f"The meta description has {len(page.description)} characters; it is cut at about {LONG_DESCRIPTION}.")
    _judge_headings(page, markup)
    if page.missing_alt:
        say(f"{page.missing_alt} of {page.images} pictures have no alt text.")
    if not markup.lang:
        say("Does not say its language (lang).")
    if not markup.has_viewport:
        say("Has no viewport, so phones show it small.")
    if "noindex" in markup.robots:
        say("Asks search engines to leave it out (noindex).")
    if page.bytes > HEAVY_BYTES:
        say(f"Weighs {page.bytes / 1000:,.0f} kB without its files.")
    _judge_canonical(page, markup, host)


def _judge_headings(page: Page, markup: Markup) -> None:
    levels = [level for level, _ in markup.headings]
    if levels.count(1) != 1:
        page.problems.append("Has no main heading (h1)." if 1 not in levels else f"Has {levels.count(1)} main headings (h1).")
    jump = next(((one, two) for one, two in zip(levels, levels[1:]) if two > one + 1), None)
    if jump:
        page.problems.append(f"Headings jump from h{jump[0]} to h{jump[1]}.")


def _judge_canonical(page: Page, markup: Markup, host: str) -> None:
    if len(markup.canonicals) > 1:
        page.problems.append(f"Names {len(markup.canonicals)} canonical addresses.")
    if not markup.canonicals:
        return
    target = written(page.url, markup.canonicals[0])
    page.canonical = target or markup.canonicals[0]
    if target is None:
        page.problems.append("The canonical address is none of the web.")
    elif host_of(target) != host:
        page.problems.append(f"The canonical address is on another host: {host_of(target)[:100]}.")
