"""Front-end build and state settings. Loaded before Reflex looks for a package manager, so it prepares the environment."""

import os
import sys
from pathlib import Path

os.environ["PATH"] = str(Path(sys.executable).parent) + os.pathsep + os.environ.get("PATH", "")  # node and npm
os.environ.setdefault("REFLEX_USE_NPM", "1")  # else an install script of another package manager is downloaded
os.environ.setdefault("REFLEX_USE_GRANIAN", "1")
os.environ.setdefault("REFLEX_CHECK_LATEST_VERSION", "false")
os.environ.setdefault("REFLEX_SOCKET_MAX_HTTP_BUFFER_SIZE", "262144")

import reflex as rx

SHARED_STATE = bool(os.environ.get("REFLEX_REDIS_URL"))
config = rx.Config(
    app_name="agent_platform",
    app_module_import="agent_platform.app",
    frontend_port=int(os.environ.get("PORT", "3000")),  # never api_url: a host baked in would break all the others
    state_manager_mode=rx.constants.StateManagerMode.REDIS if SHARED_STATE else rx.constants.StateManagerMode.MEMORY,
    trusted_proxy_hops=int(os.environ.get("TRUSTED_PROXY_HOPS", "0")),
    telemetry_enabled=False,
    show_built_with_reflex=False,
    disable_plugins=[rx.plugins.SitemapPlugin],
    plugins=[],  # our own style sheets carry the whole design; two style frameworks would only add weight
)
