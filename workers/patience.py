"""Work that outlives a lost Redis."""

import signal
import time
from collections.abc import Callable
from typing import Any

import structlog
from redis.exceptions import RedisError

log = structlog.get_logger()
PAUSE_SECONDS = 1.0


def work_for_ever(make_worker: Callable[[], Any]) -> None:
    """Until SIGTERM or SIGINT; a new worker is made when Redis went away under the last one."""
    while True:
        try:
            worker = make_worker()
            worker.work(logging_level="WARNING", with_scheduler=False)
        except (RedisError, OSError) as error:
            log.warning("worker_waits_for_redis", error=type(error).__name__)
            time.sleep(PAUSE_SECONDS)
            continue
        if worker._shutdown_requested_date:  # noqa: SLF001  # RQ has no public word for it; set whether idle or busy
            return
        signal.signal(signal.SIGTERM, signal.SIG_DFL)
        time.sleep(PAUSE_SECONDS)
