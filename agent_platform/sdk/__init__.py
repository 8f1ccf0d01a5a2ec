"""What an agent's code may import: mark a function with `agent`, take a `Run`, raise the errors below."""

from agent_platform.sdk._errors import AgentError, InputError, NotPermitted, UpstreamError
from agent_platform.sdk._outbox import Emitted
from agent_platform.sdk._run import Run, agent

__all__ = ["AgentError", "Emitted", "InputError", "NotPermitted", "Run", "UpstreamError", "agent"]
