import psycopg
import pytest
import redis

OID = "SELECT oid FROM pg_database WHERE datname = current_database()"


def test_each_test_gets_its_own_database(database):
    with psycopg.connect(database.owner) as connection:
        name, user = connection.execute("select current_database(), current_user").fetchone()
    assert name.startswith("test_")
    assert user == "ap_owner"


def lent(lend_database, *commands):
    """The number that Postgres gave to a database in which a superuser has said this: names come again."""
    with lend_database() as urls, psycopg.connect(urls.superuser, autocommit=True) as connection:
        for command in commands:
            connection.execute(command)
        return connection.execute(OID).fetchone()


def test_a_database_is_lent_again_without_the_rows_of_its_last_test(lend_database):
    user = "INSERT INTO platform.users (id, display_name) VALUES (gen_random_uuid(), 'Ada')"
    first = lent(lend_database, user)
    with lend_database() as urls, psycopg.connect(urls.superuser) as connection:
        assert connection.execute(OID).fetchone() == first
        assert connection.execute("SELECT count(*) FROM platform.users").fetchone() == (0,)


@pytest.mark.parametrize(
    "command",
    [
        "CREATE TABLE app.forgotten (id uuid)",
        "TRUNCATE app.outbox",
        "GRANT DELETE ON app.runs TO ap_broker",
        "UPDATE platform.plans SET members = 1",
        "DELETE FROM public.alembic_version",
    ],
)
def test_a_database_that_was_changed_otherwise_is_not_lent_again(lend_database, command):
    assert lent(lend_database, command) != lent(lend_database)


def test_no_serving_login_bypasses_row_security(database):
    for url in (database.app, database.worker, database.platform, database.publisher, database.broker):
        with psycopg.connect(url) as connection:
            row = connection.execute(
                "select rolsuper, rolbypassrls, rolinherit, rolcreaterole from pg_roles where rolname = current_user"
            ).fetchone()
        assert row == (False, False, False, False), url


def test_the_settings_fixture_names_the_clone(settings, database):
    assert settings.database_url_app == database.app
    with redis.Redis.from_url(settings.redis_url) as client:
        assert client.dbsize() == 0
