"""Schema changes, applied by the owner before new code serves."""

from pathlib import Path

from alembic.config import Config
from sqlalchemy import create_engine, text

from agent_platform.core.db.engine import driver_url
from alembic import command

ROOT = Path(__file__).resolve().parents[3]
MIGRATION_LOCK = 7_201_001


def upgrade(owner_url: str, revision: str = "head") -> None:
    """The database is at `revision`. Waits for another migration that is under way."""
    engine = create_engine(driver_url(owner_url))
    try:
        with engine.connect() as connection:
            connection.execute(text("select pg_advisory_lock(:lock)"), {"lock": MIGRATION_LOCK})
            connection.commit()
            try:
                config = Config(ROOT / "alembic.ini")
                config.attributes["connection"] = connection
                command.upgrade(config, revision)
                connection.commit()
            finally:
                connection.execute(text("select pg_advisory_unlock(:lock)"), {"lock": MIGRATION_LOCK})
                connection.commit()
    finally:
        engine.dispose()
