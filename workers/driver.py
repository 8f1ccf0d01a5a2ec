"""The runtime driver this installation is set to."""

from functools import lru_cache

from agent_platform.core.settings import get_settings
from agent_platform.services import runtime


@lru_cache(maxsize=1)
def driver() -> runtime.RuntimeDriver:
    return runtime.SandboxDriver(get_settings().run_dir)
