"""The base image of agents, really built: Python, the SDK and nothing else."""

import json

import pytest

pytestmark = pytest.mark.slow
HARDENED = (
    "--read-only",
    "--cap-drop=ALL",
    "--security-opt=no-new-privileges",
    "--tmpfs=/work:size=16m,mode=1777",
    "--tmpfs=/agent",
)
PYTHON = "--entrypoint=/usr/bin/python3"
ISOLATED = ("-I", "-S", "-B", "-X", "utf8", "-c")


@pytest.fixture(scope="module")
def inside(engine, agent_image):
    """Runs Python in a hardened container and returns what it printed, as JSON."""

    def ask(source):
        done = engine.run(agent_image, *ISOLATED, f"import json\n{source}", flags=(*HARDENED, PYTHON))
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout)

    return ask


def test_the_entry_is_python_in_isolated_mode_and_the_user_is_nobody(engine, agent_image):
    config = engine.api.images.get(agent_image).attrs["Config"]
    assert config["Entrypoint"] == ["/usr/bin/python3", *ISOLATED[:-1], "-m", "agent_platform.sdk.container"]
    assert config["User"] == "65534:65534"


def test_an_agent_finds_the_standard_library_and_the_sdk(inside):
    modules = (
        "agent_platform.sdk.runner, ssl, sqlite3, ctypes, lzma, zoneinfo, decimal, asyncio, xml.etree.ElementTree, venv"
    )
    assert inside(f"import {modules}\nprint(json.dumps(agent_platform.sdk.__file__))").endswith(
        "/agent_platform/sdk/__init__.py"
    )


def test_an_agent_knows_the_world_s_time_zones_and_certificates(inside):
    assert inside("import zoneinfo; print(json.dumps('Europe/Berlin' in zoneinfo.available_timezones()))")
    assert inside("import ssl; print(json.dumps(ssl.create_default_context().cert_store_stats()['x509_ca'] > 50))")


def test_nothing_but_python_can_be_run(inside):
    programs = inside(
        "import os, stat\n"
        "found = [os.path.join(folder, name) for top in ('/bin', '/sbin', '/usr', '/opt', '/lib') for folder, _, names in os.walk(top)\n"
        "         for name in names if 'lib' not in name]\n"
        "print(json.dumps([p for p in found if os.access(p, os.X_OK) and not os.path.isdir(p) and open(p, 'rb').read(4) == b'\\x7fELF']))"
    )
    assert {path.rpartition("/")[2].rstrip("0123456789.") for path in programs if ".so" not in path} == {"python"}


def test_no_third_party_module_and_no_installer_is_there(inside):
    names = ["pip", "ensurepip", "setuptools", "reflex", "sqlmodel", "workers", "agent_platform.core"]
    assert (
        inside(f"import importlib.util\nprint(json.dumps([n for n in {names} if importlib.util.find_spec(n)]))") == []
    )


def test_an_agent_can_write_only_to_its_folders(inside):
    source = (
        "import os\ndef writes(folder):\n    try:\n        open(folder + '/x', 'w').close()\n    except OSError:\n        return False\n"
        "    return True\nos.mkdir('/work/.tmp')\n"
        "print(json.dumps([f for f in ('/', '/opt/ap', '/usr/lib', '/etc', '/run', '/work', '/tmp') if writes(f)]))"
    )
    assert inside(source) == ["/work", "/tmp"]


def test_no_file_gives_its_user_more_rights(inside):
    source = (
        "import os, stat\nprint(json.dumps([os.path.join(d, n) for d, _, ns in os.walk('/') if not d.startswith(('/proc', '/sys', '/dev'))"
        " for n in ns if os.lstat(os.path.join(d, n)).st_mode & (stat.S_ISUID | stat.S_ISGID)]))"
    )
    assert inside(source) == []


def test_the_image_is_small(engine, agent_image):
    assert engine.api.images.get(agent_image).attrs["Size"] < 80_000_000
