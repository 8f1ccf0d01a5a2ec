"""A visitor's demo: begun within what this process can take at once, and seen by its key alone."""

import asyncio
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from agent_platform.core.db.tenant import TenantSession
from agent_platform.core.floods import Places
from agent_platform.core.ids import shown
from agent_platform.core.policy import Caller
from agent_platform.services import visitors
from agent_platform.state._run import Looking, RunSight, RunTerms, find_terms, see_run
from agent_platform.state.callers import current_event
from agent_platform.views.demo import DemoView, demo_view
from agent_platform.views.run_files import FileView

MOST_STARTING = 4  # each takes a connection while it waits for its turn
MOST_QUEUED = 40
CROWDED = "Too many visitors start demos just now. Try again in a few seconds."
_starting = asyncio.Semaphore(MOST_STARTING)
_queued = Places(MOST_QUEUED)


@dataclass(frozen=True)
class DemoTerms:
    """What never changes of a demo: read once, when its page opens."""

    run: RunTerms
    view: DemoView


async def begin_demo(*, publisher: str, slug: str, given: dict[str, Any]) -> str:
    """The path of the accepted demo's page. Raises: DemoLimit, and what `start_demo` raises."""
    with _queued.held("", otherwise=visitors.DemoLimit(CROWDED)):
        async with _starting:
            asked = {"publisher": publisher, "slug": slug, "given": given, "address": current_event().address}
            key = await asyncio.to_thread(visitors.start_demo, **asked)
    return f"/demo/{key}"


def read_demo(key: str) -> DemoTerms:
    """Blocks on the database. Raises: DemoGone."""
    demo = visitors.find_demo(key)
    return visitors.in_demo(key, _terms, view=demo_view(demo.expires_at, datetime.now(UTC)))


def see_demo(key: str, looking: Looking) -> RunSight:
    """What its page shows. Blocks on the database. Raises: DemoGone."""
    return visitors.in_demo(key, _sight, looking=looking, base=downloads_of(key))


def downloads_of(key: str) -> str:
    """Beneath it lie export.csv, export.json, export.jsonl, log.txt and files/<name>."""
    return f"/download/demos/{key}"


def _terms(session: TenantSession, *, run_id: UUID, caller: Caller, view: DemoView) -> DemoTerms:  # noqa: ARG001
    found = find_terms(session, shown_id=shown("run", run_id))
    if found is None:
        raise visitors.DemoGone
    return DemoTerms(found, view)


def _sight(session: TenantSession, *, run_id: UUID, caller: Caller, looking: Looking, base: str) -> RunSight:
    sight = see_run(session, looking=replace(looking, run_id=run_id), caller=caller)
    before = sight.head.downloads

    def here(file: FileView) -> FileView:
        return replace(file, href=file.href.replace(before, base, 1))

    output = replace(sight.output, file=here(sight.output.file)) if sight.output else None
    head = replace(sight.head, downloads=base, started_by="as a demo")
    return replace(sight, head=head, files=[here(one) for one in sight.files], output=output)
