"""Site Auditor: one row per page as it is read, then one per broken link, and report.html."""

import hashlib
from collections import Counter
from typing import Any

from auditor.addresses import BadStart, path_of, read_start
from auditor.crawl import Crawl
from auditor.fetching import Enough, Site, StartRefused
from auditor.report import build_report

from agent_platform.sdk import AgentError, InputError, Run, agent

BATCH = 500


@agent
def audit(run: Run) -> dict[str, Any]:
    """Reads pages until there is none left, or pages, money or time are used up; what was read is kept."""
    try:
        start = read_start(run.input["start_url"])
        site = Site(run, start)
        crawl = Crawl(run, site, start)
        crawl.open()
    except (BadStart, StartRefused) as error:
        raise InputError("start_url", str(error)) from error
    except Enough as error:
        raise AgentError(f"{error} The crawl could not begin; give the run more time.") from error
    most = run.input.get("max_pages", 200)
    for page in crawl.pages(most):
        if not run.emit(page.item(), event="page", key=_key("page", page.url)):
            crawl.stop("The cap was reached.", drop=page)
            break
        run.progress(len(crawl.read), most, page.path[:120])
        if run.input.get("check_files", True) and not _check_files(run, crawl, page.files):
            crawl.stop("The cap was reached.")
            break
    return _finish(run, crawl)


def _check_files(run: Run, crawl: Crawl, files: list[str]) -> bool:
    """False once the cap refuses to pay for one."""
    for url in crawl.new_files(files):
        if not crawl.check_file(url):
            return True
        if not run.charge("file", key=_key("file", url)):
            return False
    return True


def _finish(run: Run, crawl: Crawl) -> dict[str, Any]:
    broken = crawl.broken()
    for first in range(0, len(broken), BATCH):
        batch = broken[first : first + BATCH]
        run.emit_many([one.item() for one in batch], keys=[_key("broken", one.url) for one in batch])
    run.files.put("report.html", build_report(crawl, broken), "text/html")
    for sentence in crawl.notes:
        run.log.warn(sentence)
    titles = Counter(page.title for page in crawl.read if page.title and page.status == 200)
    return {
        "pages": len(crawl.read),
        "broken": len(broken),
        "problems": sum(len(page.problems) for page in crawl.read),
        "redirects": sum(bool(page.redirects_to) for page in crawl.read),
        "files": len(crawl.files),
        "same_titles": sum(count for count in titles.values() if count > 1),
        "external_links": len(crawl.external),
        "refused_by_robots": len(crawl.closed),
        "unread": crawl.unread,
        "ended": crawl.ended,
    }


def _key(kind: str, url: str) -> str:
    """Short whatever the address: the same page is stored and charged once, also when the run is tried again."""
    return f"{kind}:{hashlib.sha256(url.encode('utf-8', 'replace')).hexdigest()[:24]} {path_of(url)[:40]}"
