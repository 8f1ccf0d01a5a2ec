"""What a creator reads of a build or run that failed: frames of their own files."""

import pytest

from agent_platform.sdk._call import trace_of
from agent_platform.sdk._entry import build
from agent_platform.sdk._errors import AgentError


class Journal:
    def info(self, *_words) -> None: ...

    warn = error = info


def trace_of_build(folder, source: str, monkeypatch) -> str:
    monkeypatch.syspath_prepend(folder)
    (folder / "broken_entry.py").write_text(source)
    with pytest.raises(AgentError) as failed:
        build("broken_entry:main", str(folder), Journal())
    assert failed.value.__traceback__ is not None
    return trace_of(failed.value.with_traceback(failed.value.__traceback__.tb_next))  # without the frame of this test


def test_a_build_shows_where_the_creators_file_failed(tmp_path, monkeypatch):
    trace = trace_of_build(tmp_path, "import json\njson.loads('{')\n", monkeypatch)
    assert [line.strip() for line in trace.splitlines() if line.startswith("  File ")] == [
        f'File "{tmp_path}/broken_entry.py", line 2, in <module>'
    ]
    assert "JSONDecodeError" in trace.splitlines()[-1]


def test_a_build_that_no_line_of_theirs_broke_has_no_trace(tmp_path, monkeypatch):
    assert trace_of_build(tmp_path, "print('no function')\n", monkeypatch) == ""
