"""Well-behaved agents of the fault tests: one that answers, one that counts, charges, fails or goes on for ever as it is told."""

from tests.e2e.bundles import packed

ECHO = packed({
    "agent.yaml": """\
schema: agentplatform.dev/agent/v1
slug: echo
name: Echo
version: 1.0.0
summary: Says what it was told.
category: other
kind: job
source: {type: code, entry: "main:echo"}
input: {type: object, required: [text], properties: {text: {type: string, title: Text}}}
output: {result: {type: object, required: [said], properties: {said: {type: string}}}}
resources: {memory_mb: 64, timeout_seconds: 60}
pricing: {model: free}
""",
    "main.py": """\
from agent_platform.sdk import Run, agent


@agent
def echo(run: Run) -> dict:
    return {"said": run.input["text"]}
""",
})  # fmt: skip

COUNTER = packed({
    "agent.yaml": """\
schema: agentplatform.dev/agent/v1
slug: counter
name: Counter
version: 1.0.0
summary: Counts, charges each number, and fails where it is told.
category: other
kind: job
source: {type: code, entry: "main:count"}
input:
  type: object
  required: [numbers]
  properties:
    numbers: {type: integer, title: Numbers, minimum: 1, maximum: 100000}
    pause_ms: {type: integer, title: Pause, minimum: 0, maximum: 60000, default: 50}
    fail_at: {type: integer, title: Fail at, minimum: 0, default: 0}
output:
  item: {type: object, required: [number], properties: {number: {type: integer}}}
resources: {memory_mb: 64, timeout_seconds: 120}
pricing:
  model: per_event
  events: {number: {title: Number counted, price: "0.001"}}
  smallest_cap: "0.01"
""",
    "main.py": """\
import time

from agent_platform.sdk import AgentError, Run, agent


@agent
def count(run: Run) -> None:
    for number in range(1, run.input["numbers"] + 1):
        if number == run.input["fail_at"]:
            raise AgentError("told to fail here")
        print("counts", number)
        if not run.emit({"number": number}, event="number", key=str(number)):
            return
        time.sleep(run.input["pause_ms"] / 1000)
""",
})  # fmt: skip
MICRO_USD_PER_NUMBER = 1_000
