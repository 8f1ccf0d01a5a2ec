from agent_platform.core.errors import Conflict, InputInvalid, RateLimited, Unauthenticated


class RunInputInvalid(InputInvalid):
    """The input does not fit the agent's schema; each wrong field is named."""


class QueueFull(RateLimited):
    """The workspace has as many runs waiting as its plan allows."""

    code = "queue_full"


class IdempotencyKeyReused(InputInvalid):
    """The same key came with another request."""

    code = "idempotency_key_reused"


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
