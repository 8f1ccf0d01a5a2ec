"""One of several is elected by a Postgres advisory lock; the others stand by."""

import signal
import threading
import time
from collections.abc import Callable

import structlog
from sqlalchemy import Connection, text
from sqlalchemy.exc import DBAPIError

from agent_platform.core.db.check import refuse_unsafe_role
from agent_platform.core.db.engine import engine_of, serve_as
from agent_platform.services.outages import ELECTED
from workers.pulse import leave_sign

log = structlog.get_logger()
STANDBY_SECONDS = 2.0


def serve_elected(name: str, work: Callable[[threading.Event], None]) -> None:
    """`work(stop)` runs while this process holds the lock; it ends its turn when `stop` is set."""
    serve_as("worker")
    refuse_unsafe_role("worker")
    ended = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: ended.set())
    while not ended.is_set():
        leave_sign(name)
        try:
            _take_turn(name, work, ended)
        except DBAPIError as error:
            log.warning("waits_for_postgres", process=name, error=type(error.orig).__name__)
        ended.wait(STANDBY_SECONDS)


def _take_turn(name: str, work: Callable[[threading.Event], None], ended: threading.Event) -> None:
    with engine_of("worker").connect() as connection:
        if not connection.execute(text("SELECT pg_try_advisory_lock(:lock)"), {"lock": ELECTED[name]}).scalar_one():
            connection.commit()
            return
        connection.commit()
        stop = threading.Event()
        keeper = threading.Thread(target=_keep_lock, args=(connection, stop, ended), daemon=True)
        keeper.start()
        try:
            work(stop)
        finally:
            stop.set()
            keeper.join()
            connection.invalidate()  # the lock goes with its connection


def _keep_lock(connection: Connection, stop: threading.Event, ended: threading.Event) -> None:
    """Ends the turn when the process is told to end, or when the connection that holds the lock is gone."""
    checked = time.monotonic()
    while not stop.wait(0.1):
        if ended.is_set():
            stop.set()
        elif time.monotonic() - checked > STANDBY_SECONDS:
            checked = time.monotonic()
            try:
                connection.execute(text("SELECT 1"))
                connection.commit()
            except DBAPIError:
                stop.set()
