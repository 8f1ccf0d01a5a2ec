"""Calls an agent's function and says how it ended, in the words of the runtime protocol."""

from __future__ import annotations

import os

from agent_platform.sdk import _wire
from agent_platform.sdk._errors import AgentError, InputError

TYPE_CHECKING = False
if TYPE_CHECKING:
    import traceback
    from collections.abc import Callable
    from typing import Any

    from agent_platform.sdk._run import Run

MAX_MESSAGE = 2000
MAX_TRACEBACK = 16_000
EAGAIN, ENOMEM = 11, 12  # the same on every Linux; the module of their names costs start-up time
DISK_NUMBERS = (27, 28, 122)  # EFBIG, ENOSPC, EDQUOT
NO_THREAD = "can't start new thread"
PLATFORM, PYTHON = os.path.dirname(__file__), os.path.dirname(os.__file__)  # noqa: PTH120 - pathlib costs start-up time
CO_VARARGS = 0x04
CO_COROUTINE = 0x80 | 0x200


def unusable(function: object, entry: str) -> str | None:
    """Why `function` cannot be an entry point, as a sentence; None when it can."""
    if not callable(function):
        return f"{entry} is a {type(function).__name__}, not a function."
    code = getattr(function, "__code__", None)
    if code is None:
        return None
    if code.co_flags & CO_COROUTINE:
        return f"{entry} is async; an entry point is a plain function (use asyncio.run inside it)."
    needed = code.co_argcount - len(getattr(function, "__defaults__", None) or ())
    if needed > 1 or (code.co_kwonlyargcount and not getattr(function, "__kwdefaults__", None)):
        return f"{entry} needs {needed + code.co_kwonlyargcount} arguments; it is called with the run alone."
    return None


def call(function: Callable[..., Any], run: Run) -> tuple[str, str]:
    """The last event of the attempt, as its type and members: the function's result, or the error that it raised."""
    try:
        code = getattr(function, "__code__", None)
        takes_run = code is None or code.co_argcount > 0 or code.co_flags & CO_VARARGS
        value = function(run) if takes_run else function()
        ending = "result", f'"value":{_wire.to_json(value, "The returned value")}'
    except Exception as error:  # noqa: BLE001 - the agent's code may raise anything; all of it is the agent's failure
        ending = "error", error_members(error)
    run.release_progress()
    return ending


def error_members(error: Exception) -> str:
    """The members of an `error` event."""
    stated = isinstance(error, AgentError)
    said = {
        "class": error.failure_class if stated else "agent",
        "code": error.code if stated else limit_met(error),
        "message": (error.text if stated else f"{type(error).__name__}: {error}")[:MAX_MESSAGE],
        "retryable": error.retryable if stated else True,
        "field": error.field if stated else None,
        "traceback": "" if isinstance(error, InputError) else trace_of(error),
    }
    return _wire.to_json(said, "An error")[1:-1]


def limit_met(error: Exception) -> str:
    """The code for a limit of the sandbox that this exception speaks of, else `agent_error`."""
    number = error.errno if isinstance(error, OSError) else None
    if number in DISK_NUMBERS:
        return "disk_full"
    if isinstance(error, MemoryError) or number == ENOMEM:
        return "out_of_memory"
    if number == EAGAIN or (isinstance(error, RuntimeError) and NO_THREAD in str(error)):
        return "too_many_processes"
    return "agent_error"


def trace_of(error: BaseException) -> str:
    """The traceback with the agent's own frames alone; in short when no file can be opened for more.

    Empty for an error of the platform's that speaks of none of them: its sentence is all there is to say.
    """
    try:
        import traceback
    except OSError:
        return f"{type(error).__name__}: {error}"
    told = traceback.TracebackException.from_exception(error)
    while told.__cause__ is not None and not any(map(_is_theirs, told.stack)):
        told = told.__cause__
    own = _keep_theirs(told)
    if not own and isinstance(error, AgentError):
        return ""
    return "".join(told.format() if own else told.format_exception_only())[-MAX_TRACEBACK:]


def _keep_theirs(told: traceback.TracebackException | None) -> int:
    """How many frames are left, here and in what led to it."""
    if told is None:
        return 0
    told.stack[:] = filter(_is_theirs, told.stack)
    return len(told.stack) + _keep_theirs(told.__cause__) + _keep_theirs(told.__context__)


def _is_theirs(frame: traceback.FrameSummary) -> bool:
    return not frame.filename.startswith((f"{PLATFORM}/", f"{PYTHON}/", "<frozen "))
