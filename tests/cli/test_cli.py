import ast
from importlib.util import find_spec
from pathlib import Path

import pytest

from agent_platform.cli import main
from agent_platform.core.settings import get_settings
from agent_platform.services import visitors
from workers.commands import COMMANDS


def test_help_names_every_command(capsys):
    main(["help"])
    shown = capsys.readouterr().out
    assert [name for name in COMMANDS if name not in shown] == []


def test_an_unknown_command_is_answered_with_the_list():
    with pytest.raises(SystemExit, match=r"There is no command 'fly'\.\n\nUsage:"):
        main(["fly"])


def test_a_missing_argument_is_named():
    with pytest.raises(SystemExit, match="Usage: agent-platform worker QUEUE"):
        main(["worker"])


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_has_its_function(name):
    module, _, function = COMMANDS[name].target.partition(":")
    spec = find_spec(module)
    assert spec is not None, f"{module} is missing"
    assert spec.origin
    tree = ast.parse(Path(spec.origin).read_text(encoding="utf-8"))
    names = {node.name for node in tree.body if isinstance(node, ast.FunctionDef)}
    names |= {
        alias.asname or alias.name for node in tree.body if isinstance(node, ast.ImportFrom) for alias in node.names
    }
    assert function in names


def test_a_command_beside_nothing_says_what_to_start(monkeypatch, tmp_path):
    monkeypatch.setenv("AP_DATA_DIR", str(tmp_path))
    get_settings.cache_clear()
    with pytest.raises(SystemExit, match=r"Nothing runs on the data folder .* Type `make run` first"):
        main(["sign-in-link"])
    get_settings.cache_clear()


@pytest.mark.usefixtures("settings")
def test_an_unsafe_configuration_is_refused_with_one_sentence(monkeypatch):
    monkeypatch.setenv("AP_BASE_URL", "http://example.com")
    get_settings.cache_clear()
    with pytest.raises(SystemExit, match="only loopback may use http"):
        main(["check"])


@pytest.mark.usefixtures("settings")
def test_a_safe_configuration_passes(capsys):
    main(["check"])
    assert "safe to serve" in capsys.readouterr().out


@pytest.mark.usefixtures("settings")
def test_the_budget_of_demos_is_set_in_dollars(capsys):
    main(["demo-budget", "10", "100.50"])
    assert "Demos may cost $10 a day and $100.50 a month." in capsys.readouterr().out
    assert visitors.budget() == visitors.Budget(10_000_000, 100_500_000)
    with pytest.raises(SystemExit, match="Write both amounts in dollars"):
        main(["demo-budget", "ten", "-1"])
    assert visitors.budget() == visitors.Budget(10_000_000, 100_500_000)
