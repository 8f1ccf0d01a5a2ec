import sys
from pathlib import Path

import pytest

from agent_platform.core.settings import Settings
from workers.console import command_line

PROGRAM = Path(sys.executable).with_name("agent-platform")


@pytest.mark.parametrize(
    ("given", "before"),
    [
        ({}, ""),
        ({"PORT": 4711}, "PORT=4711 "),
        ({"AP_DATA_DIR": "/tmp/my data", "PORT": 4711}, "AP_DATA_DIR='/tmp/my data' PORT=4711 "),
        ({"AP_DATA_DIR": "other"}, "AP_DATA_DIR={here}/other "),
        ({"AP_BASE_URL": "https://agents.example.com"}, "AP_BASE_URL=https://agents.example.com "),
    ],
)
def test_a_command_names_what_it_would_not_assume(given, before, monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    for name in ("AP_DATA_DIR", "PORT", "AP_BASE_URL"):
        monkeypatch.delenv(name, raising=False)
    assert command_line(Settings(**given), "sign-in-link") == f"{before.format(here=tmp_path)}{PROGRAM} sign-in-link"


def test_the_program_is_named_from_the_folder_one_is_in(monkeypatch):
    monkeypatch.chdir(PROGRAM.parents[2])
    relative = PROGRAM.relative_to(PROGRAM.parents[2])
    assert command_line(Settings(), "check").endswith(f"{relative} check")
