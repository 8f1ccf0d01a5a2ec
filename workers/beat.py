"""The clock of the installation: reconciler, outbox, figures, quality, daily tests, the end of demos, uploads and accounts."""

import threading
import time
from collections.abc import Callable
from contextlib import suppress

import structlog

from agent_platform.core.queue import DRAIN, ask_maintenance
from agent_platform.services import runs, runtime
from workers.driver import driver, keep_warm, leave_none_waiting
from workers.election import serve_elected
from workers.pulse import leave_sign

log = structlog.get_logger()
TICK_SECONDS = 1.0


def main() -> None:
    serve_elected("beat", _beat)


def _beat(stop: threading.Event) -> None:
    due = dict.fromkeys(DUTIES, 0.0)
    while not stop.wait(TICK_SECONDS):
        leave_sign("beat")
        for duty, (seconds, work) in DUTIES.items():
            if time.monotonic() >= due[duty]:
                due[duty] = time.monotonic() + seconds
                _do(duty, work)
    _do("leave none waiting", leave_none_waiting)


def _do(duty: str, work: Callable[[], object]) -> None:
    """A duty that fails is due again next time; the others go on."""
    try:
        work()
    except Exception:
        log.exception("duty_failed", duty=duty)


def _let_one_go() -> None:
    with suppress(runtime.Transient):  # nobody starts while the driver is away
        runs.let_one_go(driver())


DUTIES: dict[str, tuple[float, Callable[[], object]]] = {
    "quarantine": (1.0, _let_one_go),
    "reconcile": (5.0, lambda: runs.reconcile(driver())),
    "warm pool": (5.0, keep_warm),
    "outbox": (5.0, lambda: ask_maintenance(DRAIN)),
    "outbox's end": (3600.0, lambda: ask_maintenance("workers.jobs.forget_done_messages")),
    "receipt key": (600.0, lambda: ask_maintenance("workers.jobs.publish_receipt_key")),
    "figures": (60.0, lambda: ask_maintenance("workers.jobs.refresh_figures")),
    "quality": (3600.0, lambda: ask_maintenance("workers.jobs.refresh_quality")),
    "accounts": (60.0, lambda: ask_maintenance("workers.jobs.forget_leavers")),
    "demos": (30.0, lambda: ask_maintenance("workers.jobs.sweep_demos")),
    "uploads": (600.0, lambda: ask_maintenance("workers.jobs.sweep_uploads")),
    "daily tests": (20.0, lambda: ask_maintenance("workers.jobs.run_daily_tests")),
}
