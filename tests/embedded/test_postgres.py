import os
import signal
import stat
import subprocess
import sys
import textwrap
from pathlib import Path

import psycopg
import pytest

from agent_platform.core.embedded import EmbeddedServerFailed, start_postgres
from agent_platform.core.embedded.binaries import DEBIAN_FOLDERS
from agent_platform.core.embedded.launch import Way

AS_ROOT = pytest.mark.skipif(os.geteuid() != 0, reason="only root changes users")
SYSTEM = sorted(DEBIAN_FOLDERS.glob("*/bin/postgres"))


def remember(server, text):
    with psycopg.connect(server.url) as connection:
        connection.execute("create table if not exists notes (note text)")
        connection.execute("insert into notes values (%s)", (text,))


def notes(server):
    with psycopg.connect(server.url) as connection:
        return [note for (note,) in connection.execute("select note from notes")]


def test_data_and_port_survive_a_stop(tmp_path):
    with start_postgres(tmp_path / "d", durable=False) as first:
        remember(first, "kept")
    with start_postgres(tmp_path / "d", durable=False) as second:
        assert notes(second) == ["kept"]
    assert second.port == first.port


def test_what_was_committed_survives_a_killed_server(tmp_path):
    first = start_postgres(tmp_path / "d")
    remember(first, "kept")
    first.process.kill()
    first.process.wait()
    first.stop()
    with start_postgres(tmp_path / "d", durable=False) as second:
        assert notes(second) == ["kept"]


def test_the_server_ends_with_a_killed_starter_and_starts_again(tmp_path):
    script = """
        import os, signal, sys
        from pathlib import Path
        from agent_platform.core.embedded import start_postgres
        server = start_postgres(Path(sys.argv[1]))
        print(server.pid, flush=True)
        os.kill(os.getpid(), signal.SIGKILL)
    """
    run = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(script), str(tmp_path / "d")],
        capture_output=True,
        text=True,
        check=False,
    )
    assert run.returncode == -signal.SIGKILL, run.stderr
    with start_postgres(tmp_path / "d", durable=False) as server:
        assert server.pid != int(run.stdout)
        remember(server, "works")


def test_a_stale_pid_file_of_a_reused_pid_does_not_prevent_the_start(tmp_path):
    start_postgres(tmp_path / "d", durable=False).stop()
    (tmp_path / "d" / "postgres" / "postmaster.pid").write_text(f"{os.getpid()}\n{tmp_path}\n", encoding="ascii")
    with start_postgres(tmp_path / "d", durable=False) as server:
        remember(server, "works")


def test_a_half_made_first_start_is_made_anew(tmp_path):
    half = tmp_path / "d" / "postgres.new"
    half.mkdir(parents=True)
    (tmp_path / "d").chmod(0o700)
    (half / "PG_VERSION").write_text("1", encoding="ascii")
    with start_postgres(tmp_path / "d", durable=False) as server:
        remember(server, "works")


def test_a_second_start_on_the_same_folder_names_the_first_process(tmp_path, postgres):
    folder = postgres.log_path.parents[1]
    with pytest.raises(EmbeddedServerFailed, match=f"in use by process {os.getpid()}"):
        start_postgres(folder)


@AS_ROOT
def test_a_folder_of_another_user_is_refused(tmp_path):
    folder = tmp_path / "d"
    folder.mkdir()
    os.chown(folder, 65534, 65534)
    with pytest.raises(EmbeddedServerFailed, match="belongs to user nobody, but this was started by user root"):
        start_postgres(folder)


@AS_ROOT
@pytest.mark.parametrize("way", [Way.NAMESPACE, Way.NOBODY])
def test_root_can_start_it_either_way_and_change_its_mind(short_path, way):
    other = Way.NOBODY if way is Way.NAMESPACE else Way.NAMESPACE
    with start_postgres(short_path / "d", durable=False, way=way) as server:
        remember(server, way)
        owner = Path(f"/proc/{server.pid}").stat().st_uid
    assert owner == (0 if way is Way.NAMESPACE else 65534)
    with start_postgres(short_path / "d", durable=False, way=other) as server:
        assert notes(server) == [way]


@AS_ROOT
def test_a_folder_that_nobody_may_not_enter_is_refused_with_the_way_out(short_path):
    short_path.chmod(0o700)
    with pytest.raises(EmbeddedServerFailed, match="AP_DATA_DIR="):
        start_postgres(short_path / "d", durable=False, way=Way.NOBODY)


@pytest.mark.skipif(not SYSTEM, reason="no Postgres of the system on this machine")
def test_the_system_s_own_postgres_serves_too(tmp_path):
    with start_postgres(tmp_path / "d", durable=False, binaries=SYSTEM[-1].parent) as server:
        remember(server, "works")


def test_data_of_another_version_is_left_alone(tmp_path):
    start_postgres(tmp_path / "d", durable=False).stop()
    (tmp_path / "d" / "postgres" / "PG_VERSION").write_text("12\n", encoding="ascii")
    with pytest.raises(EmbeddedServerFailed, match="written by Postgres 12, but Postgres"):
        start_postgres(tmp_path / "d", durable=False)


def test_only_its_owner_can_read_the_password(tmp_path):
    start_postgres(tmp_path / "d", durable=False).stop()
    secret = tmp_path / "d" / "secrets" / "postgres"
    assert stat.S_IMODE(secret.stat().st_mode) == 0o600
    assert stat.S_IMODE(secret.parent.stat().st_mode) == 0o700


def test_a_wrong_password_does_not_open_it(postgres):
    with pytest.raises(psycopg.OperationalError, match="password authentication failed"):
        psycopg.connect(f"postgresql://postgres:guess@127.0.0.1:{postgres.port}/agent_platform")


def test_the_search_extensions_can_be_made_by_the_owner(database):
    with psycopg.connect(database.owner) as connection:
        connection.execute("create extension if not exists pg_trgm")
        connection.execute("create extension if not exists unaccent")
        assert connection.execute("select unaccent('é')").fetchone() == ("e",)
