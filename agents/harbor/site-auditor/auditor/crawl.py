"""The crawl: from the start page along links, nearest first, until there is none left or it has to end."""

from collections import Counter, deque
from collections.abc import Iterator

from auditor.addresses import Start, host_of, is_same_site, is_trap, path_of, written
from auditor.fetching import Answer, Enough, Site, StartRefused, first_answer
from auditor.page import REDIRECTS, Broken, Page, page_of, target_of
from auditor.robots import MOST_BYTES as MOST_ROBOTS_BYTES
from auditor.robots import Rules, read_robots
from auditor.sitemap import read_sitemap

from agent_platform.sdk import AgentError, Run

MOST_SITEMAPS = 5
MOST_QUERIES = 100
MOST_FAILURES = 5
MOST_HOPS = 5
MOST_KEPT = 30_000  # addresses, of 2,000 characters at most
MOST_FOUND_ON = 10
MOST_FILES = 5_000


class Crawl:
    """`read` are the pages so far, `files` the status of each file, `ended` why there are no more pages."""

    def __init__(self, run: Run, site: Site, start: Start) -> None:
        self.start = start
        self.read: list[Page] = []
        self.files: dict[str, int | None] = {}
        self.external: set[str] = set()
        self.closed: set[str] = set()
        self.notes: list[str] = []
        self.ended = ""
        self._site = site
        self._skip = tuple(path for path in run.input.get("skip", []) if path)
        self._rules = Rules()
        self._named: set[str] = set()
        self._waiting: deque[tuple[str, int, int]] = deque()
        self._known: set[str] = set()
        self._queries: Counter[str] = Counter()
        self._sources: dict[str, list[str]] = {}
        self._links_to: Counter[str] = Counter()
        self._first: Answer | None = None
        self._failures = 0

    @property
    def unread(self) -> int:
        return len(self._waiting)

    def open(self) -> None:
        """robots.txt is read and obeyed, and the start page has answered. Raises: StartRefused, UpstreamError, Enough."""
        self._read_robots()
        if not self._rules.allows(path_of(self.start.url)):
            raise StartRefused(
                f"The robots.txt of {self.start.host} closes this address to crawlers. Start at another one, or open it to site-auditor."
            )
        self._site.delay_seconds = max(self._site.delay_seconds, self._rules.delay_seconds)
        self._first = first_answer(self._site, self.start.url)
        target = target_of(self.start.url, self._first)
        if target and not is_same_site(target, self.start.host):
            raise StartRefused(f"{self.start.host} leads to {host_of(target)}. Start at {target[:200]}.")
        self._read_sitemaps()

    def pages(self, most: int) -> Iterator[Page]:
        """Each page once, as soon as it has been read."""
        self._queue(self.start.url, 0, 0)
        while self._waiting and not self.ended:
            if len(self.read) >= most:
                self.ended = f"{most:,} pages were read, as many as you asked for."
                return
            url, depth, hops = self._waiting.popleft()
            try:
                page = self._page(url, depth)
            except Enough as error:
                self.ended = str(error)
                return
            self.read.append(page)
            self._go_on(page, hops)
            yield page
            page.forget_links()
            if not self._waiting:
                self._queue_named()
        self.ended = self.ended or "Every page that could be found was read."

    def stop(self, reason: str, *, drop: Page | None = None) -> None:
        """No further page is read; one that was not paid for is not counted."""
        self.ended = reason
        if drop is not None:
            self.read.remove(drop)

    def new_files(self, urls: list[str]) -> list[str]:
        """Those not checked yet, not skipped and open to crawlers."""
        fresh = [url for url in urls if url not in self.files and url not in self._known]
        wanted = [url for url in fresh if not path_of(url).startswith(self._skip)]
        return [url for url in wanted if self._rules.allows(path_of(url))][: max(0, MOST_FILES - len(self.files))]

    def check_file(self, url: str) -> bool:
        """The file's status is known, None when it gives no answer; False when the crawl has to end first."""
        try:
            self.files[url] = self._site.status_of(url)
        except Enough as error:
            self.ended = self.ended or str(error)
            return False
        except AgentError:
            self.files[url] = None
        return True

    def broken(self) -> list[Broken]:
        """Addresses that do not work and that a page links to, the most linked first."""
        states = {page.url: page.status for page in self.read if not page.works}
        states |= {url: status for url, status in self.files.items() if status is None or status >= 400}
        found = [Broken(url, status, self._sources[url], self._links_to[url]) for url, status in states.items() if url in self._sources]
        return sorted(found, key=lambda one: -one.number)

    def _page(self, url: str, depth: int) -> Page:
        """The start page was asked for already. A page without an answer is a page with that problem."""
        first, self._first = self._first, None
        try:
            answer = first or self._site.get(url)
        except AgentError as error:
            self._failures += 1
            if self._failures >= MOST_FAILURES:
                self.ended = f"The host stopped answering: {MOST_FAILURES} pages in a row gave nothing. Last: {error.text}"
            return Page(url, depth, problems=[f"Gives no answer: {error.text}"], in_sitemap=url in self._named)
        self._failures = 0
        page = page_of(url, depth, answer, self._site.host)
        page.in_sitemap = url in self._named
        return page

    def _go_on(self, page: Page, hops: int) -> None:
        """What the page links to is queued; a redirect goes first, and not for ever."""
        self.external.update(page.external[: max(0, MOST_KEPT - len(self.external))])
        for url in [*page.links, *page.files]:
            if url in self._sources or len(self._sources) < MOST_KEPT:
                self._note_source(url, page)
        if page.redirects_to and page.links:
            if hops >= MOST_HOPS:
                page.problems.append(f"The {MOST_HOPS + 1}th redirect in a row; it was not followed.")
            elif page.redirects_to in self._known:
                self._note_circle(page)
            else:
                self._queue(page.redirects_to, page.depth, hops + 1, first=True)
        elif page.may_follow:
            for url in page.links:
                self._queue(url, page.depth + 1, 0)

    def _note_source(self, url: str, page: Page) -> None:
        self._links_to[url] += 1
        sources = self._sources.setdefault(url, [])
        if len(sources) < MOST_FOUND_ON:
            sources.append(page.path[:300])

    def _note_circle(self, page: Page) -> None:
        """A redirect to a page that redirects in turn and comes back to this one."""
        leads = {one.url: one.redirects_to for one in self.read if one.redirects_to}
        at, seen = page.redirects_to, {page.url}
        while at in leads and at not in seen:
            seen.add(at)
            at = leads[at]
        if at in seen and at in leads:
            page.problems.append("Leads in a circle.")

    def _queue(self, url: str, depth: int, hops: int, *, first: bool = False) -> None:
        if url in self._known or len(self._known) >= MOST_KEPT or not is_same_site(url, self._site.host):
            return
        path = path_of(url)
        if path.startswith(self._skip):
            return
        if is_trap(url) or self._has_too_many_queries(path):
            self._note_once(f"Addresses that go on without end were left out, such as {path[:120]}.")
            return
        if not self._rules.allows(path):
            if len(self.closed) < MOST_KEPT:
                self.closed.add(url)
            return
        self._known.add(url)
        (self._waiting.appendleft if first else self._waiting.append)((url, depth, hops))

    def _has_too_many_queries(self, path: str) -> bool:
        """Whether this path was seen with more different queries than pages have."""
        bare, mark, _ = path.partition("?")
        if mark and (bare in self._queries or len(self._queries) < MOST_KEPT):
            self._queries[bare] += 1
        return bool(mark) and self._queries[bare] > MOST_QUERIES

    def _queue_named(self) -> None:
        """Pages that only the sitemap names."""
        for url in sorted(self._named):
            self._queue(url, 1, 0)

    def _read_robots(self) -> None:
        url: str | None = written(self.start.url, "/robots.txt")
        answer = None
        for _ in range(MOST_HOPS):
            if url is None or not is_same_site(url, self._site.host):
                return  # it leads elsewhere, where the start page will lead too
            answer = first_answer(self._site, url, most_bytes=MOST_ROBOTS_BYTES)
            if answer.status not in REDIRECTS:
                break
            url = target_of(url, answer)
        if answer is None:
            return
        if answer.status >= 500 or answer.status == 429:
            raise StartRefused(f"robots.txt answers with status {answer.status}, so nothing may be read. Try again later.")
        if answer.status == 200 and b"<html" not in answer.content[:1000].lower():
            self._rules = read_robots(answer.content)

    def _read_sitemaps(self) -> None:
        waiting = [written(self.start.url, link) for link in [*self._rules.sitemaps, "/sitemap.xml"]]
        read: set[str] = set()
        while waiting and len(read) < MOST_SITEMAPS:
            url = waiting.pop(0)
            if url is None or url in read or not is_same_site(url, self._site.host) or not self._rules.allows(path_of(url)):
                continue
            read.add(url)
            try:
                answer = self._site.get(url)
            except (AgentError, Enough):
                continue
            if answer.status != 200:
                continue
            addresses, are_sitemaps = read_sitemap(answer.content)
            found = [target for one in addresses if (target := written(url, one))]
            if are_sitemaps:
                waiting += found
            else:
                self._named.update(target for target in found if is_same_site(target, self._site.host))

    def _note_once(self, sentence: str) -> None:
        if len(self.notes) < 5 and not any(one[:40] == sentence[:40] for one in self.notes):
            self.notes.append(sentence)
