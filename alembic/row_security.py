"""What a migration calls for every table it makes: the fence and the grants beside the columns."""

SERVING = ("ap_app", "ap_worker", "ap_platform", "ap_publisher", "ap_broker")
OWN_TENANT = "tenant_id = (SELECT app.tenant())"


def tenant_table(op, name, *, grants, own=OWN_TENANT, partitioned=False):
    """`app.<name>` shows and takes rows of the bound tenant only, also for its owner. `grants`: role -> privileges."""
    op.execute(f"ALTER TABLE app.{name} ENABLE ROW LEVEL SECURITY")
    op.execute(f"ALTER TABLE app.{name} FORCE ROW LEVEL SECURITY")
    op.execute(f"CREATE POLICY tenant ON app.{name} USING ({own}) WITH CHECK ({own})")
    _grant(op, f"app.{name}", grants)
    if partitioned:
        op.execute(f"COMMENT ON TABLE app.{name} IS 'partitions are made by agent-platform maintain'")


def role_policy(op, name, role, *, command="ALL", using="true", check=None):
    """One role also sees rows of other tenants, for one kind of command."""
    clause = "" if command == "INSERT" else f"USING ({using})"
    if command not in {"SELECT", "DELETE"}:
        clause += f" WITH CHECK ({check or using})"
    op.execute(f"CREATE POLICY {role}_{command.lower()} ON app.{name} FOR {command} TO {role} {clause}")


def restrict(op, name, role, policy, *, command, check):
    """Narrows what a role may do beneath the tenant policy."""
    op.execute(f"CREATE POLICY {policy} ON app.{name} AS RESTRICTIVE FOR {command} TO {role} WITH CHECK ({check})")


def platform_table(op, name, *, grants):
    _grant(op, f"platform.{name}", grants)


def catalogue_table(op, name, *, readers=SERVING):
    """Public columns only: everybody reads, the publisher writes."""
    op.execute(f"GRANT SELECT ON catalogue.{name} TO {', '.join(readers)}, ap_backup")
    op.execute(f"GRANT INSERT, UPDATE, DELETE ON catalogue.{name} TO ap_publisher")


def _grant(op, table, grants):
    for role, privileges in grants.items():
        op.execute(f"GRANT {privileges} ON {table} TO {role}")
    op.execute(f"GRANT SELECT ON {table} TO ap_backup")
