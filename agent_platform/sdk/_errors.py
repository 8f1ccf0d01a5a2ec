"""How an agent says what went wrong, and how the platform says that nobody listens any more."""


class AgentError(Exception):
    """The agent failed; `text` is shown to the person who ran it. Retried only when `retryable`."""

    failure_class = "agent"

    def __init__(self, text: str, retryable: bool = False, *, code: str = "agent_error") -> None:
        super().__init__(text)
        self.text = text
        self.retryable = retryable
        self.code = code
        self.field: str | None = None


class InputError(AgentError):
    """The person must change `field` and run again; never retried."""

    failure_class = "input"

    def __init__(self, field: str, text: str) -> None:
        super().__init__(text, code="input_error")
        self.field = field


class UpstreamError(AgentError):
    """A service that the agent depends on failed; retried unless told otherwise."""

    failure_class = "upstream"

    def __init__(self, text: str, retryable: bool = True) -> None:
        super().__init__(text, retryable, code="upstream_error")


class NotPermitted(AgentError):
    """The agent asked for what its manifest does not declare; nothing was sent."""

    def __init__(self, text: str) -> None:
        super().__init__(text, code="not_permitted")


class RunStopped(BaseException):
    """Raised inside the agent when its run is cancelled or out of time; clean up and let it pass."""


class RunWaits(BaseException):
    """Raised inside the agent when a person has to answer first; clean up and let it pass."""


class AttemptOver(BaseException):
    """The run token is dead or the broker stayed away: nothing this attempt says can be heard."""
