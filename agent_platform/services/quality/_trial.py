"""What a daily test asks for: the run, its input with samples stored as uploads, and what it may take of time and money."""

import mimetypes
from datetime import date
from typing import Any

from agent_platform.core import objects
from agent_platform.core.db.tenant import TenantSession
from agent_platform.core.ids import shown
from agent_platform.core.money import compute_cost_micro_usd
from agent_platform.models.catalogue import Listing, Release
from agent_platform.models.runs import Origin
from agent_platform.services import agents, billing, catalog, runs

MOST_SECONDS = 300  # two tests run at once, for all listings
MOST_RESERVED_MICRO_USD = 50_000_000  # a hundredth of the float; only an agent whose smallest cap is larger takes more


def request_of(
    session: TenantSession, listing: Listing, release: Release, test: dict[str, Any], day: date
) -> runs.RunRequest:
    """The run that the test asks for. Raises: what keeps an agent from running, BundleRefused."""
    manifest = catalog.manifest_of(release.manifest)
    return runs.RunRequest(
        listing.publisher,
        listing.slug,
        _input(session, release, manifest.input_schema, test["input"]),
        f"test {listing.id} {day} {test['name']}",
        cap_micro_usd=_cap(session, listing, release, test["expect"].get("cost_max_micro_usd")),
        timeout_seconds=MOST_SECONDS,
        origin=Origin.TEST,
        accept_permissions=True,
        version=release.number,
        dry_run=test["dry_run"],
    )


def _cap(session: TenantSession, listing: Listing, release: Release, allowed: int | None) -> int:
    """Twice what the test allows, so that a dearer run is seen to be dearer, within what one test may set aside."""
    found = catalog.find_runnable(session, publisher=listing.publisher, slug=listing.slug, number=release.number)
    compute = compute_cost_micro_usd(found.manifest.resources.memory_mb, MOST_SECONDS * 1000)
    wanted = 2 * allowed if allowed else billing.default_cap(found.price, found.history, most_compute_micro_usd=compute)
    return max(min(wanted, MOST_RESERVED_MICRO_USD), billing.smallest_cap(found.price))


def _input(session: TenantSession, release: Release, schema: dict[str, Any], given: Any) -> dict[str, Any]:
    """The prefilled input, or the one of the test with its samples stored as uploads."""
    fields = {name: one for name, one in schema.get("properties", {}).items() if isinstance(one, dict)}
    if given == "prefill":
        return {name: one["prefill"] for name, one in fields.items() if "prefill" in one}
    return {name: _stored(session, release, fields.get(name, {}), value) for name, value in given.items()}


def _stored(session: TenantSession, release: Release, field: dict[str, Any], value: Any) -> Any:
    if field.get("format") == "file":
        return _upload(session, release, value)
    items = field.get("items")
    if isinstance(items, dict) and items.get("format") == "file" and isinstance(value, list):
        return [_upload(session, release, path) for path in value]
    return value


def _upload(session: TenantSession, release: Release, path: str) -> str:
    with objects.open_object(objects.release_folder(), release.digest) as bundle:
        content = agents.read_sample(bundle, path)
    media_type = mimetypes.guess_type(path)[0] or "application/octet-stream"
    name = path.rpartition("/")[2]
    return shown("file", runs.store_upload(session, name=name, media_type=media_type, chunks=[content], by=None).id)
