"""The broker's side of a build: what its sandbox may know, and what it says."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any, Protocol
from uuid import UUID

from sqlalchemy import func, select
from sqlmodel import col

from agent_platform.core import live, objects
from agent_platform.core.db.tenant import TenantSession
from agent_platform.core.ids import shown
from agent_platform.models.agents import AgentVersion, Build, BuildState
from agent_platform.services.agents._execution import manifest_of
from agent_platform.services.agents._wake import check_later
from agent_platform.services.agents.errors import BuildOver

BUILD_SECONDS = 15 * 60
MOST_LOG_CHARACTERS = 1_000_000
LOG_FULL = "The log of this build is full. Later lines are not kept.\n"


class BuildEvent(Protocol):
    """The fields of a runtime event that a build uses."""

    @property
    def seq(self) -> int: ...
    @property
    def at(self) -> str: ...
    @property
    def type(self) -> str: ...
    @property
    def level(self) -> str: ...
    @property
    def text(self) -> str: ...
    @property
    def value(self) -> Any: ...
    @property
    def error(self) -> dict[str, Any]: ...


def build_input(session: TenantSession, *, build_id: UUID) -> dict[str, Any]:
    """The answer to the sandbox's first question. Raises: BuildOver."""
    build = _live_build(session, build_id)
    version = _version_of(session, build)
    manifest = manifest_of(version)
    started_at = build.started_at or session.execute(select(func.clock_timestamp())).scalar_one()
    return {
        "run_id": shown("bld", build.id),
        "attempt": attempt_of(build),
        "kind": "build",
        "entry": manifest.entry,
        "bundle_digest": version.digest,
        "input": {},
        "env": manifest.env,
        "subject": "",
        "dry_run": False,
        "cap_micro_usd": 0,
        "spent_micro_usd": 0,
        "deadline": (started_at + timedelta(seconds=BUILD_SECONDS)).isoformat(),
        "files": [],
        "file_fields": {},
    }


def build_bundle(session: TenantSession, *, build_id: UUID) -> tuple[str, str]:
    """Folder and digest of the code in the object store. Raises: BuildOver."""
    version = _version_of(session, _live_build(session, build_id))
    return objects.tenant_folder(session.tenant_id), version.digest


def record_build_events(session: TenantSession, *, build_id: UUID, events: Sequence[BuildEvent]) -> dict[str, Any]:
    """Every event after the last acknowledged one is kept; a repeated batch changes nothing. Raises: BuildOver."""
    build = _live_build(session, build_id, lock=True)
    fresh = [event for event in events if event.seq > build.acked_seq]
    for event in fresh:
        if event.type == "log":
            append_log(build, f"{event.at[11:19]} {event.level.upper():5} {event.text.rstrip()}\n")
        elif event.type == "result":
            build.outcome = {**build.outcome, "value": event.value}
        elif event.type == "error":
            build.outcome = {**build.outcome, "error": event.error}
            append_log(build, f"{event.at[11:19]} ERROR {event.error.get('message', '')}\n{_trace(event)}")
    if fresh:
        build.acked_seq = fresh[-1].seq
        live.publish_after_commit(session, f"builds:{session.tenant_id}")
    if any(event.type in {"result", "error"} for event in fresh):
        check_later(session, build.id, seconds=0)
    session.flush()
    return {
        "ack": build.acked_seq,
        "outcomes": {},
        "spent_micro_usd": 0,
        "cap_micro_usd": 0,
        "cap_reached": False,
        "stop": None,
    }


def attempt_of(build: Build) -> int:
    """The number of the sandbox that builds now; a lost one is followed by another."""
    return int(build.outcome.get("attempt", 1))


def has_spoken(build: Build) -> bool:
    """True once the sandbox has given its result or its error."""
    return "value" in build.outcome or "error" in build.outcome


def _live_build(session: TenantSession, build_id: UUID, *, lock: bool = False) -> Build:
    query = select(Build).where(col(Build.tenant_id) == session.tenant_id, col(Build.id) == build_id)
    build = session.execute(query.with_for_update() if lock else query).scalar_one_or_none()
    if build is None or build.state != BuildState.BUILDING:
        raise BuildOver
    return build


def _version_of(session: TenantSession, build: Build) -> AgentVersion:
    return session.get_one(AgentVersion, (build.tenant_id, build.version_id))


def append_log(build: Build, line: str) -> None:
    """The line is in the log, or a note that it is full."""
    if len(build.log) + len(line) <= MOST_LOG_CHARACTERS:
        build.log += line
    elif not build.log.endswith(LOG_FULL):
        build.log += LOG_FULL


def _trace(event: BuildEvent) -> str:
    trace = event.error.get("traceback")
    return f"{trace.rstrip()}\n" if trace else ""
