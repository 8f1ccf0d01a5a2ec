"""`worker <queue>`: works off one queue, so that a crash between taking and finishing loses no job."""

import sys
import time

from rq import SimpleWorker
from rq.serializers import JSONSerializer

from agent_platform.core.db.check import refuse_unsafe_role
from agent_platform.core.db.engine import serve_as
from agent_platform.core.queue import DRAIN, QUEUES, queue, redis, show_life
from workers import jobs
from workers.pulse import leave_sign
from workers.wake_ups import WakeUpWorker

IDLE_SECONDS = 60  # an idle worker shows life more often than this
DRAIN_SECONDS = 0.25  # between two drains of the outbox: many messages cost little more than one
ALLOWED = frozenset(name for name in vars(jobs) if not name.startswith("_") and name.islower())


class Worker(SimpleWorker):
    """Runs only the jobs of `workers.jobs`, whatever a message in Redis names."""

    _drained_at = 0.0

    def perform_job(self, job, queue, execution):  # noqa: ANN001, ANN201  # signature of RQ
        module, _, function = (job.func_name or "").rpartition(".")
        if module != "workers.jobs" or function not in ALLOWED:
            self.log.error("refused job %r", job.func_name)
            job.delete()
            return False
        if job.func_name == DRAIN:
            self._pace()
        return super().perform_job(job, queue, execution)

    def _pace(self) -> None:
        """Whoever asks for a drain meanwhile means the one that follows."""
        time.sleep(max(0.0, self._drained_at + DRAIN_SECONDS - time.monotonic()))
        self._drained_at = time.monotonic()

    def heartbeat(self, timeout=None, pipeline=None):  # noqa: ANN001, ANN201  # signature of RQ
        leave_sign(self.queues[0].name)
        show_life(self.queues[0].name)
        return super().heartbeat(timeout, pipeline)


def main(name: str) -> None:
    """Serves until SIGTERM; Redis may go and come back."""
    if name not in QUEUES:
        raise SystemExit(f"There is no queue {name!r}; there are {', '.join(QUEUES)}.")
    serve_as("worker")
    refuse_unsafe_role("worker")
    from workers.patience import work_for_ever

    work_for_ever(lambda: _worker(name))


def _worker(name: str) -> SimpleWorker:
    leave_sign(name)  # also while Redis is away: to wait for it is no reason to be started again
    made = WakeUpWorker if name == "runs" else Worker
    return made(
        [queue(name)],
        connection=redis(),
        serializer=JSONSerializer,
        log_job_description=False,
        worker_ttl=IDLE_SECONDS,
    )


if __name__ == "__main__":
    main(sys.argv[1])
