import psycopg
import redis


def test_each_test_gets_its_own_database(database):
    with psycopg.connect(database.owner) as connection:
        name, user = connection.execute("select current_database(), current_user").fetchone()
    assert name.startswith("test_")
    assert user == "ap_owner"


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
