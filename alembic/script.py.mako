"""${message}"""

from alembic import op
from row_security import tenant_table

revision = ${repr(up_revision)}
down_revision = ${repr(down_revision)}


def upgrade():
    op.execute("SET LOCAL lock_timeout = '3s'")
    ${upgrades if upgrades else "pass"}
