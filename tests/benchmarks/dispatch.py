"""B7: from a wake-up to a claimed sandbox, beside a Redis push that wakes a blocked reader and beside RQ's own worker."""

import subprocess
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from uuid import uuid4

from tests.benchmarks.product import Product
from tests.benchmarks.runner import News, Runner
from tests.benchmarks.tables import quantile, say

NUMBER, WIDTH, JOBS = 100, 64, 300


def measure(_product: Product) -> None:
    runner = Runner(News())
    for _ in range(10):
        runner.once()
    wakes = _redis_wakes()
    claims = _claims(runner)
    rate, rq_rate = _claim_rate(runner), _rq_rate()
    say(
        ("#", "what", "raw", "ours", "ratio"),
        [
            ("B7", "ms from commit to claimed, c=1, p50 (raw: Redis push to woken reader)", f"{quantile(wakes, 0.5):.2f}",
             f"{quantile(claims, 0.5):.2f}", f"{quantile(claims, 0.5) / quantile(wakes, 0.5):.1f}"),
            ("B7", "claims per second under load (raw: empty jobs of RQ's default worker)", f"{rq_rate:.0f}", f"{rate:.0f}",
             f"{rate / rq_rate:.2f}"),
        ],
    )  # fmt: skip


def _redis_wakes() -> list[float]:
    from agent_platform.core.queue import redis

    times: list[float] = []
    key = f"bench:{uuid4().hex}"

    def wait() -> None:
        for _ in range(NUMBER):
            redis().blpop([key], 5)
            times.append((time.perf_counter() - sent[0]) * 1000)
            woken.set()

    sent, woken = [0.0], threading.Event()
    reader = threading.Thread(target=wait)
    reader.start()
    for _ in range(NUMBER):
        time.sleep(0.01)
        woken.clear()
        sent[0] = time.perf_counter()
        redis().rpush(key, b"x")
        woken.wait(5)
    reader.join()
    return times


def _claims(runner: Runner) -> list[float]:
    """By the database's clock: the transaction that accepted began, the claim was made."""
    return [_claim_ms(runner, runner.start("x")) for _ in range(NUMBER)]


def _claim_ms(runner: Runner, run_id: object) -> float:
    from sqlalchemy import text

    from agent_platform.core.db.tenant import tenant_session

    runner.end_of(run_id)  # pyright: ignore[reportArgumentType]
    with tenant_session(runner.tenant_id) as session:
        return float(
            session.execute(
                text(
                    "SELECT extract(epoch FROM a.launched_at - e.created_at) * 1000 FROM app.run_attempts a JOIN app.run_events e"
                    " ON (e.tenant_id, e.run_id) = (a.tenant_id, a.run_id) WHERE a.run_id = :run AND e.kind = 'run.queued'"
                ),
                {"run": run_id},
            ).scalar_one()
        )


def _claim_rate(runner: Runner) -> float:
    started = time.perf_counter()
    with ThreadPoolExecutor(WIDTH) as pool:
        list(pool.map(lambda _: runner.once(), range(JOBS)))
    return JOBS / (time.perf_counter() - started)


def _rq_rate() -> float:
    """Empty jobs per second of RQ's default worker, which forks for each, in a process of its own."""
    from rq.serializers import JSONSerializer

    from agent_platform.core.queue import redis
    from agent_platform.core.settings import get_settings

    name = f"bench-{uuid4().hex[:6]}"
    from rq import Queue

    queue = Queue(name, connection=redis(), serializer=JSONSerializer)
    for _ in range(JOBS):
        queue.enqueue("time.sleep", 0, result_ttl=0)
    command = [sys.executable, "-m", "rq.cli", "worker", "--burst", "--quiet", "--url", get_settings().redis_url]
    command += ["--serializer", "rq.serializers.JSONSerializer", name]
    started = time.perf_counter()
    subprocess.run(command, check=True, capture_output=True, timeout=120)
    return JOBS / (time.perf_counter() - started)
