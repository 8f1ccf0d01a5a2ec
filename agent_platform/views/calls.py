"""How a program starts the run that the form holds: the same request as curl, Python and JavaScript."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from agent_platform.views.form_kinds import Schema, kind_of, rules_of

LONGEST_TEXT = 4_000
SECRET, FILE, TEXT = "YOUR_SECRET", "file_YOUR_UPLOAD", "YOUR_TEXT"  # words that stand in for one


@dataclass(frozen=True)
class CallView:
    """`key_link` is where a key is made; `placeholders` says what must be filled in before it runs."""

    curl: str = ""
    python: str = ""
    javascript: str = ""
    openapi: str = ""
    openapi_is_open: bool = False  # a browser may read it, which sends no key
    key_link: str = ""
    placeholders: str = ""


def call_view(
    *,
    base: str,
    address: str,
    schema: Schema,
    values: dict[str, Any],
    options: dict[str, Any],
    own: bool,
    key_link: str,
) -> CallView:
    """What is in the form, typed; neither secrets nor uploads nor very long texts are repeated."""
    given = repeatable(schema, values)
    body: dict[str, Any] = {"input": given, "options": options} if options else {"input": given}
    url = f"{base}/v1/agents/{address}/runs"
    return CallView(
        curl=as_curl(url, body),
        python=as_python(url, body),
        javascript=as_javascript(url, body),
        openapi=f"{base}/v1/agents/{address}/openapi.json",
        openapi_is_open=not own,
        key_link=key_link,
        placeholders=_placeholders(given),
    )


def repeatable(schema: Schema, values: dict[str, Any]) -> dict[str, Any]:
    """The input in the order of the form, with words in place of what must not or cannot be repeated."""
    required, rules = set(schema.get("required", ())), rules_of(schema)
    found: dict[str, Any] = {}
    for name in [*rules, *(name for name in values if name not in rules)]:
        kind, value = kind_of(rules.get(name, {})), values.get(name)
        if kind in {"secret", "file", "files"} and (value or name in required):
            found[name] = {"secret": SECRET, "file": FILE, "files": [FILE]}[kind]
        elif name in values:
            found[name] = TEXT if isinstance(value, str) and len(value) > LONGEST_TEXT else value
    return found


def as_curl(url: str, body: dict[str, Any]) -> str:
    """For a POSIX shell: nothing in the body can end its quotes."""
    sent = _spread(body).replace("'", "\\u0027")
    return (
        f'curl -sS "{url}" \\\n'
        '  -H "Authorization: Bearer $AGENT_PLATFORM_KEY" \\\n'
        '  -H "Content-Type: application/json" \\\n'
        '  -H "Idempotency-Key: run-$(date +%s%N)-$$" \\\n'
        '  -H "Prefer: wait=60" \\\n'
        f"  -d '{sent}'"
    )


def as_python(url: str, body: dict[str, Any]) -> str:
    """The standard library is enough."""
    return (
        "import json, os, sys, urllib.error, urllib.request, uuid\n\n"
        f"body = {_spread(body, value=repr)}\n"
        "request = urllib.request.Request(\n"
        f'    "{url}",\n'
        "    data=json.dumps(body).encode(),\n"
        "    headers={\n"
        '        "Authorization": "Bearer " + os.environ["AGENT_PLATFORM_KEY"],\n'
        '        "Content-Type": "application/json",\n'
        '        "Idempotency-Key": str(uuid.uuid4()),\n'
        '        "Prefer": "wait=60",\n'
        "    },\n"
        ")\n"
        "try:\n"
        "    run = json.load(urllib.request.urlopen(request))\n"
        "except urllib.error.HTTPError as refused:\n"
        '    sys.exit(json.load(refused)["detail"])\n'
        'print(run["id"], run["state"], run.get("result") or run.get("failure") or run["links"]["page"])'
    )


def as_javascript(url: str, body: dict[str, Any]) -> str:
    """A module, for its `await`."""
    sent = _spread(body).replace("\n", "\n  ")
    return (
        f'const answer = await fetch("{url}", {{\n'
        '  method: "POST",\n'
        "  headers: {\n"
        '    "Authorization": `Bearer ${process.env.AGENT_PLATFORM_KEY}`,\n'
        '    "Content-Type": "application/json",\n'
        '    "Idempotency-Key": crypto.randomUUID(),\n'
        '    "Prefer": "wait=60",\n'
        "  },\n"
        f"  body: JSON.stringify({sent}),\n"
        "});\n"
        "const run = await answer.json();\n"
        "if (!answer.ok) throw new Error(run.detail);\n"
        "console.log(run.id, run.state, run.result ?? run.failure ?? run.links.page);"
    )


def _as_json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False)


def _spread(body: dict[str, Any], *, value: Callable[[Any], str] = _as_json) -> str:
    """Each field of the input on a line of its own, in JSON or as a literal of another language."""
    parts = []
    for name, inner in body.items():
        lines = ",\n".join(f"    {_as_json(key)}: {value(one)}" for key, one in inner.items())
        parts.append(f"  {_as_json(name)}: {{\n{lines}\n  }}" if inner else f"  {_as_json(name)}: {{}}")
    return "{\n" + ",\n".join(parts) + "\n}"


def _placeholders(given: dict[str, Any]) -> str:
    held = [one for value in given.values() for one in (value if isinstance(value, list) else [value])]
    words = {
        SECRET: f"your secret for {SECRET}",
        FILE: f"the id of an upload for {FILE}",
        TEXT: f"your text for {TEXT}",
    }
    wanted = [said for word, said in words.items() if word in held]
    return f"Put {', '.join(wanted)}." if wanted else ""
