"""What the review queue and one submission show, formatted."""

from dataclasses import dataclass, field
from datetime import datetime

from agent_platform.core.ids import shown
from agent_platform.services import catalog
from agent_platform.views.format import ago, ago_text, bytes_text, plain_text, source_text
from agent_platform.views.parts import PermissionView


@dataclass(frozen=True)
class RequestRowView:
    href: str
    name: str
    slug: str
    address: str
    number: str
    visibility: str
    ago: str


@dataclass(frozen=True)
class SourceView:
    """`mark` is new, changed, gone or same; `text` is empty where there is nothing to read."""

    path: str
    size: str
    mark: str
    text: str


@dataclass(frozen=True)
class SubmissionView:
    id: str = ""
    name: str = ""
    slug: str = ""
    address: str = ""
    number: str = ""
    visibility: str = ""
    publisher: str = ""
    requested_by: str = ""
    ago: str = ""
    message: str = ""
    level: str = ""
    compared: str = ""
    permissions: list[PermissionView] = field(default_factory=list)
    files: list[SourceView] = field(default_factory=list)


def request_row(one: catalog.OpenRequest, now: datetime) -> RequestRowView:
    request = one.request
    return RequestRowView(
        href=f"/ops/review/{shown('pub', request.id)}",
        name=plain_text(request.name),
        slug=request.slug,
        address=f"{one.publisher}/{request.slug}",
        number=request.number,
        visibility=request.visibility.capitalize(),
        ago=ago(request.created_at, now),
    )


def submission_view(one: catalog.Submission, now: datetime) -> SubmissionView:
    request = one.request
    earlier = f"Compared with {one.compared_with}, which consumers run today."
    return SubmissionView(
        id=shown("pub", request.id),
        name=plain_text(request.name),
        slug=request.slug,
        address=f"{one.publisher}/{request.slug}",
        number=request.number,
        visibility=request.visibility.capitalize(),
        publisher=plain_text(one.publisher_name),
        requested_by=plain_text(one.requested_by),
        ago=ago_text(request.created_at, now),
        message=plain_text(request.message),
        level=one.level,
        compared=earlier if one.compared_with else "The first version of this agent: there is nothing to compare with.",
        permissions=[
            PermissionView(row.icon, row.title, row.sentence, row.mark, row.change) for row in one.permissions
        ],
        files=[
            SourceView(plain_text(file.path), bytes_text(file.bytes), file.mark, source_text(file.text))
            for file in one.files
        ],
    )
