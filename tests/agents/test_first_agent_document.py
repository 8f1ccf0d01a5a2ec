"""docs/creators: the agent that is built there works as written, and its sentences are the platform's."""

import importlib.util
import io
import re
import subprocess
import sys
import zipfile
from pathlib import Path

import jsonschema
import pytest
import yaml

from agent_platform.core.money import parse_usd
from agent_platform.sdk.testing import run_agent
from agent_platform.services import agents

ROOT = Path(__file__).resolve().parents[2]
TEXT = (ROOT / "docs/creators/first-agent.md").read_text()
BLOCKS = dict(re.findall(r"^```\w+ file=(\S+)\n(.*?)^```$", TEXT, flags=re.MULTILINE | re.DOTALL))


@pytest.fixture
def folder(tmp_path):
    for name, content in BLOCKS.items():
        path = tmp_path / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(content)
    return tmp_path


@pytest.fixture
def entry(folder):
    spec = importlib.util.spec_from_file_location("order_totals_main", folder / "main.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module.add_up


def packed(folder):
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as archive:
        for path in folder.rglob("*"):
            if path.is_file():
                archive.write(path, Path("order-totals") / path.relative_to(folder))
    return content


def test_the_document_shows_the_whole_folder():
    assert set(BLOCKS) == {"agent.yaml", "main.py", "samples/orders.csv", "samples/wrong.csv", "tests/test_main.py"}


def test_the_platform_takes_the_folder(folder):
    found = agents.check_bundle(packed(folder)).manifest
    assert found.price["events"]["row"]["price_micro_usd"] == 200
    assert found.price["smallest_cap_micro_usd"] == 10_000
    assert found.permission_level == "low"


def test_the_agent_does_what_its_manifest_s_tests_say(folder, entry):
    manifest = yaml.safe_load(BLOCKS["agent.yaml"])
    for test in manifest["tests"]:
        run = run_agent(entry, {}, files={"file": folder / test["input"]["file"]}, prices={"row": 200})
        assert getattr(run.error, "failure_class", None) == test["expect"].get("error_class")
        assert len(run.items) >= test["expect"].get("items_min", 0)
        for item in run.items:
            jsonschema.validate(item, manifest["output"]["item"])


def test_the_document_s_own_tests_pass(folder):
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-c", "/dev/null", "--rootdir", ".", "tests"],
        cwd=folder, env={"PYTHONPATH": f".:{ROOT}", "PATH": "/usr/bin:/bin"},
        capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
    assert "3 passed" in done.stdout


CAPPED = re.search(
    r"A list of (\d+) orders stops after (\d+) rows at a cap of \$([\d.]+): exactly \$([\d.]+) charged, (\d+) rows stored",
    TEXT,
)


def test_the_list_that_stops_at_its_cap_stops_where_the_document_says(entry, folder):
    orders, rows, cap, charged, stored = CAPPED.groups()
    price = agents.check_bundle(packed(folder)).manifest.price["events"]["row"]["price_micro_usd"]
    content = ("item,quantity,price\n" + "x,1,1\n" * int(orders)).encode()
    run = run_agent(entry, {}, files={"file": content}, prices={"row": price}, cap_micro_usd=parse_usd(cap))
    assert (len(run.items), run.spent_micro_usd) == (int(rows), parse_usd(charged))
    assert (stored, cap) == (rows, f"{parse_usd(charged) / 1e6:.2f}")


@pytest.mark.parametrize(
    "content",
    [
        b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 2_000,
        b"\x00" * 200_000,
        b"item,quantity,price\nx,1,NaN\n",
        b"item,quantity,price\nx,1e999999,10\n",
        b"item,quantity,price\nx\n",
        b'item,quantity,price\nx,1,"' + b"9" * 200_000,
    ],
)
def test_a_file_that_is_no_list_is_a_fault_of_the_input(entry, content):
    run = run_agent(entry, {}, files={"file": content}, prices={"row": 200})
    assert run.error.failure_class == "input"
    assert run.items == []


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("events:", "evnts:"),
        ('price: "0.0002"', "price: 0.0002"),
        ("      max_mb: 20", "      default: x"),
        ("main:add_up", "mian:add_up"),
        ("columns: [row, item, amount]", "columns: [row, item, total]"),
    ],
)
def test_a_mistake_in_the_manifest_gives_the_sentence_of_the_document(folder, before, after):
    (folder / "agent.yaml").write_text(BLOCKS["agent.yaml"].replace(before, after))
    with pytest.raises(agents.ManifestInvalid) as refused:
        agents.check_bundle(packed(folder))
    assert any(f"| {problem.message} |" in TEXT for problem in refused.value.errors), refused.value.errors


def test_a_wrong_zip_gives_the_sentence_of_the_document(folder):
    (folder / "agent.yaml").rename(folder / "samples" / "agent.yaml")
    for content in (packed(folder), io.BytesIO(b"Rar!\x1a\x07")):
        with pytest.raises(agents.BundleRefused) as refused:
            agents.check_bundle(content)
        assert f"| {refused.value.sentence.partition('. ')[0].partition(' It does')[0]}." in TEXT


def test_an_unknown_event_gives_the_sentence_of_the_document(entry):
    run = run_agent(entry, {}, files={"file": BLOCKS["samples/orders.csv"].encode()}, prices={"page": 1})
    assert run.error.message.replace("'row' (it has: page)", "'rows' (it has: row)") in TEXT
