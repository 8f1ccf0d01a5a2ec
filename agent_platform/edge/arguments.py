"""What a browser sends with an event, before a handler sees it."""

import inspect
from collections.abc import Callable
from typing import Any

import structlog

from agent_platform.core.errors import InputInvalid
from agent_platform.core.storable import storable

log = structlog.get_logger()


def take_arguments(function: Callable[..., Any], payload: dict[str, Any]) -> None:
    """The payload holds what the handler takes, and nothing that cannot be stored. Raises: InputInvalid."""
    if not _fits(function, payload):
        log.warning("event_misshapen", handler=function.__qualname__)
        raise InputInvalid(
            "What this page sent does not fit its action; nothing was done. Reload the page and try again."
        )
    payload.update({name: storable(value, instead="") for name, value in payload.items()})


def _fits(function: Callable[..., Any], payload: dict[str, Any]) -> bool:
    signature = inspect.signature(function)
    try:
        signature.bind(None, **payload)
    except TypeError:
        return False
    return all(_is_of(signature.parameters[name].annotation, value) for name, value in payload.items())


def _is_of(kind: Any, value: Any) -> bool:
    if kind is int:
        return type(value) is int or (isinstance(value, str) and value.isdecimal())  # the framework reads the text
    return kind not in {str, bool} or isinstance(value, kind)
