from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import create_engine
from sqlmodel import SQLModel

import agent_platform.models  # noqa: F401  # fills the metadata
from agent_platform.core.db.engine import driver_url


def is_ours(_item, name, kind, _reflected, _compare_to):
    return not (kind == "table" and name == "alembic_version")


def in_our_schemas(name, kind, _parents):
    return kind != "schema" or name in {"app", "platform", "catalogue"}


def difference(url: str, metadata=SQLModel.metadata) -> list[str]:
    """What a migration would still have to do. Partitions are made by upkeep and named in no model."""
    engine = create_engine(driver_url(url))
    try:
        with engine.connect() as connection:
            partitions = set(
                connection.exec_driver_sql(
                    "SELECT relname FROM pg_class WHERE relispartition AND relkind = 'r'"
                ).scalars()
            )
            options = {
                "include_schemas": True,
                "include_name": in_our_schemas,
                "include_object": is_ours,
                "compare_type": False,
            }
            context = MigrationContext.configure(connection, opts=options)
            found = compare_metadata(context, metadata)
    finally:
        engine.dispose()
    steps = [str(step) for step in found]  # a comment on a table is for administrators
    return [step for step in steps if "table_comment" not in step and not any(name in step for name in partitions)]


def test_migrations_make_what_the_models_say(database):
    assert difference(database.owner) == []


def test_a_forgotten_migration_is_found(database):
    import psycopg

    with psycopg.connect(database.owner) as connection:
        connection.execute("ALTER TABLE app.runs DROP COLUMN title")
    assert any("add_column" in step and "title" in step for step in difference(database.owner))
