"""Copies an approved version into the public catalogue: read as the worker, written as the publisher, safe to repeat."""

import json
from dataclasses import dataclass
from typing import Any
from uuid import UUID, uuid5

from sqlalchemy import text

from agent_platform.core import objects
from agent_platform.core.db.publisher import publisher_session
from agent_platform.core.db.tenant import TenantSession, tenant_session
from agent_platform.core.money import MICRO
from agent_platform.models.agents import Agent, AgentVersion, PublicationRequest, RequestState, Visibility
from agent_platform.models.tenancy import Tenant
from agent_platform.services import agents
from agent_platform.services.catalog._runnable import manifest_of


@dataclass(frozen=True)
class _Approved:
    tenant: Tenant
    agent: Agent
    version: AgentVersion
    visibility: str
    manifest: agents.Manifest
    spec: dict[str, Any]

    @property
    def listing_id(self) -> UUID:
        return self.agent.id

    @property
    def release_id(self) -> UUID:
        return uuid5(self.version.id, "release")


def publish(*, tenant_id: UUID, request_id: UUID) -> None:
    """The directory shows the approved version, and consumers can run it."""
    with tenant_session(tenant_id) as session:
        approved = _read(session, request_id)
    if approved is None:
        return
    objects.copy(objects.tenant_folder(tenant_id), objects.release_folder(), approved.version.digest)
    listing, release = _listing_columns(approved), _release_columns(approved)
    with publisher_session() as session:
        for statement, columns in (
            (UPSERT_PUBLISHER, _publisher_columns(approved)),
            (UPSERT_RELEASE, release),
            (UPSERT_SPEC, _spec_columns(approved)),
            (UPSERT_LISTING, listing),
        ):
            session.execute(text(statement), columns)


def withdraw(*, tenant_id: UUID, slug: str) -> None:
    """The listing is withdrawn: it starts no new runs and is found no more."""
    with publisher_session() as session:
        session.execute(
            text(
                "UPDATE catalogue.listings SET state = 'withdrawn', updated_at = now() WHERE tenant_id = :tenant AND slug = :slug"
            ),
            {"tenant": tenant_id, "slug": slug},
        )


def _read(session: TenantSession, request_id: UUID) -> _Approved | None:
    request = session.get(PublicationRequest, (session.tenant_id, request_id))
    if request is None or request.state != RequestState.APPROVED:
        return None
    version = session.get_one(AgentVersion, (session.tenant_id, request.version_id))
    return _Approved(
        tenant=session.get_one(Tenant, session.tenant_id),
        agent=session.get_one(Agent, (session.tenant_id, request.agent_id)),
        version=version,
        visibility=request.visibility,
        manifest=manifest_of(version.digest, json.dumps(version.manifest, sort_keys=True)),
        spec={**agents.execution_spec(version), "folder": objects.release_folder()},
    )


def _publisher_columns(approved: _Approved) -> dict[str, Any]:
    tenant = approved.tenant
    return {"tenant": tenant.id, "handle": tenant.slug, "name": tenant.name, "verified": tenant.is_verified}


def _release_columns(approved: _Approved) -> dict[str, Any]:
    public = {key: value for key, value in approved.manifest.raw.items() if key != "env"}
    return {
        "id": approved.release_id,
        "tenant": approved.tenant.id,
        "listing": approved.listing_id,
        "number": approved.version.number,
        "manifest": json.dumps(public),
        "digest": approved.version.digest,
        "readme": approved.version.readme,
        "changelog": approved.version.changelog,
    }


def _spec_columns(approved: _Approved) -> dict[str, Any]:
    return {
        "release": approved.release_id,
        "tenant": approved.tenant.id,
        "version": approved.version.id,
        "spec": json.dumps(approved.spec),
    }


def _listing_columns(approved: _Approved) -> dict[str, Any]:
    manifest, permissions = approved.manifest, approved.manifest.permissions
    label, unit = price_label(manifest.price)
    return {
        "id": approved.listing_id,
        "tenant": approved.tenant.id,
        "publisher": approved.tenant.slug,
        "slug": approved.agent.slug,
        "name": manifest.name,
        "summary": manifest.summary,
        "category": manifest.category,
        "kind": manifest.kind,
        "tags": list(manifest.tags),
        "visibility": Visibility(approved.visibility).value,
        "release": approved.release_id,
        "version": approved.version.number,
        "price_model": manifest.price["model"],
        "price_label": label,
        "price_unit": unit,
        "network": bool(permissions.get("network")),
        "connection": bool(permissions.get("connections")),
        "model": bool(permissions.get("models")),
        "level": manifest.permission_level,
        "demo": manifest.demo,
        "verified": approved.tenant.is_verified,
    }


def price_label(price: dict[str, Any]) -> tuple[str, str]:
    """(`$0.002`, `page`) for a card. Free is a label of its own."""
    if price["model"] == "free":
        return "Free", ""
    events = price.get("events", {})
    name, event = next(
        ((name, event) for name, event in events.items() if event.get("primary")),
        next(iter(events.items()), ("", None)),
    )
    if event is None:
        return price["model"].replace("_", " ").capitalize(), ""
    return _dollars(event["price_micro_usd"]), name.replace("_", " ")


def _dollars(micro_usd: int) -> str:
    whole, rest = divmod(micro_usd, MICRO)
    decimals = f"{rest:06d}".rstrip("0")
    return f"${whole:,}.{decimals.ljust(2, '0')}"


UPSERT_PUBLISHER = (
    "INSERT INTO catalogue.publishers (tenant_id, handle, name, is_verified) VALUES (:tenant, :handle, :name, :verified)"
    " ON CONFLICT (tenant_id) DO UPDATE SET handle = excluded.handle, name = excluded.name, is_verified = excluded.is_verified"
)
UPSERT_RELEASE = (
    "INSERT INTO catalogue.releases (id, tenant_id, listing_id, number, state, manifest, digest, readme, changelog)"
    " VALUES (:id, :tenant, :listing, :number, 'published', CAST(:manifest AS jsonb), :digest, :readme, :changelog) ON CONFLICT (id) DO NOTHING"
)
UPSERT_SPEC = (
    "INSERT INTO platform.release_specs (release_id, tenant_id, source_version_id, spec) VALUES (:release, :tenant, :version, CAST(:spec AS jsonb))"
    " ON CONFLICT (release_id) DO NOTHING"
)
UPSERT_LISTING = (
    "INSERT INTO catalogue.listings (id, tenant_id, publisher, slug, name, summary, category, kind, tags, visibility, state, release_id, version,"
    " price_model, price_label, price_unit, needs_network, needs_connection, needs_model, permission_level, demo, is_verified)"
    " VALUES (:id, :tenant, :publisher, :slug, :name, :summary, :category, :kind, :tags, :visibility, 'published', :release, :version, :price_model,"
    " :price_label, :price_unit, :network, :connection, :model, :level, :demo, :verified)"
    " ON CONFLICT (id) DO UPDATE SET publisher = excluded.publisher, name = excluded.name, summary = excluded.summary, category = excluded.category,"
    " kind = excluded.kind, tags = excluded.tags, visibility = excluded.visibility, state = 'published', release_id = excluded.release_id,"
    " version = excluded.version, price_model = excluded.price_model, price_label = excluded.price_label, price_unit = excluded.price_unit,"
    " needs_network = excluded.needs_network, needs_connection = excluded.needs_connection, needs_model = excluded.needs_model,"
    " permission_level = excluded.permission_level, demo = excluded.demo, is_verified = excluded.is_verified, updated_at = now()"
)
