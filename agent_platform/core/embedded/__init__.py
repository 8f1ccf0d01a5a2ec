"""Postgres and Valkey of our own, started when no URL of other ones is given."""

from agent_platform.core.embedded.folders import EmbeddedServerFailed
from agent_platform.core.embedded.postgres import EmbeddedPostgres, start_postgres
from agent_platform.core.embedded.server import EmbeddedServer
from agent_platform.core.embedded.valkey import EmbeddedValkey, start_valkey

__all__ = [
    "EmbeddedPostgres",
    "EmbeddedServer",
    "EmbeddedServerFailed",
    "EmbeddedValkey",
    "start_postgres",
    "start_valkey",
]
