from agent_platform.core.errors import AppError, Conflict, Forbidden, InputInvalid, RateLimited, Unauthenticated


class RunInputInvalid(InputInvalid):
    """The input does not fit the agent's schema; each wrong field is named."""


class QueueFull(RateLimited):
    """The workspace has as many runs waiting as its plan allows."""

    code = "queue_full"


class IdempotencyKeyReused(InputInvalid):
    """The same key came with another request."""

    code = "idempotency_key_reused"


class RequestInProgress(Conflict):
    """The same request is being decided at this moment."""

    retry_after_seconds = 1

    def __init__(self) -> None:
        super().__init__("The first request with this Idempotency-Key is still being decided. Send the same again.")


class RunAlreadyFinished(Conflict):
    """A finished run never changes."""


class TokenDead(Unauthenticated):
    """The attempt this token belonged to is over, or never was."""

    code = "token_dead"

    def __init__(self) -> None:
        super().__init__("This run token is dead: its attempt is over.")


class EventRefused(InputInvalid):
    """An agent sent something that is not an event of the protocol."""

    code = "event_refused"


class NotPermitted(Forbidden):
    """An agent asked for what its manifest does not declare; `reason` is the word in the egress log."""

    code = "not_permitted"

    def __init__(self, sentence: str, *, reason: str) -> None:
        super().__init__(sentence)
        self.reason = reason


class UpstreamFailed(AppError):
    """An outside service gave no usable answer. 424 and not 502: the broker itself is well, so nobody tries again unasked."""

    status = 424
    code = "upstream_failed"

    def __init__(self, sentence: str, *, failed: str) -> None:
        super().__init__(sentence)
        self.failed = failed
