"""Agents of a creator: manifests, bundles, versions, builds and channels."""

from agent_platform.services.agents._builds import cancel_build, check_build, finish_build, start_build
from agent_platform.services.agents._bundle import Bundle, check_bundle
from agent_platform.services.agents._execution import execution_spec, manifest_of, price_of, public_manifest
from agent_platform.services.agents._facts import AgentFacts, BuildFacts, VersionFacts
from agent_platform.services.agents._manifest import (
    CATEGORIES,
    HOST_FROM_INPUT,
    Manifest,
    Resources,
    destroys,
    parse_manifest,
    problems_of_schema,
    read_manifest,
    writes,
)
from agent_platform.services.agents._manifest.checks import meant
from agent_platform.services.agents._queries import (
    find_agent,
    find_runnable,
    get_agent,
    get_build,
    get_version,
    list_agents,
    list_builds,
    list_versions,
)
from agent_platform.services.agents._release import (
    archive,
    publish_within,
    set_channel,
    show_within,
    take_back,
    unarchive,
    yank,
)
from agent_platform.services.agents._source import SourceFile, read_sample, source_files
from agent_platform.services.agents._speaking import BUILD_SECONDS, build_bundle, build_input, record_build_events
from agent_platform.services.agents._states import move
from agent_platform.services.agents._turns import most_at_once
from agent_platform.services.agents._upload import rebuild, upload
from agent_platform.services.agents._values import validator_of
from agent_platform.services.agents._versions import number_of
from agent_platform.services.agents.errors import (
    AgentArchived,
    BuildOver,
    BundleRefused,
    BundleTooLarge,
    ManifestInvalid,
    StateMoved,
    VersionTaken,
)

__all__ = [
    "BUILD_SECONDS",
    "CATEGORIES",
    "HOST_FROM_INPUT",
    "AgentArchived",
    "AgentFacts",
    "BuildFacts",
    "BuildOver",
    "Bundle",
    "BundleRefused",
    "BundleTooLarge",
    "Manifest",
    "ManifestInvalid",
    "Resources",
    "SourceFile",
    "StateMoved",
    "VersionFacts",
    "VersionTaken",
    "archive",
    "build_bundle",
    "build_input",
    "cancel_build",
    "check_build",
    "check_bundle",
    "destroys",
    "execution_spec",
    "find_agent",
    "find_runnable",
    "finish_build",
    "get_agent",
    "get_build",
    "get_version",
    "list_agents",
    "list_builds",
    "list_versions",
    "manifest_of",
    "meant",
    "most_at_once",
    "move",
    "number_of",
    "parse_manifest",
    "price_of",
    "problems_of_schema",
    "public_manifest",
    "publish_within",
    "read_manifest",
    "read_sample",
    "rebuild",
    "record_build_events",
    "set_channel",
    "show_within",
    "source_files",
    "start_build",
    "take_back",
    "unarchive",
    "upload",
    "validator_of",
    "writes",
    "yank",
]
