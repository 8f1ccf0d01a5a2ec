"""Start-up refusals: a database that would not keep tenants apart is not served."""

from sqlalchemy import text

from agent_platform.core.db.engine import engine_of
from agent_platform.core.errors import RefusedToStart


class UnsafeDatabase(RefusedToStart):
    """One sentence: what is unsafe and how to mend it."""


def refuse_unsafe_role(role: str) -> None:
    """Returns only if this login cannot see past row security and every tenant table has it forced. Raises: UnsafeDatabase."""
    with engine_of(role).connect() as connection:
        login = connection.execute(
            text("SELECT rolname, rolsuper, rolbypassrls FROM pg_roles WHERE rolname = current_user")
        ).one()
        owned = connection.execute(
            text(
                "SELECT count(*) FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace "
                "WHERE n.nspname IN ('app', 'platform', 'catalogue') AND pg_get_userbyid(c.relowner) = current_user"
            )
        ).scalar_one()
        unfenced = connection.execute(
            text(
                "SELECT string_agg(c.relname, ', ') FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace "
                "WHERE n.nspname = 'app' AND c.relkind IN ('r', 'p') AND NOT (c.relrowsecurity AND c.relforcerowsecurity)"
            )
        ).scalar_one()
        tables = connection.execute(text("SELECT to_regclass('app.tenants') IS NOT NULL")).scalar_one()
    if login.rolsuper or login.rolbypassrls:
        raise UnsafeDatabase(
            f"{login.rolname} bypasses row security. Give DATABASE_URL_{role.upper()} the login ap_{role}; `migrate` makes it."
        )
    if owned:
        raise UnsafeDatabase(
            f"{login.rolname} owns tables, so row security would not bind it. Give DATABASE_URL_{role.upper()} the login ap_{role}."
        )
    if unfenced:
        raise UnsafeDatabase(f"Row security is not forced on {unfenced}. Run `agent-platform migrate`.")
    if not tables:
        raise UnsafeDatabase("The tables are missing. Run `agent-platform migrate`.")
