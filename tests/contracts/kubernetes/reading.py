"""What tests give to the cluster double and read from it."""

from dataclasses import replace

from tests.contracts.benches import NOTHING, KubernetesBench
from tests.doubles.agent_broker import Work, zipped

ECHO = "def go(run):\n    return run.input\n"
SLEEP = "import time\ndef go(run):\n    run.log.info('asleep')\n    time.sleep(300)\n"


def spec_of(bench: KubernetesBench, source: str = ECHO, **limits):
    return bench.spec(Work(zipped({"main.py": source})), replace(NOTHING, **limits))


def jobs(bench: KubernetesBench) -> list[dict]:
    return bench.cluster.store.every("jobs")[0]
