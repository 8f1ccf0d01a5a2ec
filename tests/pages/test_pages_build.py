import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]


def test_every_page_builds(tmp_path):
    """A misspelt field, var or component fails here."""
    environment = os.environ | {"REFLEX_WEB_WORKDIR": str(tmp_path / "web"), "AP_DATA_DIR": str(tmp_path / "data")}
    command = [sys.executable, "-m", "reflex", "compile", "--dry", "--no-rich"]
    result = subprocess.run(
        command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False, timeout=300
    )
    assert result.returncode == 0, (result.stdout + result.stderr)[-4000:]


def test_every_page_has_an_address_and_a_title_of_its_own():
    from agent_platform.pages import SITE_MAP

    routes, titles = [page.route for page in SITE_MAP], [page.title for page in SITE_MAP]
    assert len(set(routes)) == len(routes)
    assert all(titles)
