import psycopg
import pytest


@pytest.fixture(scope="module")
def urls(lend_database):
    """Role addresses of one database for a module that leaves it as it was."""
    with lend_database() as urls:
        yield urls


@pytest.fixture
def owner(urls):
    with psycopg.connect(urls.owner) as connection:
        yield connection
        connection.rollback()
