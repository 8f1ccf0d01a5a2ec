"""The status page reads outages, and reviewers read reviews that were taken down, to put them back."""

from row_security import role_policy

from alembic import op

revision = "202611301030"
down_revision = "202611301010"


def upgrade():
    op.execute("SET LOCAL lock_timeout = '3s'")
    op.execute("GRANT SELECT ON platform.components, platform.outages TO ap_app")
    op.execute("GRANT SELECT ON app.reviews TO ap_platform")
    taken_down = "id IN (SELECT subject_id FROM platform.suspensions WHERE kind = 'review')"
    role_policy(op, "reviews", "ap_platform", command="SELECT", using=taken_down)
