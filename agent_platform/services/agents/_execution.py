"""What a worker needs to run a version, and what anybody may see of its manifest."""

from typing import Any

from agent_platform.core import objects
from agent_platform.models.agents import AgentVersion
from agent_platform.services.agents._manifest import Manifest, read_manifest


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
    """The manifest as anybody may read it: without variables, and of the source only where it begins."""
    shown = {key: value for key, value in manifest.raw.items() if key not in {"env", "source"}}
    return {**shown, "source": {"type": "code", "entry": manifest.entry}}


def price_of(manifest: Manifest) -> dict[str, Any]:
    """The price list that a run of a release keeps."""
    return manifest.price
