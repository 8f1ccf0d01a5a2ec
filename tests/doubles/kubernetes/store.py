"""Objects as an API server keeps them: versions, history, finalizers, grace, owners. Everything goes through one lock."""

import json
import threading
import uuid
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from tests.doubles.kubernetes.selectors import matches

Manifest = dict[str, Any]

KEPT_EVENTS = 5000
CLUSTER_WIDE = frozenset({"namespaces", "runtimeclasses"})
GRACEFUL = frozenset({"pods"})
DEFAULT_GRACE_SECONDS = 30


class ApiError(Exception):
    def __init__(self, status: int, reason: str, message: str, retry_after: str = "") -> None:
        super().__init__(message)
        self.status, self.reason, self.message, self.retry_after = status, reason, message, retry_after


@dataclass(frozen=True)
class Event:
    version: int
    type: str
    kind: str
    thing: Manifest
    before: Manifest | None


def copied(thing: Any) -> Any:
    return json.loads(json.dumps(thing))


def now_text(at: datetime | None = None) -> str:
    """Whole seconds, as the cluster writes them."""
    return (at or datetime.now(UTC)).strftime("%Y-%m-%dT%H:%M:%SZ")


class Store:
    """`admit(kind, new, old)` may change `new` or refuse it. `changed` is notified after every write."""

    def __init__(self) -> None:
        self.lock = threading.RLock()
        self.changed = threading.Condition(self.lock)
        self.admit: Callable[[str, Manifest, Manifest | None], None] = lambda *_: None
        self.history: deque[Event] = deque(maxlen=KEPT_EVENTS)
        self.oldest = 0
        self._version = 1000
        self._things: dict[str, dict[tuple[str, str], Manifest]] = {}

    @property
    def version(self) -> int:
        return self._version

    def get(self, kind: str, namespace: str, name: str) -> Manifest:
        with self.lock:
            found = self._things.get(kind, {}).get((namespace, name))
            if found is None:
                raise ApiError(404, "NotFound", f'{kind} "{name}" not found')
            return copied(found)

    def find(self, kind: str, namespace: str, name: str) -> Manifest | None:
        with self.lock:
            return copied(self._things.get(kind, {}).get((namespace, name)))

    def every(self, kind: str, namespace: str = "", labels: str = "", fields: str = "") -> tuple[list[Manifest], int]:
        with self.lock:
            found = [
                copied(thing)
                for (place, _), thing in sorted(self._things.get(kind, {}).items())
                if namespace in {"", place} and matches(thing, labels, fields)
            ]
            return found, self._version

    def create(self, kind: str, thing: Manifest) -> Manifest:
        with self.lock:
            thing = copied(thing)
            metadata = thing["metadata"]
            place, name = metadata.get("namespace", ""), metadata["name"]
            if (place, name) in self._things.get(kind, {}):
                raise ApiError(409, "AlreadyExists", f'{kind} "{name}" already exists')
            self.admit(kind, thing, None)
            metadata |= {"uid": str(uuid.uuid4()), "creationTimestamp": now_text()}
            return self._write(kind, "ADDED", thing, None)

    def update(self, kind: str, namespace: str, name: str, change: Callable[[Manifest], Manifest | None]) -> Manifest:
        """`change` gets a copy and changes it or returns another."""
        with self.lock:
            old = self.get(kind, namespace, name)
            new = copied(old)
            new = change(new) or new
            self.admit(kind, new, old)
            if new == old:
                return old
            if self._is_over(kind, new):
                self._remove(kind, new, old)
                return new
            return self._write(kind, "MODIFIED", new, old)

    def set_status(self, kind: str, namespace: str, name: str, **members: Any) -> None:
        """What a controller reports; nothing when the object is gone."""

        def change(thing: Manifest) -> None:
            thing.setdefault("status", {}).update(members)

        with self.lock:
            if self.find(kind, namespace, name) is not None:
                self.update(kind, namespace, name, change)

    def delete(self, kind: str, namespace: str, name: str, options: Manifest) -> Manifest:
        with self.lock:
            old = self.get(kind, namespace, name)
            wanted = options.get("preconditions") or {}
            if any(old["metadata"].get(field) != value for field, value in wanted.items()):
                raise ApiError(409, "Conflict", f'the precondition on {kind} "{name}" does not hold')
            grace = options.get("gracePeriodSeconds")
            if grace is None:
                grace = old.get("spec", {}).get("terminationGracePeriodSeconds", DEFAULT_GRACE_SECONDS)
            started = kind in GRACEFUL and old.get("spec", {}).get("nodeName")
            phase = old.get("status", {}).get("phase")
            grace = grace if started and phase not in {"Succeeded", "Failed"} else 0
            new = copied(old)
            before = old["metadata"].get("deletionGracePeriodSeconds")
            if before is None or grace < before:
                at = now_text(datetime.now(UTC) + timedelta(seconds=grace))
                new["metadata"] |= {"deletionTimestamp": at, "deletionGracePeriodSeconds": grace}
            if self._is_over(kind, new):
                self._remove(kind, new, old)
            elif new != old:
                self._write(kind, "MODIFIED", new, old)
            return new

    def expire(self) -> None:
        """No watch can go on from a version that was seen before."""
        with self.lock:
            self.history.clear()
            self._version += 1
            self.oldest = self._version
            self.changed.notify_all()

    def since(self, version: int) -> list[Event]:
        with self.lock:
            return [event for event in self.history if event.version > version]

    def _is_over(self, kind: str, thing: Manifest) -> bool:
        metadata = thing["metadata"]
        if "deletionTimestamp" not in metadata or metadata.get("finalizers"):
            return False
        return kind not in GRACEFUL or metadata.get("deletionGracePeriodSeconds") == 0

    def _write(self, kind: str, type_: str, thing: Manifest, before: Manifest | None) -> Manifest:
        self._version += 1
        metadata = thing["metadata"]
        metadata["resourceVersion"] = str(self._version)
        if type_ == "DELETED":
            self._things[kind].pop((metadata.get("namespace", ""), metadata["name"]), None)
        else:
            self._things.setdefault(kind, {})[metadata.get("namespace", ""), metadata["name"]] = thing
        self.history.append(Event(self._version, type_, kind, copied(thing), before))
        self.changed.notify_all()
        return copied(thing)

    def _remove(self, kind: str, thing: Manifest, before: Manifest) -> None:
        self._write(kind, "DELETED", thing, before)
        self._collect(thing["metadata"]["uid"], thing if kind == "namespaces" else None)

    def _collect(self, owner: str, place: Manifest | None) -> None:
        """What the removed object owned goes too, and all that a removed namespace held."""
        for kind, things in list(self._things.items()):
            for thing in list(things.values()):
                metadata = thing["metadata"]
                owned = any(one.get("uid") == owner for one in metadata.get("ownerReferences", []))
                if owned or (place and metadata.get("namespace") == place["metadata"]["name"]):
                    self.delete(kind, metadata.get("namespace", ""), metadata["name"], {})
