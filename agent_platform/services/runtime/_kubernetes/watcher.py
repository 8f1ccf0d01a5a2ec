"""From what changes in the cluster to statuses: an end is told after a fresh read only, and no end is missed."""

import threading
import time
from collections.abc import Callable, Iterator

import structlog

from agent_platform.services.runtime._kubernetes import names
from agent_platform.services.runtime._kubernetes.api import Cluster, Refused
from agent_platform.services.runtime._kubernetes.pods import Manifest
from agent_platform.services.runtime._kubernetes.reflector import Listed, News, Reflector
from agent_platform.services.runtime._kubernetes.sandboxes import Found, Sandboxes, gathered, label, lost
from agent_platform.services.runtime.errors import Transient
from agent_platform.services.runtime.port import Status

log = structlog.get_logger()
KINDS = ("jobs", "pods")
# What no event announces: time that runs out, a pod that was refused.
LOOK_SECONDS = 1.0
LOOK_AT_PODLESS_SECONDS = 5.0
CHORES_SECONDS = 5.0


class Watcher:
    """One call of `watch`. `chores` is called now and then, and soon after a pod was claimed or ended."""

    def __init__(
        self, cluster: Cluster, sandboxes: Sandboxes, reflector: Reflector, chores: Callable[[], None]
    ) -> None:
        self._cluster = cluster
        self._sandboxes = sandboxes
        self._reflector = reflector
        self._chores = chores
        self._things: dict[str, dict[str, Manifest]] = {kind: {} for kind in KINDS}
        self._open: set[str] = set()
        self._owed: set[str] = set()
        self._tokens_removed: set[str] = set()
        self._seen: set[str] = set()
        self._poke = threading.Event()
        self._look_at = 0.0
        self._podless_at: dict[str, float] = {}

    def statuses(self, stop: threading.Event) -> Iterator[Status]:
        over = threading.Event()
        threading.Thread(target=self._do_chores, args=(stop, over), daemon=True, name="cluster chores").start()
        try:
            for news in self._reflector.follow(KINDS, stop):
                for handle in self._affected(news):
                    yield from self._told(handle)
        finally:
            over.set()
            self._poke.set()

    def _affected(self, news: News | None) -> list[str]:
        """Handles to be looked at, each once."""
        if news is None:
            return self._due()
        if isinstance(news, Listed):
            before = {label(thing, names.HANDLE) for thing in self._things[news.kind].values()}
            self._things[news.kind] = {_key(thing): thing for thing in news.things}
            after = {label(thing, names.HANDLE) for thing in news.things}
            if news.kind == "jobs":
                self._sandboxes.remember(news.things)
            self._poke.set()
            return sorted((before | after | self._owed) - {""})
        if news.deleted:
            self._things[news.kind].pop(_key(news.thing), None)
        else:
            self._things[news.kind][_key(news.thing)] = news.thing
        if label(news.thing, names.STATE) != names.COLD:
            self._poke.set()
        handle = label(news.thing, names.HANDLE)
        return sorted(({handle} | self._owed) - {""}) + [one for one in self._due() if one != handle]

    def _due(self) -> list[str]:
        now = time.monotonic()
        if now < self._look_at:
            return []
        self._look_at = now + LOOK_SECONDS
        return sorted(self._open | self._owed)

    def _told(self, handle: str) -> Iterator[Status]:
        found = self._found(handle)
        try:
            if not found:
                yield from self._told_gone(handle)
                return
            self._seen.add(handle)
            status = self._sandboxes.read(found)
            if status.phase.is_terminal or (self._sandboxes.is_podless(found) and self._podless_is_due(handle)):
                status = self._sandboxes.status(handle)
            self._owed.discard(handle)
            (self._open.discard if status.phase.is_terminal else self._open.add)(handle)
            self._remove_token(handle, found)
            yield status
        except (Transient, Refused):
            self._owed.add(handle)  # looked at again with the next news
        except Exception:
            log.exception("look_failed", handle=handle)
            self._owed.add(handle)

    def _told_gone(self, handle: str) -> Iterator[Status]:
        """It was there and is not: lost, unless our view is older than the cluster."""
        if handle not in self._seen:
            return
        status = self._sandboxes.status(handle)
        self._owed.discard(handle)
        self._open.discard(handle)
        self._tokens_removed.discard(handle)
        self._podless_at.pop(handle, None)
        self._seen.discard(handle)
        yield status if status.run_id else lost(handle, was_there=True)

    def _found(self, handle: str) -> Found:
        carriers = {
            kind: [thing for thing in self._things[kind].values() if label(thing, names.HANDLE) == handle]
            for kind in KINDS
        }
        return gathered(carriers["jobs"], carriers["pods"]).get(handle) or Found()

    def _podless_is_due(self, handle: str) -> bool:
        now = time.monotonic()
        if now < self._podless_at.get(handle, 0.0):
            return False
        self._podless_at[handle] = now + LOOK_AT_PODLESS_SECONDS
        return True

    def _remove_token(self, handle: str, found: Found) -> None:
        """The run has its token: nobody can read it in the cluster any more."""
        if (
            found.job is None
            or found.decided != names.OWN
            or handle in self._tokens_removed
            or not _has_started(found.pod)
        ):
            return
        self._cluster.delete("secrets", found.job["metadata"]["namespace"], handle)
        self._tokens_removed.add(handle)

    def _do_chores(self, stop: threading.Event, over: threading.Event) -> None:
        while not stop.is_set() and not over.is_set():
            self._poke.wait(CHORES_SECONDS)
            self._poke.clear()
            try:
                self._chores()
            except Transient:
                stop.wait(LOOK_SECONDS)
            except Refused as refused:
                log.warning("cluster_refuses", error=refused.message)
            except Exception:
                log.exception("chores_failed")
            stop.wait(0.1)


def _has_started(pod: Manifest | None) -> bool:
    containers = ((pod or {}).get("status") or {}).get("containerStatuses") or [{}]
    state = containers[0].get("state") or {}
    return "running" in state or "terminated" in state


def _key(thing: Manifest) -> str:
    return f"{thing['metadata'].get('namespace', '')}/{thing['metadata']['name']}"
