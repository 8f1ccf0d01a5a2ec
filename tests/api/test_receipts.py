"""docs/receipts.md: whoever holds a receipt and the published keys can check it without us."""

import re
import subprocess
import sys
from pathlib import Path

import pytest
from starlette.applications import Starlette

from agent_platform import api
from agent_platform.api import documents
from agent_platform.core.db.engine import acting_as
from agent_platform.core.db.tenant import tenant_session
from agent_platform.core.keys import installation_key
from agent_platform.core.settings import get_settings
from agent_platform.edge.wrap import Edge
from agent_platform.services import runs
from tests.doubles.browser import Browser
from tests.doubles.running import end, make_run, make_workspace, pages, speak

TEXT = (Path(__file__).parents[2] / "docs/receipts.md").read_text()
SCRIPT = re.search(r"^```python file=check_receipt.py\n(.*?)^```$", TEXT, flags=re.MULTILINE | re.DOTALL)[1]


@pytest.fixture
async def published(settings, tmp_path) -> str:
    """What the installation says at the documented address."""
    with acting_as("worker"):
        runs.publish_receipt_key()
        runs.publish_receipt_key()
    browser = Browser(
        Edge(Starlette(routes=api.guarded(documents.routes())), get_settings(), tmp_path), get_settings().base_url
    )
    answer = await browser.get(re.search(r"at `(/\.well-known/[^`]+)`", TEXT)[1])
    await browser.close()
    assert answer.status_code == 200
    return answer.text


@pytest.fixture
def receipt(settings):
    """As the download gives it."""
    workspace = make_workspace("northwind")
    run_id = make_run(workspace)
    speak(workspace, run_id, pages(3), {"type": "result", "value": {"pages": 3}})
    end(workspace, run_id)
    with tenant_session(workspace.id) as session:
        return runs.receipt_file(runs.find_receipt(session, run_id=run_id))


def check(folder, receipt: str, keys: str) -> subprocess.CompletedProcess[str]:
    for name, content in (("check_receipt.py", SCRIPT), ("receipt.json", receipt), ("keys.json", keys)):
        (folder / name).write_text(content)
    command = [sys.executable, "-I", "check_receipt.py", "receipt.json", "keys.json"]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)


def test_the_documented_check_accepts_what_was_signed_here(receipt, published, tmp_path):
    done = check(tmp_path, receipt, published)
    assert (done.returncode, done.stderr) == (0, "")
    assert re.fullmatch(r"Genuine: run_[0-9a-f]{32} succeeded, 0\.006000 dollars charged\.\n", done.stdout)


@pytest.mark.sec
def test_it_refuses_another_amount_and_another_key(receipt, published, tmp_path):
    changed = receipt.replace('charged_micro_usd\\":6000', 'charged_micro_usd\\":1000')
    assert changed != receipt
    assert check(tmp_path, changed, published).stderr == "The receipt was changed after it was signed.\n"
    foreign = published.replace(runs.key_id(installation_key().public_key()), "0" * 16)
    assert "not from there" in check(tmp_path, receipt, foreign).stderr


@pytest.mark.sec
def test_only_the_public_half_is_published(published):
    assert installation_key().private_bytes_raw().hex() not in published
    assert published.count("public_key") == 1
