"""The worker of the queue `runs`: takes wake-ups in batches and keeps many launches under way."""

import threading
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from typing import Any

from rq import SimpleWorker
from rq.exceptions import StopRequested
from rq.job import Job
from sqlalchemy.exc import DBAPIError

from agent_platform.core.errors import AppError
from agent_platform.core.queue import show_life
from workers import jobs
from workers.pulse import leave_sign

BATCH = 50
UNDER_WAY = 4
WAIT_SECONDS = 2


class WakeUpWorker(SimpleWorker):
    """A wake-up is a hint: one that fails or is lost is found in Postgres by the reconciler, so nothing is written back to Redis."""

    def work(self, *_: Any, **options: Any) -> bool:
        """Until a signal. Raises: RedisError when Redis went away."""
        self.bootstrap(options.get("logging_level", "WARNING"))
        self._install_signal_handlers()
        places = threading.BoundedSemaphore(UNDER_WAY)
        with suppress(StopRequested), ThreadPoolExecutor(UNDER_WAY) as pool:
            while not self._stop_requested:
                leave_sign(self.queues[0].name)
                show_life(self.queues[0].name)
                places.acquire()  # batches grow while all launchers are busy
                pool.submit(self._launch, self._taken(), places.release)
        return True

    def _taken(self) -> list[tuple[str, dict[str, Any]]]:
        """(function, arguments) of the jobs that were waiting; of none if none came in time."""
        key = self.queues[0].key
        ids = self.connection.lpop(key, BATCH)
        if not ids:
            first = self.connection.blpop([key], WAIT_SECONDS)
            ids = [first[1]] if first else []
        if not ids:
            return []
        names = [one.decode() for one in ids]
        found = Job.fetch_many(names, connection=self.connection, serializer=self.serializer)
        self.connection.delete(*(Job.key_for(name) for name in names))
        return [(job.func_name.removeprefix("workers.jobs."), job.kwargs) for job in found if job is not None]

    def _launch(self, taken: Sequence[tuple[str, dict[str, Any]]], done: Callable[[], None]) -> None:
        try:
            self._do("launch_runs", lambda: jobs.launch_runs([given for name, given in taken if name == "launch_run"]))
            for name, given in taken:
                if name in FOLLOWING:
                    self._do(name, lambda name=name, given=given: FOLLOWING[name](**given))
        finally:
            done()

    def _do(self, name: str, work: Callable[[], object]) -> None:
        try:
            work()
        except (AppError, DBAPIError) as error:
            self.log.warning("%s: left to the reconciler: %s", name, error)
        except Exception:
            self.log.exception("%s failed", name)


FOLLOWING: dict[str, Callable[..., object]] = {"stop_run": jobs.stop_run}
