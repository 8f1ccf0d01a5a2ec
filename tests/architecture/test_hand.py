"""Rules of hand that no linter knows. Each message says what to do instead."""

import ast

import pytest

from tests.architecture.source import ROOT, calls, dotted, imports, shipped

LONGEST_FILE = 300
# How many statements of a file are put together, all of them from constants: one more must be looked at by somebody.
BUILDS_SQL_FROM_CONSTANTS = {
    "agent_platform/models/_columns.py": 1,
    "agent_platform/services/analytics/_queries.py": 6,
    "agent_platform/services/analytics/_record.py": 1,
    "agent_platform/services/billing/_ledger.py": 3,
    "agent_platform/services/catalog/_figures.py": 3,
    "agent_platform/services/catalog/_reviews.py": 1,
    "agent_platform/services/catalog/_words.py": 3,
    "agent_platform/services/quality/_gather.py": 1,
    "agent_platform/services/runs/_charging.py": 1,
    "agent_platform/services/runs/_execute.py": 1,
    "agent_platform/services/runs/_forget.py": 1,
    "agent_platform/services/runs/_keep.py": 5,
    "agent_platform/services/runs/_places.py": 2,
    "agent_platform/services/runs/_queries.py": 1,
    "agent_platform/services/runs/_reconcile.py": 2,
    "agent_platform/services/runs/_settle.py": 1,
    "agent_platform/services/tenancy/_slugs.py": 2,
}
HTTP_CLIENTS = ("httpx", "httpx2", "requests", "aiohttp", "urllib3", "urllib.request", "http.client", "pycurl")
MAY_SPEAK_HTTP = (
    "agent_platform/core/http.py",  # the one guarded client
    "agent_platform/sdk/",  # inside the sandbox, to its broker, by the standard library
    "agent_platform/client/",
    "agent_platform/services/runtime/_kubernetes/api.py",  # to the cluster's API server, by its official client
)
MAY_OPEN_SOCKETS = (
    *MAY_SPEAK_HTTP,
    "agent_platform/core/embedded/",
    "agent_platform/services/runtime/",
    "agent_platform/broker/",
    "workers/",
)
DRAWS_HTML = "agent_platform/components/markdown.py"
# Sent by a handler these are code as text, which the Content-Security-Policy keeps browsers from running.
NEEDS_EVAL = (
    "rx.toast",
    "rx.call_script",
    "rx.call_function",
    "rx.run_script",
    "rx.set_clipboard",
    "rx.console_log",
    "rx.scroll_to",
)


def matching(names, paths) -> list[str]:
    return [name for name in names if not name.startswith(tuple(paths))]


def test_no_file_is_longer_than_a_reader_s_patience():
    lengths = {name: len((ROOT / name).read_text(encoding="utf-8").splitlines()) for name in shipped()}
    long = {name: n for name, n in lengths.items() if n > LONGEST_FILE}
    assert long == {}, "Split by verb: _start.py, _settle.py."


def test_only_one_module_places_html():
    found = [
        name
        for name, tree in shipped().items()
        for node in ast.walk(tree)
        if isinstance(node, ast.Attribute) and dotted(node) in {"rx.html", "rx.markdown"}
    ]
    assert set(found) <= {DRAWS_HTML}, "Draw creators' text with components.markdown.prose."


def sql_from_pieces(tree: ast.Module) -> list[int]:
    return [
        call.lineno
        for name in ("text", "exec_driver_sql")
        for call in calls(tree, name)
        if call.args and isinstance(call.args[0], ast.JoinedStr | ast.BinOp)
    ]


def test_sql_is_never_put_together_from_values():
    found = {name: lines for name, tree in shipped().items() if (lines := sql_from_pieces(tree))}
    beyond = {name: lines for name, lines in found.items() if len(lines) > BUILDS_SQL_FROM_CONSTANTS.get(name, 0)}
    assert beyond == {}, "Bind parameters (:name)."


@pytest.mark.parametrize(
    "line", ['text(f"SELECT {x}")', 'text("SELECT " + x)', 'sa.text(f"{x}")', 'c.exec_driver_sql("a" % x)']
)
def test_pieces_of_sql_are_seen(line):
    assert sql_from_pieces(ast.parse(line)) == [1]


def test_nothing_but_the_guarded_client_speaks_http():
    found = {
        name: used for name, tree in shipped().items() if (used := {m for m in HTTP_CLIENTS if m in imports(tree)})
    }
    assert matching(found, MAY_SPEAK_HTTP) == [], "Use core.http."


def test_raw_sockets_are_for_the_listed_adapters():
    found = [name for name, tree in shipped().items() if {"socket", "ssl", "asyncio.open_connection"} & imports(tree)]
    assert matching(found, MAY_OPEN_SOCKETS) == [], "Use core.http."


def test_only_the_settings_read_the_environment():
    found = [
        name
        for name, tree in shipped().items()
        for node in ast.walk(tree)
        if isinstance(node, ast.Attribute) and dotted(node) in {"os.environ", "os.getenv"}
    ]
    allowed = (
        "agent_platform/core/settings.py",
        "agent_platform/core/embedded/",
        "agent_platform/sdk/",
        "agent_platform/cli",
        "workers/",
    )
    assert matching(sorted(set(found)), allowed) == [], "Add a field to core.settings."


def test_handlers_send_no_code_to_the_browser():
    found = sorted(
        {
            f"{name}:{node.lineno} {dotted(node)}"
            for name, tree in shipped().items()
            if name.startswith("agent_platform/state/")
            for node in ast.walk(tree)
            if isinstance(node, ast.Attribute) and dotted(node) in NEEDS_EVAL
        }
    )
    assert found == [], "Use `await self.say(...)` or `await self.leave_for(path)`."


def test_files_are_sent_to_our_own_route():
    found = [
        name
        for name, tree in shipped().items()
        if "upload" in {dotted(node).removeprefix("rx.") for node in ast.walk(tree) if dotted(node).startswith("rx.")}
    ]
    assert found == [], "Post to /uploads: the framework's upload is closed."


def test_nothing_pickles():
    found = [name for name, tree in shipped().items() if {"pickle", "dill", "marshal", "shelve"} & imports(tree)]
    assert found == [], "Use JSON."


def test_the_migrations_folder_is_no_package():
    assert not (ROOT / "alembic" / "__init__.py").exists(), "It would hide the library of that name."
