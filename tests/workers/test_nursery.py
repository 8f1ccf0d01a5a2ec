import json
import os
import signal
import subprocess
import sys
import textwrap

SCRIPT = """
import asyncio, json, os, signal, sys, threading
from workers.nursery import SHARED_MODULES, Nursery

modules = () if sys.argv[1] == "bare" else SHARED_MODULES
nursery = Nursery.start(modules)
from workers.children import NurseryDied, bear

async def main():
    threads = len(os.listdir(f"/proc/{nursery.pid}/task"))
    child = await bear(nursery, "maintain", ["maintain"], {"AP_DATA_DIR": sys.argv[2]})
    words = await child.wait()
    print(json.dumps({"threads": threads, "code": child.code, "words": words, "lines": child.output.lines}), flush=True)
    os.kill(nursery.pid, signal.SIGKILL)
    try:
        await bear(nursery, "maintain", ["maintain"], {})
    except NurseryDied:
        print(json.dumps("noticed"), flush=True)

asyncio.run(main())
"""


def run(tmp_path, which):
    script = [sys.executable, "-c", textwrap.dedent(SCRIPT), which, str(tmp_path)]
    secret = {"DATABASE_URL": "postgresql://owner:secret@127.0.0.1:1/x"}
    ended = subprocess.run(script, env=os.environ | secret, capture_output=True, text=True, check=False)
    assert ended.returncode == 0, ended.stderr
    return [json.loads(line) for line in ended.stdout.splitlines() if line[:1] in '{"']


def test_a_child_knows_only_the_environment_it_was_given(tmp_path):
    told, _ = run(tmp_path, "bare")
    assert told["code"] == 1
    assert told["words"] == "ended with code 1"
    assert "Set DATABASE_URL" in told["lines"][-1]


def test_the_shared_modules_start_no_thread_and_a_dead_nursery_is_noticed(tmp_path):
    told, noticed = run(tmp_path, "full")
    assert told["threads"] == 1
    assert told["code"] == 1, told["lines"]
    assert noticed == "noticed"


def test_the_nursery_dies_with_its_parent(tmp_path):
    script = "import os, signal; from workers.nursery import Nursery; n = Nursery.start(()); print(n.pid, flush=True); os.kill(os.getpid(), signal.SIGKILL)"
    ended = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=False)
    assert ended.returncode == -signal.SIGKILL
    # `run` returned only because the nursery, which shared its output, has closed it too
    assert not os.path.exists(f"/proc/{int(ended.stdout)}/exe")  # noqa: PTH110


def test_children_share_mappers_and_have_no_migrations_in_memory():
    script = (
        "import sys; from workers.nursery import Nursery; n = Nursery.start(); "
        "from agent_platform.models.runs import Run; "
        "print(Run.__mapper__.configured, 'alembic' in sys.modules); n.close()"
    )
    ended = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=False)
    assert ended.stdout.split() == ["True", "False"], ended.stderr
