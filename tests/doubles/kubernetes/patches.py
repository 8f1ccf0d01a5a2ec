"""The four ways to change an object, as far as they are used."""

from typing import Any

from tests.doubles.kubernetes.store import ApiError, copied

DELETE_FROM = "$deleteFromPrimitiveList/"


def patched(thing: Any, change: Any, media_type: str) -> Any:
    if media_type == "application/json-patch+json":
        return _by_operations(copied(thing), change)
    if media_type in {"application/merge-patch+json", "application/apply-patch+yaml"}:
        return _merged(copied(thing), change)
    if media_type == "application/strategic-merge-patch+json":
        return _merged(copied(thing), change, strategic=True)
    raise ApiError(415, "UnsupportedMediaType", f"no patch of type {media_type}")


def _by_operations(thing: Any, operations: list[dict[str, Any]]) -> Any:
    for one in operations:
        *path, last = [part.replace("~1", "/").replace("~0", "~") for part in one["path"].split("/")[1:]]
        at = thing
        for name in path:
            at = at[int(name)] if isinstance(at, list) else at.get(name)
            if at is None:
                raise ApiError(422, "Invalid", f"no such path: {one['path']}")
        if one["op"] == "test":
            if at.get(last) != one["value"]:
                raise ApiError(422, "Invalid", f"testing path {one['path']} failed")
        elif one["op"] in {"add", "replace"}:
            at[last] = one["value"]
        elif one["op"] == "remove":
            del at[last]
        else:
            raise ApiError(422, "Invalid", f"no operation {one['op']}")
    return thing


def _merged(thing: Any, change: Any, *, strategic: bool = False) -> Any:
    if not isinstance(change, dict):
        return change
    thing = thing if isinstance(thing, dict) else {}
    for name, value in change.items():
        if strategic and name.startswith(DELETE_FROM):
            field = name.removeprefix(DELETE_FROM)
            thing[field] = [one for one in thing.get(field, []) if one not in value]
        elif value is None:
            thing.pop(name, None)
        else:
            thing[name] = _merged(thing.get(name), value, strategic=strategic)
    return thing
