"""What programs get to see: ids with their prefix, times in UTC, money in millionths of a dollar."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from urllib.parse import quote

from agent_platform.core.ids import shown
from agent_platform.core.settings import get_settings
from agent_platform.models.run_records import RunFile
from agent_platform.models.runs import Run
from agent_platform.services import agents, catalog, runs

PUBLIC_PRICE = ("model", "costs", "charge_on", "events", "smallest_cap_micro_usd", "refund_on_agent_failure")


@dataclass(frozen=True)
class Place:
    """`base` is the address that was called, for links to the API; `home` is the workspace's own, for its pages."""

    base: str
    home: str


def agent_card(card: catalog.ListingCard, base: str) -> dict[str, Any]:
    """An agent in a list."""
    address = f"{card.publisher}/{card.slug}"
    return {
        "id": shown("agt", card.id),
        "agent": address,
        "name": card.name,
        "summary": card.summary,
        "category": card.category,
        "kind": card.kind,
        "tags": card.tags,
        "version": card.version,
        "state": card.state,
        "verified": card.is_verified,
        "price_model": card.price_model,
        "price": card.price_label,
        "permission_level": card.permission_level,
        "runs_30d": card.runs_30d,
        "success_30d": card.success_30d,
        "median_ms": card.median_ms,
        "cost_p50_micro_usd": card.cost_p50_micro_usd,
        "cost_p90_micro_usd": card.cost_p90_micro_usd,
        "rating": card.rating,
        "rating_count": card.rating_count,
        "links": agent_links(address, base),
    }


def agent_whole(
    manifest: agents.Manifest, *, address: str, version: str, price: dict[str, Any], base: str
) -> dict[str, Any]:
    """One agent with all that a program needs to call it."""
    return {
        "agent": address,
        "name": manifest.name,
        "summary": manifest.summary,
        "category": manifest.category,
        "kind": manifest.kind,
        "tags": list(manifest.tags),
        "version": version,
        "input_schema": manifest.input_schema,
        "item_schema": manifest.output["item"],
        "result_schema": manifest.output["result"],
        "files": manifest.output["files"],
        "price": {name: price[name] for name in PUBLIC_PRICE if name in price},
        "permission_level": manifest.permission_level,
        "permissions": [
            {"title": row.title, "detail": row.sentence, "required": row.mark == "Required"}
            for row in catalog.permissions_of(manifest)
        ],
        "memory_mb": manifest.resources.memory_mb,
        "timeout_seconds": manifest.resources.timeout_seconds,
        "links": agent_links(address, base),
    }


def agent_links(address: str, base: str) -> dict[str, str]:
    path = f"{base}/v1/agents/{address}"
    return {
        "self": path,
        "quote": f"{path}/quote",
        "runs": f"{path}/runs",
        "openapi": f"{path}/openapi.json",
        "page": f"{base}/agents/{address}",
    }


def quote_of(found: runs.Quoted) -> dict[str, Any]:
    quoted = found.quote
    return {
        "agent": found.agent_ref,
        "version": found.version,
        "price_model": quoted.model,
        "max_micro_usd": quoted.cap_micro_usd,
        "smallest_max_micro_usd": quoted.smallest_cap_micro_usd,
        "p50_micro_usd": quoted.p50_micro_usd,
        "p90_micro_usd": quoted.p90_micro_usd,
        "p50_ms": quoted.p50_ms,
        "runs_30d": quoted.runs,
        "known_micro_usd": quoted.known_micro_usd,
        "most_compute_micro_usd": quoted.most_compute_micro_usd,
    }


def run_line(run: Run, place: Place) -> dict[str, Any]:
    """A run in a list. `charged_micro_usd` includes what its child runs were lent or have spent."""
    return {
        "id": shown("run", run.id),
        "agent": run.agent_ref,
        "agent_name": run.agent_name,
        "version": run.version,
        "state": run.state,
        "finished": run.finished_at is not None,
        "origin": run.origin,
        "title": run.title,
        "started_by": run.started_by_name,
        "dry_run": run.is_dry_run,
        "max_micro_usd": run.cap_micro_usd,
        "charged_micro_usd": run.charged_micro_usd + run.child_micro_usd,
        "item_count": run.item_count,
        "created_at": moment(run.created_at),
        "started_at": moment(run.started_at),
        "finished_at": moment(run.finished_at),
        "links": run_links(run, place),
    }


def run_unread(run: Run, place: Place) -> dict[str, Any]:
    """A run for a key that may not read: its title would repeat what is in its input."""
    return {**run_line(run, place), "title": run.agent_name}


def run_whole(run: Run, place: Place, *, schema: dict[str, Any], files: Sequence[RunFile] = ()) -> dict[str, Any]:
    """One run. `schema` is that of its input: what it calls a secret is not repeated."""
    return {
        **run_line(run, place),
        "input": _without_secrets(run.input, schema),
        "result": run.result,
        "progress": {"done": run.progress_done, "total": run.progress_total, "message": run.progress_message},
        "failure": _failure(run),
        "stop_reason": run.stop_reason,
        "attempt": run.attempt,
        "memory_mb": run.memory_mb,
        "timeout_seconds": run.timeout_seconds,
        "files": [_file(run, one, place) for one in files],
    }


def item(one: runs.Item) -> dict[str, Any]:
    return {
        "seq": one.seq,
        "item": one.payload,
        "amount_micro_usd": one.amount_micro_usd,
        "created_at": moment(one.created_at),
    }


def run_links(run: Run, place: Place) -> dict[str, str]:
    name = shown("run", run.id)
    path = f"{place.base}/v1/runs/{name}"
    return {
        "self": path,
        "cancel": f"{path}/cancel",
        "items": f"{path}/items",
        "receipt": f"{path}/receipt",
        "page": f"{place.home}/runs/{name}",
    }


def base_of(slug: str | None) -> str:
    """The address that links of an answer begin with: the workspace's own, else the one without a workspace."""
    return get_settings().tenant_url(slug) if slug else get_settings().base_url


def moment(at: datetime | None) -> str | None:
    """RFC 3339 in UTC."""
    return at.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z") if at else None


def _without_secrets(given: dict[str, Any], schema: dict[str, Any]) -> dict[str, Any]:
    known = schema.get("properties") or {}
    return {name: "***" if known.get(name, {}).get("secret") else value for name, value in given.items()}


def _failure(run: Run) -> dict[str, Any] | None:
    if run.failure_class is None:
        return None
    return {"class": run.failure_class, "code": run.failure_code, "message": run.failure_message}


def _file(run: Run, one: RunFile, place: Place) -> dict[str, Any]:
    href = f"{run_links(run, place)['self']}/files/{quote(one.name, safe='')}"
    return {"name": one.name, "media_type": one.media_type, "bytes": one.bytes, "href": href}
