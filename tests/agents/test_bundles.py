"""What every sample agent keeps to: the manifest's rules, its own promises, and the standard library."""

import ast
import io
import json
import re
import subprocess
import sys
import zipfile
from pathlib import Path

import jsonschema
import pytest

from agent_platform.sdk import NotPermitted, UpstreamError
from agent_platform.services import agents

ADDRESSES = [
    "openworks/data-profiler", "openworks/pii-redactor", "mica-tools/log-triage", "mica-tools/repo-digest", "harbor/tls-monitor",
    "harbor/site-auditor", "fieldnotes/ask-my-documents", "fieldnotes/support-triage",
]  # fmt: skip
ROOT = Path(__file__).resolve().parents[2]
CATEGORIES = {"data", "engineering", "finance", "operations", "research", "support", "web", "other"}
TOP_KEYS = {
    "schema", "slug", "name", "version", "summary", "category", "tags", "kind", "source", "input", "output", "permissions",
    "env", "resources", "demo", "pricing", "tests",
}  # fmt: skip

SCHEMA_WORDS = {"type", "enum", "title", "description", "minimum", "maximum", "items", "additionalProperties", "format"}
AWAY = UpstreamError("no-such-host.invalid could not be reached.")
INSIDE = NotPermitted("10.0.0.1 does not lead to a public address. Nothing was sent.")
# What the broker says on a machine without the internet, and what the platform answers for a person in daily tests.
OFFLINE = {
    "https://no-such-host.invalid/": AWAY,
    "https://no-such-host.invalid/robots.txt": AWAY,
    "https://10.0.0.1/": INSIDE,
    "http://10.0.0.1/robots.txt": INSIDE,
    "https://codeload.github.com/mica-tools/no-such-repository-0000/tar.gz/HEAD": AWAY,
} | {f"approval replies-{number}": True for number in range(1, 21)}
CONNECTING = {"socket", "ssl", "http", "urllib.request", "urllib.error"}


@pytest.fixture(params=ADDRESSES)
def agent(request, bundle):
    return bundle(request.param)


def test_the_manifest_has_the_keys_it_needs_and_no_other(agent):
    manifest = agent.manifest
    assert set(manifest) <= TOP_KEYS
    assert manifest["schema"] == "agentplatform.dev/agent/v1"
    assert re.fullmatch(r"[a-z][a-z0-9-]{2,39}", manifest["slug"])
    assert manifest["slug"] == agent.folder.name
    assert len(manifest["summary"]) <= 120
    assert manifest["category"] in CATEGORIES
    assert re.fullmatch(r"\d+\.\d+\.\d+", manifest["version"])


def test_the_platform_takes_the_bundle_as_it_is(agent):
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for path in agent.folder.rglob("*"):
            archive.write(path, path.relative_to(agent.folder))
    found = agents.check_bundle(packed)
    assert found.manifest.slug == agent.manifest["slug"]
    assert found.manifest.permission_level == "low"
    assert found.readme.startswith("# ")
    assert found.changelog.startswith("# ")


def test_demo_runs_without_an_account_ask_for_nothing(agent):
    permissions = agent.manifest["permissions"]
    asks = any(permissions[kind] for kind in ("network", "connections", "models", "agents"))
    asks_people = "approval.request" in "".join(path.read_text() for path in agent.folder.glob("*/*.py"))
    assert agent.manifest["demo"] is not (asks or asks_people)


def test_daily_tests_take_no_network_but_where_they_must_be_refused_or_fail(agent):
    """A machine may have no internet: no test may expect an answer from there."""
    if not agent.manifest["permissions"]["network"]:
        return
    for test in agent.manifest["tests"]:
        said = str(test["input"])
        assert test["input"] != "prefill", test["name"]
        reaches = "://" in said or "repo'" in said
        assert not reaches or any(place in said for place in (".invalid", "10.0.0.1", "ftp://", "no-such")), test[
            "name"
        ]


def test_every_field_of_the_form_is_explained(agent):
    for name, field in agent.fields.items():
        assert field.get("title"), name
        assert field.get("description", "").endswith("."), name


def test_every_field_of_the_output_is_explained(agent):
    for part in ("item", "result"):
        for name, field in agent.manifest["output"][part]["properties"].items():
            assert field.get("title"), name
            assert field.get("description", "").endswith("."), name
            assert set(field) <= SCHEMA_WORDS, name  # an unquoted comma would have made half a sentence a key


def test_schemas_are_valid_and_the_prefill_keeps_to_them(agent):
    for schema in (agent.manifest["input"], agent.manifest["output"]["item"], agent.manifest["output"]["result"]):
        jsonschema.Draft202012Validator.check_schema(schema)
    jsonschema.validate(agent.prefill(), agent.manifest["input"])
    jsonschema.validate(agent.with_defaults(agent.prefill()), agent.manifest["input"])


def test_a_required_field_never_has_a_default(agent):
    for name in agent.manifest["input"].get("required", []):
        assert "default" not in agent.fields[name]


def test_views_name_columns_and_files_that_exist(agent):
    output = agent.manifest["output"]
    columns = set(output["item"]["properties"])
    files = {file["name"] for file in output["files"]}
    for view in output["views"]:
        assert set(view.get("columns", [])) <= columns
        assert {view[axis] for axis in ("x",) if axis in view} <= columns
        assert set(view.get("y", [])) <= columns
        assert "file" not in view or view["file"] in files


def test_three_tests_or_more_and_one_expects_a_failure(agent):
    tests = agent.manifest["tests"]
    assert len(tests) >= 3
    assert any("error_class" in test["expect"] for test in tests)
    assert len({test["name"] for test in tests}) == len(tests)


def test_the_manifest_s_own_tests_hold(agent):
    for test in agent.manifest["tests"]:
        run = agent.run(agent.prefill() if test["input"] == "prefill" else test["input"], replies=OFFLINE)
        expected = test["expect"]
        if expected.get("state") == "failed":
            assert run.error is not None, test["name"]
            continue
        if "error_class" in expected:
            assert run.error.failure_class == expected["error_class"], test["name"]
            continue
        assert run.error is None, test["name"]
        assert expected.get("items_min", 0) <= len(run.items) <= expected.get("items_max", 10**6), test["name"]
        if "contains" in expected:
            assert expected["contains"] in json.dumps([run.result, run.items], ensure_ascii=False), test["name"]
        for item in run.items:
            jsonschema.validate(item, agent.manifest["output"]["item"])
        jsonschema.validate(run.result, agent.manifest["output"]["result"])
        assert set(run.files) <= {file["name"] for file in agent.manifest["output"]["files"]}


def test_nothing_but_the_standard_library_and_the_sdk_is_imported(agent):
    own = {path.stem for path in agent.folder.iterdir()}
    for path in agent.folder.rglob("*.py"):
        if "tests" in path.parts[len(agent.folder.parts) :]:
            continue
        for node in ast.walk(ast.parse(path.read_text())):
            modules = [name.name for name in node.names] if isinstance(node, ast.Import) else []
            modules += [node.module] if isinstance(node, ast.ImportFrom) else []
            for module in modules:
                top = module.partition(".")[0]
                assert module == "agent_platform.sdk" or top in own or top in sys.stdlib_module_names, (
                    f"{path}: {module}"
                )
                assert top not in {"subprocess", "pickle", "ctypes", "multiprocessing"}, f"{path}: {module}"
                connects = module in CONNECTING or top in CONNECTING
                assert not connects or agent.manifest["permissions"]["network"], f"{path}: {module}"


def test_files_stay_short_enough_to_read(agent):
    for path in agent.folder.rglob("*.py"):
        assert len(path.read_text().splitlines()) <= 300, path


def test_the_readme_says_what_goes_in_and_what_comes_out(agent):
    text = (agent.folder / "README.md").read_text()
    assert len(text.split()) >= 300
    headings = " ".join(re.findall(r"^## (.+)$", text, flags=re.MULTILINE)).lower()
    assert all(word in headings for word in ("what", "input", "output"))
    assert f"## {agent.manifest['version']}" in (agent.folder / "CHANGELOG.md").read_text()


def test_the_bundle_s_own_tests_pass(agent):
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "--rootdir", ".", "-c", "/dev/null", "tests"],
        cwd=agent.folder, env={"PYTHONPATH": str(ROOT), "PATH": "/usr/bin:/bin", "PYTHONDONTWRITEBYTECODE": "1"},
        capture_output=True, text=True, timeout=120, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
