"""JSON by the interpreter's own C functions: the json package on top of them brings `re` and `enum`, 10 ms of CPU.

`encode(value) -> str` and `parse(text or bytes) -> value` are what json.dumps and json.loads give, without spaces, without
escaping of non-ASCII text, and with ValueError for NaN. An interpreter without those functions gets the json package.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any, NoReturn

WHITESPACE = " \t\n\r"


def _by_c_functions() -> tuple[Callable[[Any], str], Callable[[str | bytes], Any]]:
    from _json import encode_basestring, make_encoder, make_scanner

    class Reading:
        strict, memo = True, None
        object_hook = object_pairs_hook = None
        parse_float, parse_int, parse_constant = float, int, staticmethod(_constant)

    scan = make_scanner(Reading)  # type: ignore[arg-type]

    def encode(value: Any) -> str:
        write = make_encoder({}, _refuse, encode_basestring, None, ":", ",", False, False, False)
        return "".join(write(value, 0))

    def parse(text: str | bytes) -> Any:
        text = (text if isinstance(text, str) else str(text, "utf-8")).strip(WHITESPACE)
        try:
            value, end = scan(text, 0)
        except StopIteration as error:
            raise ValueError(f"not JSON at character {error.value}") from None
        if end != len(text):
            raise ValueError(f"more than one JSON value, from character {end}")
        return value

    return encode, parse


def _by_the_package() -> tuple[Callable[[Any], str], Callable[[str | bytes], Any]]:
    import json

    return json.JSONEncoder(ensure_ascii=False, allow_nan=False, separators=(",", ":")).encode, json.loads


def _refuse(value: Any) -> NoReturn:
    raise TypeError(f"Object of type {type(value).__name__} is not JSON serializable")


def _constant(name: str) -> float:
    return float(name.replace("Infinity", "inf"))


def _chosen() -> tuple[Callable[[Any], str], Callable[[str | bytes], Any]]:
    # The C functions are not public: they are used only where they do what is expected of them.
    try:
        encode, parse = _by_c_functions()
        if parse(encode({"a": [1, 2.5, None, True, "\u00e9\n"]})) == {"a": [1, 2.5, None, True, "\u00e9\n"]}:
            return encode, parse
    except (ImportError, TypeError, AttributeError):
        pass
    return _by_the_package()


encode, parse = _chosen()
