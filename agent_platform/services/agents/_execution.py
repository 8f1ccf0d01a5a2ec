"""What a worker needs to run a version, and what anybody may see of its manifest."""

from dataclasses import asdict
from typing import Any

from agent_platform.core import objects
from agent_platform.models.agents import AgentVersion
from agent_platform.services.agents._manifest import Manifest, read_manifest

SCHEMA = "agentplatform.dev/agent/v1"


def manifest_of(version: AgentVersion) -> Manifest:
    return read_manifest(version.manifest)


def execution_spec(version: AgentVersion) -> dict[str, Any]:
    """Entry, variables, bundle and limits of the creator's own version; a release's differs in `folder` only."""
    manifest = manifest_of(version)
    return {
        "entry": manifest.entry,
        "env": manifest.env,
        "digest": version.digest,
        "folder": objects.tenant_folder(version.tenant_id),
        "memory_mb": manifest.resources.memory_mb,
        "cpu": manifest.resources.cpu,
        "disk_mb": manifest.resources.disk_mb,
        "timeout_seconds": manifest.resources.timeout_seconds,
        "output": manifest.output,
        "permissions": manifest.permissions,
    }


def public_manifest(manifest: Manifest) -> dict[str, Any]:
    """The manifest with every default written out and without what belongs to the creator: code, variables, tests."""
    return {
        "schema": SCHEMA,
        "slug": manifest.slug,
        "name": manifest.name,
        "version": manifest.version,
        "summary": manifest.summary,
        "category": manifest.category,
        "tags": list(manifest.tags),
        "kind": manifest.kind,
        "input": manifest.input_schema,
        "output": manifest.output,
        "permissions": manifest.permissions,
        "permission_level": manifest.permission_level,
        "resources": asdict(manifest.resources),
        "demo": manifest.demo,
        "price": manifest.price,
    }


def price_of(manifest: Manifest) -> dict[str, Any]:
    """The price list that a run of a release keeps."""
    return manifest.price
