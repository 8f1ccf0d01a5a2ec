"""Finds an agent's function, and checks a whole bundle when it is built."""

from __future__ import annotations

import os
import sys

from agent_platform.sdk._call import unusable
from agent_platform.sdk._errors import AgentError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from typing import Any

    from agent_platform.sdk._run import Log


def load(entry: str, folder: str) -> Callable[..., Any]:
    """The function that `module:function` names, imported from `folder`. Raises: AgentError saying what to change."""
    module_name, colon, function_name = entry.partition(":")
    if not colon or not function_name.isidentifier() or not all(p.isidentifier() for p in module_name.split(".")):
        raise _wrong(f"entry {entry!r} must look like main:audit, a module and a function")
    if folder not in sys.path:
        sys.path.insert(0, folder)
    try:
        __import__(module_name)
        module = sys.modules[module_name]
    except ModuleNotFoundError as error:
        if error.name is not None and (module_name == error.name or module_name.startswith(error.name + ".")):
            raise _wrong(f"the bundle has no module {module_name} (entry {entry!r})") from None
        raise
    source = getattr(module, "__file__", None) or ""
    if not source.startswith(folder + os.sep):
        raise _wrong(f"module {module_name} is Python's own; give the agent's module another name")
    function = getattr(module, function_name, None)
    if function is None:
        raise _wrong(f"module {module_name} has no function {function_name} (entry {entry!r})")
    reason = unusable(function, entry)
    if reason:
        raise _wrong(reason)
    return function


def build(entry: str, folder: str, journal: Log) -> dict[str, Any]:
    """Every module compiles and the entry can be called; returns what was built. Raises: AgentError `build_failed`."""
    modules = []
    broken = []
    for path in sorted(_sources(folder)):
        fault = _syntax_fault(folder, path)
        if fault:
            journal.error(fault)
            broken.append(fault)
        else:
            modules.append(path.removesuffix(".py").replace(os.sep, ".").removesuffix(".__init__"))
    if broken:
        raise AgentError(f"{len(broken)} file(s) do not compile. First: {broken[0]}", code="build_failed")
    journal.info(f"Compiled {len(modules)} module(s)")
    function = _loaded(entry, folder)
    if not getattr(function, "__agent__", False):
        journal.warn(f"{entry} is not marked with @agent; it is used all the same")
    journal.info(f"Imported entry {entry}")
    return {"python": ".".join(map(str, sys.version_info[:3])), "modules": modules}


def _sources(folder: str) -> Iterator[str]:
    for parent, _, names in os.walk(folder):
        for name in names:
            if name.endswith(".py"):
                yield os.path.relpath(os.path.join(parent, name), folder)  # noqa: PTH118 - pathlib costs start-up time


def _syntax_fault(folder: str, path: str) -> str | None:
    with open(os.path.join(folder, path), "rb") as file:  # noqa: PTH118, PTH123
        source = file.read()
    try:
        compile(source, path, "exec", dont_inherit=True)
    except SyntaxError as error:
        return f"{path}:{error.lineno or 1}: {error.msg}"
    except (ValueError, RecursionError, MemoryError) as error:
        return f"{path}:1: {error}"
    return None


def _loaded(entry: str, folder: str) -> Callable[..., Any]:
    try:
        return load(entry, folder)
    except AgentError as error:
        raise AgentError(error.text, code="build_failed") from error.__cause__
    except Exception as error:
        sentence = f"Importing the entry {entry} failed: {type(error).__name__}: {error}"
        raise AgentError(sentence, code="build_failed") from error


def _wrong(reason: str) -> AgentError:
    return AgentError(f"The agent cannot be started: {reason}.", code="entry_invalid")
