"""A real Postgres and a real Valkey for each test process; every test that asks gets a database as migrations leave it."""

import dataclasses
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from pathlib import Path

import pytest
import redis

from agent_platform.core import queue
from agent_platform.core.db.engine import dispose_engines
from agent_platform.core.db.maintain import maintain
from agent_platform.core.db.migrate import upgrade
from agent_platform.core.db.roles import ensure_roles
from agent_platform.core.embedded import EmbeddedPostgres, EmbeddedValkey, start_postgres, start_valkey
from agent_platform.core.settings import Settings, get_settings
from tests.databases import Databases, DatabaseUrls


@pytest.fixture(scope="session")
def postgres(tmp_path_factory: pytest.TempPathFactory) -> Iterator[EmbeddedPostgres]:
    with start_postgres(tmp_path_factory.mktemp("pg"), durable=False) as server:
        yield server


@pytest.fixture(scope="session")
def valkey(tmp_path_factory: pytest.TempPathFactory) -> Iterator[EmbeddedValkey]:
    with start_valkey(tmp_path_factory.mktemp("vk"), durable=False) as server:
        yield server


@pytest.fixture(scope="session")
def template(postgres: EmbeddedPostgres, tmp_path_factory: pytest.TempPathFactory) -> DatabaseUrls:
    """Migrated once; nobody connects to it afterwards, because a template in use cannot be cloned."""
    addresses = ensure_roles(postgres.url, tmp_path_factory.mktemp("secrets"))
    upgrade(addresses["owner"])
    maintain(addresses["owner"])
    return DatabaseUrls(superuser=postgres.url, **addresses)


@pytest.fixture(scope="session")
def lend_database(template: DatabaseUrls) -> "Callable[[], AbstractContextManager[DatabaseUrls]]":
    """For fixtures of another scope: `with lend_database() as urls`."""
    return Databases(template).lend


@pytest.fixture
def database(lend_database) -> Iterator[DatabaseUrls]:
    """Role addresses of a database that is as migrations leave it."""
    with lend_database() as urls:
        yield urls


@pytest.fixture
def redis_url(valkey: EmbeddedValkey) -> str:
    """An empty Valkey."""
    with redis.Redis.from_url(valkey.url) as client:
        client.flushall()
    return valkey.url


@pytest.fixture
def settings(
    database: DatabaseUrls, redis_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Settings]:
    """`get_settings()` names the fresh database, the empty Valkey and a data folder of this test."""
    for role, url in dataclasses.asdict(database).items():
        if role not in {"superuser", "owner"}:
            monkeypatch.setenv(f"DATABASE_URL_{role.upper()}", url)
    monkeypatch.setenv("REDIS_URL", redis_url)
    monkeypatch.setenv("AP_DATA_DIR", str(tmp_path / "data"))
    _forget_settings()
    yield get_settings()
    _forget_settings()


def _forget_settings() -> None:
    dispose_engines()
    if queue.redis.cache_info().currsize:
        queue.redis().close()
    queue.redis.cache_clear()
    get_settings.cache_clear()
