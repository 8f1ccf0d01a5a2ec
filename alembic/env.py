"""Runs migrations on the connection that `core.db.migrate` hands in; for `alembic revision`, on DATABASE_URL."""

from sqlalchemy import create_engine
from sqlmodel import SQLModel

import agent_platform.models  # noqa: F401  # fills the metadata
from agent_platform.core.db.engine import driver_url
from agent_platform.core.settings import get_settings
from alembic import context


def run(connection):
    context.configure(
        connection=connection,
        target_metadata=SQLModel.metadata,
        include_schemas=True,
        version_table_schema="public",
        transaction_per_migration=True,
    )
    with context.begin_transaction():
        context.run_migrations()


given = context.config.attributes.get("connection")
if given is not None:
    run(given)
else:
    with create_engine(driver_url(get_settings().database_url)).connect() as opened:
        run(opened)
