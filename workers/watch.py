"""Settles what drivers report as ended, keeps the leases of what is alive and notes whether the broker answers."""

import contextlib
import queue
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from uuid import UUID

import structlog
from sqlalchemy.exc import DBAPIError

from agent_platform.core.queue import DRAIN, ask_maintenance
from agent_platform.services import runs, runtime
from workers.driver import driver
from workers.election import serve_elected
from workers.listening import listen_to_broker
from workers.pulse import leave_sign

log = structlog.get_logger()
RENEW_SECONDS = 4.0
SETTLERS = 2
BATCH = 50
BUILD_PREFIX = "build-"


def main() -> None:
    serve_elected("watch", _watch)


def _watch(stop: threading.Event) -> None:
    beside = [threading.Thread(target=work, args=(stop,), daemon=True) for work in (_renew, listen_to_broker)]
    for thread in beside:
        thread.start()
    ended: queue.SimpleQueue[runtime.Status | None] = queue.SimpleQueue()
    with ThreadPoolExecutor(SETTLERS) as pool:
        for _ in range(SETTLERS):
            pool.submit(_settle_what_comes, ended)
        for status in driver().watch(stop):
            if status.phase.is_terminal:
                ended.put(status)
        for _ in range(SETTLERS):
            ended.put(None)
    for thread in beside:
        thread.join()


def _settle_what_comes(ended: "queue.SimpleQueue[runtime.Status | None]") -> None:
    """All that has come while the last batch was settled is the next one."""
    while (first := ended.get()) is not None:
        batch = [first]
        with contextlib.suppress(queue.Empty):
            while len(batch) < BATCH:
                status = ended.get_nowait()
                if status is None:
                    ended.put(None)
                    break
                batch.append(status)
        _conclude(batch)


def _conclude(statuses: list[runtime.Status]) -> None:
    """An end that cannot be settled now is found again by the reconciler."""
    of_runs = [status for status in statuses if not status.run_id.startswith(BUILD_PREFIX)]
    if len(of_runs) < len(statuses):
        ask_maintenance(DRAIN)  # the build's own check is due there
    try:
        if of_runs:
            runs.conclude_many(driver(), of_runs)
    except runtime.Transient as error:
        log.warning("driver_away", error=error.sentence)
    except DBAPIError as error:
        log.warning("settle_later", runs=len(of_runs), error=type(error.orig).__name__)
    except Exception:
        log.exception("settle_failed", runs=[status.run_id for status in of_runs])


def _renew(stop: threading.Event) -> None:
    while not stop.wait(RENEW_SECONDS):
        leave_sign("watch")
        started = time.monotonic()
        try:
            alive = {
                UUID(status.run_id): status.attempt
                for status in driver().list()
                if not status.phase.is_terminal and not status.run_id.startswith(BUILD_PREFIX)
            }
            runs.renew_leases(alive)
        except (runtime.Transient, DBAPIError) as error:
            log.warning("leases_not_renewed", error=type(error).__name__, seconds=round(time.monotonic() - started, 1))
