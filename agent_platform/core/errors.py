"""Errors are facts with a sentence for the person and a status for the machine.

AppError
├── NotFound 404         it is not there, or not yours: both read the same
├── Forbidden 403        you are known, but may not
├── Unauthenticated 401  we do not know you
├── Conflict 409         the thing is in another state
├── InputInvalid 422     what was sent is wrong; `errors` names each place
├── PaymentRequired 402  money is missing; nothing was charged
├── TooLarge 413 · RateLimited 429 · Unavailable 503
"""

from dataclasses import dataclass
from typing import ClassVar


@dataclass(frozen=True)
class Problem:
    """One wrong place: a path such as `input.properties.url` and a sentence that says what to change."""

    path: str
    message: str


class AppError(Exception):
    """A sentence a user can act on: what happened, what was charged, what to do next."""

    status: ClassVar[int] = 500
    code: ClassVar[str] = "error"

    def __init__(self, sentence: str, *, errors: tuple[Problem, ...] = ()) -> None:
        super().__init__(sentence)
        self.sentence = sentence
        self.errors = errors


class NotFound(AppError):
    status = 404
    code = "not_found"

    def __init__(self, sentence: str = "This does not exist, or it belongs to another workspace.") -> None:
        super().__init__(sentence)


class Forbidden(AppError):
    status = 403
    code = "forbidden"


class Unauthenticated(AppError):
    status = 401
    code = "unauthenticated"

    def __init__(self, sentence: str = "Sign in to continue.") -> None:
        super().__init__(sentence)


class Conflict(AppError):
    status = 409
    code = "state_conflict"


class InputInvalid(AppError):
    status = 422
    code = "input_invalid"


class PaymentRequired(AppError):
    status = 402
    code = "balance_too_low"


class TooLarge(AppError):
    status = 413
    code = "too_large"


class RateLimited(AppError):
    status = 429
    code = "rate_limited"

    def __init__(self, sentence: str, *, retry_after_seconds: int = 1) -> None:
        super().__init__(sentence)
        self.retry_after_seconds = retry_after_seconds


class Unavailable(AppError):
    status = 503
    code = "unavailable"


class RefusedToStart(RuntimeError):
    """One sentence: what is unsafe here and how to mend it. The command line shows it without a stack."""
