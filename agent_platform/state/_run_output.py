"""What the open view of a run's output needs, and nothing of the others."""

from typing import Any

from agent_platform.core import objects
from agent_platform.core.db.tenant import TenantSession
from agent_platform.core.errors import NotFound
from agent_platform.models.run_records import RunFile
from agent_platform.models.runs import Run
from agent_platform.services import runs
from agent_platform.views.run_chart import MOST_POINTS, chart_of
from agent_platform.views.run_files import (
    MOST_DRAWN_BYTES,
    DocumentView,
    document_of,
    files_of,
    is_drawn,
    media_type_of,
    not_drawn,
)
from agent_platform.views.run_output import Shown, Slice, output_of
from agent_platform.views.run_views import FILE_KINDS, ViewSpec, chosen_view


def see_output(
    session: TenantSession, run: Run, output: dict[str, Any], page: Slice, *, shown: Shown, document_sha: str
) -> dict[str, Any]:
    """`output` and `files`, with `figure` or `document` where the view has one. A file of `document_sha` is not read again."""
    view = chosen_view(output, shown.shape)
    stored = runs.list_output_files(session, run_id=run.id)
    files = files_of(run, stored, output)
    seen: dict[str, Any] = {"files": files}
    drawn = None
    if view.kind == "chart":
        items = runs.items_at(session, run_id=run.id, offset=0, limit=MOST_POINTS)
        drawn = chart_of(view, items, output, total=run.item_count)
        seen["figure"] = drawn.figure
    elif view.kind in FILE_KINDS:
        found = next((file for file in stored if file.name == view.file), None)
        seen["document_sha"] = found.sha256 if found else ""
        if seen["document_sha"] != document_sha:
            media_type = media_type_of(found, output) if found else ""
            seen["document"] = _document(session, view, found, media_type) if found else DocumentView()
    return {"output": output_of(run, output, page, shown, files=files, drawn=drawn), **seen}


def _document(session: TenantSession, view: ViewSpec, found: RunFile, media_type: str) -> DocumentView:
    if not is_drawn(view, media_type):
        return not_drawn(found.name, media_type)
    try:
        with objects.open_object(objects.tenant_folder(session.tenant_id), found.sha256) as stream:
            return document_of(view, found.name, stream.read(MOST_DRAWN_BYTES))
    except NotFound:
        return DocumentView(said="The file could not be read. Open this page again, or download it.")
