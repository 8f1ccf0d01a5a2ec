"""An agent, its publisher and its customers, all of whose words are code: whatever shows them must show them as words."""

import json

from tests.e2e.bundles import packed

# `hit()` says that something ran; `evil.example` is asked by whatever loads or goes there.
NAME = '"><img src=//evil.example onerror=hit()>'
LINE = "</title></script>\"'><img src=//evil.example/x onerror=hit()><svg onload=hit()>${hit()}"
PARTS = (
    LINE,
    "</textarea></noscript></style><script>hit()</script>",
    "[a link](javascript:hit())",
    "[another](  java\tscript:hit())",
    "[a page](data:text/html,<script>hit()</script>)",
    "![a picture](http://evil.example/p.png)",
    '<a href="javascript:hit()">press</a> <a href=jAvAsCrIpT&colon;hit()>press</a>',
    "<iframe src=http://evil.example></iframe><object data=http://evil.example></object>",
    '<meta http-equiv=refresh content="0;url=http://evil.example"><base href=http://evil.example/>',
    '<style>@import "http://evil.example/a.css"; body { display: none }</style>',
    "<form action=http://evil.example><button autofocus onfocus=hit()>press</button></form>",
    "<details open ontoggle=hit()>x</details><math><mi xlink:href=javascript:hit()>y</mi></math>",
    "&lt;script&gt;hit()&lt;/script&gt; {{ hit() }} {% hit() %} `${hit()}`",
    '[r]: javascript:hit()\n[by reference][r] <http://evil.example/"onmouseover=hit()>',
    "```html\n<script>hit()</script>\n```",
)
TEXT = "\n\n".join(PARTS)
MANIFEST = {
    "schema": "agentplatform.dev/agent/v1",
    "slug": "trap",
    "name": NAME,
    "version": "1.0.0",
    "summary": LINE,
    "category": "other",
    "kind": "job",
    "source": {"type": "code", "entry": "main:go"},
    "input": {
        "type": "object",
        "properties": {
            "say": {"type": "string", "title": NAME, "description": LINE, "default": LINE, "maxLength": 5000},
            "choose": {"type": "string", "title": NAME, "enum": [LINE, "fail", "ask"], "default": LINE},
            "count": {"type": "integer", "title": NAME, "unit": NAME[:20], "section": NAME, "default": 1},
            "tags": {
                "type": "array",
                "title": NAME,
                "items": {"type": "string", "enum": [NAME, LINE]},
                "default": [NAME],
            },
            "pairs": {
                "type": "object",
                "title": NAME,
                "additionalProperties": {"type": "string"},
                "default": {NAME: LINE},
            },
            "table": {
                "type": "array",
                "title": NAME,
                "items": {
                    "type": "object",
                    "properties": {
                        "constructor": {"type": "string", "title": NAME, "description": LINE},
                        "pick": {"type": "string", "title": NAME, "enum": [NAME, LINE]},
                    },
                },
                "default": [{"constructor": LINE, "pick": NAME}],
            },
            "code": {"type": "string", "title": NAME, "editor": "code", "default": LINE},
        },
    },
    "output": {
        "item": {"type": "object", "properties": {NAME[:60]: {"type": "string"}, "number": {"type": "integer"}}},
        "result": {"type": "object"},
        "files": [
            {"name": "note.md", "media_type": "text/markdown", "title": NAME},
            {"name": "page.html", "media_type": "text/html", "title": NAME},
        ],
        "views": [
            {"id": "rows", "title": NAME, "type": "table", "columns": [NAME[:60], "number"]},
            {"id": "cards", "title": "Cards", "type": "cards", "columns": [NAME[:60], "number"]},
            {"id": "note", "title": "Note", "type": "markdown", "file": "note.md"},
            {"id": "bars", "title": "Bars", "type": "chart", "x": NAME[:60], "y": ["number"]},
            {"id": "page", "title": "Page", "type": "file", "file": "page.html"},
        ],
    },
    "permissions": {"network": [{"host": "api.example.com", "why": LINE}]},
    "resources": {"memory_mb": 128, "timeout_seconds": 60},
    "pricing": {"model": "per_event", "events": {"row": {"title": NAME, "price": "0.000001"}}, "smallest_cap": "0.01"},
}
MAIN = f"""\
from agent_platform.sdk import AgentError, agent

NAME, LINE, TEXT = {NAME!r}, {LINE!r}, {TEXT!r}


@agent
def go(run):
    run.log.info(LINE, field=TEXT)
    print(TEXT)
    run.progress(1, 2, LINE)
    run.files.put("note.md", TEXT.encode(), "text/markdown")
    run.files.put("page.html", TEXT.encode(), "text/html")
    for number in range(3):
        run.emit({{NAME[:60]: TEXT + str(number), "number": number}}, event="row")
    if run.input["choose"] == "fail":
        raise AgentError(LINE)
    if run.input["choose"] == "ask":
        run.approval.request("one", LINE[:80], data={{NAME: TEXT}})
    return {{NAME: TEXT, "number": 7}}
"""
README = f"# {LINE}\n\n## What it does\n\n{TEXT}\n\n## Input\n\n{TEXT}\n\n## Output\n\n{TEXT}\n"


def bundle(version: str = "1.0.0") -> bytes:
    manifest = json.dumps({**MANIFEST, "version": version})
    return packed(
        {"agent.yaml": manifest, "main.py": MAIN, "README.md": README, "CHANGELOG.md": f"## {version}\n\n{TEXT}\n"}
    )
