"""Why a sandbox could not be started."""

from agent_platform.core.errors import AppError, Unavailable


class Transient(Unavailable):
    """The driver cannot now; the same call may work in a moment."""

    code = "runtime_unavailable"


class Rejected(AppError):
    """The driver never will; trying again changes nothing."""

    status = 422
    code = "runtime_rejected"
