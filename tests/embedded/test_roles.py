import stat

import psycopg
import pytest

from agent_platform.core.db.roles import RolesMissing, ensure_roles
from agent_platform.core.embedded import start_postgres
from agent_platform.core.settings import ROLES


def one(url, query):
    with psycopg.connect(url) as connection:
        return connection.execute(query).fetchone()


def test_passwords_are_kept_so_that_addresses_stay_the_same(database, tmp_path, template):
    with pytest.raises(psycopg.OperationalError):
        psycopg.connect(database.app.replace("ap_app:", "ap_app:x"))
    assert one(database.app, "select current_user") == ("ap_app",)


def test_only_the_owner_of_the_secret_files_reads_them(postgres, tmp_path, preserved_passwords):
    ensure_roles(postgres.url, tmp_path / "secrets")
    modes = {stat.S_IMODE(path.stat().st_mode) for path in (tmp_path / "secrets").iterdir()}
    assert modes == {0o600}


def test_each_role_has_its_limits(database):
    assert one(database.app, "show statement_timeout") == ("5s",)
    assert one(database.worker, "show statement_timeout") == ("1min",)
    assert one(database.worker, "show idle_in_transaction_session_timeout") == ("30s",)
    assert one(database.broker, "show client_connection_check_interval") == ("5s",)


def test_only_backup_sees_past_row_security(database):
    assert one(database.backup, "select rolbypassrls, rolsuper from pg_roles where rolname = current_user") == (
        True,
        False,
    )


def test_a_role_with_a_given_address_is_left_alone(database, tmp_path, preserved_passwords):
    given = {"broker": "postgresql://elsewhere/x", "app": database.app}
    addresses = ensure_roles(database.superuser, tmp_path / "secrets", given=given)
    assert addresses["broker"] == "postgresql://elsewhere/x"
    assert not (tmp_path / "secrets" / "ap_broker").exists()
    assert one(addresses["worker"], "select current_user") == ("ap_worker",)


def test_a_missing_role_is_made_with_the_password_of_its_address(tmp_path):
    with start_postgres(tmp_path / "another", durable=False) as empty:
        with psycopg.connect(empty.url, autocommit=True) as connection:
            connection.execute("create role ap_owner login createrole password 'o'")
            connection.execute("create role ap_backup login bypassrls password 'b'")
            connection.execute("alter database agent_platform owner to ap_owner")
        place = f"127.0.0.1:{empty.port}/agent_platform"
        given = {role: f"postgresql://ap_{role}:{role}%2Fsecret@{place}" for role in ROLES}
        for _ in range(2):
            ensure_roles(f"postgresql://ap_owner:o@{place}", tmp_path / "secrets", given=given)
        serving = [role for role in ROLES if role != "backup"]
        assert [one(given[role], "select current_user") for role in serving] == [(f"ap_{role}",) for role in serving]
        assert one(given["app"], "show statement_timeout") == ("5s",)
        assert not (tmp_path / "secrets").exists()


def test_a_login_that_may_not_make_roles_is_told_what_to_do(database, tmp_path):
    with pytest.raises(RolesMissing, match=r'ALTER ROLE "ap_owner" CREATEROLE'):
        ensure_roles(database.owner, tmp_path / "secrets")


def test_an_owner_with_all_addresses_needs_no_power(database, tmp_path):
    given = {role: getattr(database, role) for role in ("app", "worker", "platform", "publisher", "broker", "backup")}
    addresses = ensure_roles(database.owner, tmp_path / "secrets", given=given)
    assert addresses == given | {"owner": database.owner}
