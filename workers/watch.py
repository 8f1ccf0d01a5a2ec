"""Settles what drivers report as ended and keeps the leases of what is alive."""

import threading
import time
from concurrent.futures import ThreadPoolExecutor
from uuid import UUID

import structlog
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from agent_platform.core.db.dispatch import dispatch_session
from agent_platform.core.queue import ask_maintenance
from agent_platform.services import runs, runtime
from workers.driver import driver
from workers.election import serve_elected

log = structlog.get_logger()
RENEW_SECONDS = 4.0
SETTLERS = 4
BUILD_PREFIX = "build-"


def main() -> None:
    serve_elected("watch", _watch)


def _watch(stop: threading.Event) -> None:
    renewer = threading.Thread(target=_renew, args=(stop,), daemon=True)
    renewer.start()
    with ThreadPoolExecutor(SETTLERS) as pool:
        for status in driver().watch(stop):
            if status.phase.is_terminal:
                pool.submit(_conclude, status)
    renewer.join()


def _conclude(status: runtime.Status) -> None:
    """An end that cannot be settled now is found again by the reconciler."""
    try:
        if status.run_id.startswith(BUILD_PREFIX):
            ask_maintenance("workers.jobs.drain_outbox")  # the build's own check is due there
        else:
            _conclude_run(status)
    except runtime.Transient as error:
        log.warning("driver_away", error=error.sentence)
    except DBAPIError as error:
        log.warning("settle_later", handle=status.handle, error=type(error.orig).__name__)
    except Exception:
        log.exception("settle_failed", handle=status.handle)


def _conclude_run(status: runtime.Status) -> None:
    run_id = UUID(status.run_id)
    with dispatch_session() as session:
        row = session.execute(
            text("SELECT tenant_id, attempt FROM app.dispatch WHERE run_id = :run AND attempt = :attempt"),
            {"run": run_id, "attempt": status.attempt},
        ).one_or_none()
    if row is None:
        driver().destroy(status.handle)
        return
    runs.conclude(driver(), tenant_id=row.tenant_id, run_id=run_id, attempt=row.attempt, status=status)


def _renew(stop: threading.Event) -> None:
    while not stop.wait(RENEW_SECONDS):
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
