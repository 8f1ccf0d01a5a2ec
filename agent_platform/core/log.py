"""Logs: JSON in production, lines for people elsewhere. Secrets are removed before anything is written."""

import logging
import re
import sys
import traceback
from collections.abc import Callable
from pathlib import Path
from typing import Any, TextIO

import structlog
from structlog.typing import EventDict

REDACTED = "[redacted]"
SECRET_FIELDS = frozenset(
    (
        *("authorization", "cookie", "cookies", "set-cookie", "x-api-key"),
        *("code", "key", "password", "secret", "token"),
    )
)
FRAMEWORK_LOGGERS = ("reflex", "socketio", "engineio")
# Without a level these two would write to a stream of their own as well.
SOCKET_LOGGERS = ("engineio.server", "socketio.server")
# What misshapen input raises there, by name: a line is enough where no code of ours was reached.
MISSHAPEN = frozenset({"EventDeserializationError", "JSONDecodeError", "TypeError", "ValueError"})
QUIET_LOGGERS = (
    *("alembic", "asyncio", "engineio", "httpcore2", "httpx2", "socketio", "urllib3"),
    *SOCKET_LOGGERS,
)
OURS = str(Path(__file__).parents[1])

SECRETS: tuple[tuple[re.Pattern[str], str], ...] = (
    (re.compile(r"((?:__Host-)?(?:ap_)?(?:sid|oauth|nonce|pre))=[^;,\s\"'&]+"), rf"\1={REDACTED}"),
    (
        re.compile(
            r"""(?i)(b?['"](?:set-cookie|cookie|(?:proxy-)?authorization|x-api-key)['"]\s*[:,]\s*b?)(['"]).*?\2"""
        ),
        rf"\1\2{REDACTED}\2",
    ),
    (re.compile(r"(?im)\b((?:set-cookie|cookie|(?:proxy-)?authorization|x-api-key):\s+)\S[^\r\n]*"), rf"\1{REDACTED}"),
    (re.compile(r"(?i)\b(bearer|basic)\s+[a-z0-9._~+/=-]{8,}"), rf"\1 {REDACTED}"),
    (re.compile(r"\b(ap[a-z]|whsec|sk|rk|pk|ghp|gho)_[0-9A-Za-z_+/=-]{16,}"), rf"\1_{REDACTED}"),
    (re.compile(r"([?&](?:code|state|token|secret|password|key|nonce)=)[^&\s\"'#]+"), rf"\1{REDACTED}"),
    (re.compile(r"(/invite/)[A-Za-z0-9_-]{16,}"), rf"\1{REDACTED}"),
    (re.compile(r"(://[^/\s:@]*:)[^/\s@]+@"), rf"\1{REDACTED}@"),
)
# what Reflex and Socket.IO say about an event: the tab's token, and what a person typed
FRAMEWORK_SECRETS: tuple[tuple[re.Pattern[str], str], ...] = (
    (re.compile(r"(?s)(payload=|router_data=|[Ee]vent data: ).*"), rf"\1{REDACTED}"),
    (re.compile(r"(?s)(with value ').*(' and type hint)"), rf"\1{REDACTED}\2"),
    (re.compile(r"(?i)\b[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}\b"), REDACTED),
)


def configure_logs(*, as_json: bool, stream: TextIO | None = None) -> None:
    """Every logger of the process writes to stderr without secrets. Call it before Reflex is imported; safe to repeat."""
    _redact_records()
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.stdlib.add_log_level,
            structlog.stdlib.add_logger_name,
            structlog.processors.TimeStamper(fmt="iso", utc=True, key="at"),
            structlog.processors.format_exc_info,
            _redact_event,
            structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
        ],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=True,
    )
    handler = logging.StreamHandler(stream or sys.stderr)
    handler.setFormatter(_formatter(as_json=as_json))
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(logging.INFO)
    for name in QUIET_LOGGERS:
        logging.getLogger(name).setLevel(logging.WARNING)


def redact(text: str, *, framework: bool = False) -> str:
    """The text without cookies, keys, tokens and codes; `framework` also removes the tab's token and what was typed."""
    for pattern, replacement in SECRETS:
        text = pattern.sub(replacement, text)
    if framework:
        for pattern, replacement in FRAMEWORK_SECRETS:
            text = pattern.sub(replacement, text)
    return text


def _formatter(*, as_json: bool) -> structlog.stdlib.ProcessorFormatter:
    renderer: Any = (
        structlog.processors.JSONRenderer() if as_json else structlog.dev.ConsoleRenderer(colors=sys.stderr.isatty())
    )
    return structlog.stdlib.ProcessorFormatter(
        foreign_pre_chain=[
            structlog.contextvars.merge_contextvars,
            structlog.stdlib.add_log_level,
            structlog.stdlib.add_logger_name,
            structlog.processors.TimeStamper(fmt="iso", utc=True, key="at"),
        ],
        processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, renderer],
    )


def _redact_records() -> None:
    """At the factory, because a filter on the root logger never sees the records of other loggers' handlers."""
    make = logging.getLogRecordFactory()
    if getattr(make, "redacts", False):
        return
    logging.setLogRecordFactory(_redacting(make))


def _redacting(make: Callable[..., logging.LogRecord]) -> Callable[..., logging.LogRecord]:
    def make_record(*args: Any, **kwargs: Any) -> logging.LogRecord:
        record = make(*args, **kwargs)
        if isinstance(record.msg, dict) or not record.name:
            return record  # redacted already: of structlog, or the copy of another record
        framework = record.name.startswith(FRAMEWORK_LOGGERS)
        text = record.getMessage()
        if record.exc_info and record.exc_info[0] is not None:
            text += "\n" + _words_of(record.exc_info[1], logger=record.name)
        record.msg, record.args, record.exc_info = redact(text, framework=framework), None, None
        return record

    make_record.redacts = True  # type: ignore[attr-defined]
    return make_record


def _words_of(error: BaseException | None, *, logger: str) -> str:
    """With the traceback, except of what a stranger sent to a socket."""
    frames = traceback.extract_tb(error.__traceback__) if error else []
    strange = logger in SOCKET_LOGGERS and type(error).__name__ in MISSHAPEN
    if strange and not any(frame.filename.startswith(OURS) for frame in frames):
        return "".join(traceback.format_exception_only(error)).rstrip()
    return "".join(traceback.format_exception(error)).rstrip()


def _redact_event(_logger: Any, _method: str, event: EventDict) -> EventDict:
    return {key: REDACTED if key.lower() in SECRET_FIELDS else _redact_value(value) for key, value in event.items()}


def _redact_value(value: Any) -> Any:
    if isinstance(value, str):
        return redact(value)
    if isinstance(value, dict):
        return {
            key: REDACTED if str(key).lower() in SECRET_FIELDS else _redact_value(inner) for key, inner in value.items()
        }
    if isinstance(value, list | tuple | set | frozenset):
        return [_redact_value(inner) for inner in value]
    return value if isinstance(value, bool | int | float | None) else redact(str(value))
