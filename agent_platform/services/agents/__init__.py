"""Agents of a creator: manifests, bundles, versions, builds and channels."""

from agent_platform.services.agents._manifest import Manifest, Resources, parse_manifest, read_manifest
from agent_platform.services.agents._values import validator_of
from agent_platform.services.agents.errors import ManifestInvalid

__all__ = ["Manifest", "ManifestInvalid", "Resources", "parse_manifest", "read_manifest", "validator_of"]
