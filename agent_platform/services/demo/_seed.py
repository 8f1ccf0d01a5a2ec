"""Fills an empty installation through the running product: uploads, builds, reviews, runs. Safe to repeat."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from uuid import UUID

import structlog
from sqlalchemy import select
from sqlmodel import col

from agent_platform.core.db.tenant import public_session, tenant_session
from agent_platform.core.errors import Unavailable
from agent_platform.core.policy import Caller
from agent_platform.models.agents import AgentVersion, VersionState, Visibility
from agent_platform.models.catalogue import Listing
from agent_platform.services import agents, catalog, identity
from agent_platform.services.demo._bundles import bundle_folders, zipped
from agent_platform.services.demo._examples import show_examples
from agent_platform.services.demo._history import run_history
from agent_platform.services.demo._people import CONSUMER, PUBLISHERS, settle_in

log = structlog.get_logger()
WAIT_SECONDS = 120.0
POLL_SECONDS = 0.25


def seed() -> None:
    """The sample agents are in the directory with examples, and `northwind` has run each that needs no network."""
    catalog.ensure_flags()
    catalog.ensure_synonyms()
    identity.in_platform(identity.admin_link)  # makes the operator; this code is never shown
    owners = {workspace.slug: settle_in(workspace) for workspace in PUBLISHERS}
    consumer = settle_in(CONSUMER)
    found = [(owners[publisher], folder) for publisher, folder in bundle_folders() if publisher in owners]
    uploads = [
        _upload(owner, zipped(folder)) for owner, folder in found
    ]  # all of them, so that they build side by side
    for upload in uploads:
        _offer(upload)
    for upload in uploads:
        _wait(upload.is_listed, f"the listing of {upload.slug}")
        log.info("seeded_agent", agent=f"{upload.owner.tenant_slug}/{upload.slug}", version=upload.number)
    show_examples(owners)
    run_history(consumer)


@dataclass(frozen=True)
class Upload:
    """A version of a sample agent on its way into the directory."""

    owner: Caller
    version_id: UUID
    slug: str
    number: str

    def is_built(self) -> bool:
        return _is_built(self.owner.tenant_id, self.version_id)

    def is_listed(self) -> bool:
        return _is_listed(str(self.owner.tenant_slug), self.slug, self.number)


def _upload(owner: Caller, bundle: bytes) -> Upload:
    assert owner.tenant_id is not None
    with tenant_session(owner.tenant_id) as session:
        version = agents.upload(session, content=bundle, by=owner.user_id)
        return Upload(owner, version.id, version.manifest["slug"], version.number)


def _offer(upload: Upload) -> None:
    """Built, and approved as the operator would; a job puts it into the directory."""
    tenant_id = upload.owner.tenant_id
    assert tenant_id is not None
    _wait(upload.is_built, f"the build of {upload.slug}")
    with tenant_session(tenant_id) as session:
        if session.get_one(AgentVersion, (tenant_id, upload.version_id)).state == VersionState.READY:
            request_id = catalog.request_publication(
                session,
                version_id=upload.version_id,
                visibility=Visibility.PUBLIC,
                message="Sample agent",
                by=upload.owner.user_id,
            )
            catalog.approve_as_installation(session, request_id=request_id, note="Sample agent")


def _is_built(tenant_id: UUID | None, version_id: UUID) -> bool:
    assert tenant_id is not None
    with tenant_session(tenant_id) as session:
        version = session.get_one(AgentVersion, (tenant_id, version_id))
        if version.state == VersionState.BUILD_FAILED:
            build = agents.list_builds(session, version_id=version_id)[0]
            raise Unavailable(f"The sample agent {version.manifest['slug']} did not build: {build.error}")
        return version.state not in {VersionState.DRAFT, VersionState.BUILDING}


def _is_listed(publisher: str, slug: str, number: str) -> bool:
    with public_session() as session:
        listing = session.execute(
            select(Listing).where(col(Listing.publisher) == publisher, col(Listing.slug) == slug)
        ).scalar_one_or_none()
        return listing is not None and listing.version == number


def _wait(is_done: Callable[[], bool], what: str) -> None:
    deadline = time.monotonic() + WAIT_SECONDS
    while not is_done():
        if time.monotonic() > deadline:
            raise Unavailable(
                f"Seeding waited {WAIT_SECONDS:.0f} s for {what}. Are the workers running? Start it again with `agent-platform seed`."
            )
        time.sleep(POLL_SECONDS)
