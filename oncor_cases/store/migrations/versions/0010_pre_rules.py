"""The rule book of a region: proposals, approved records, what-if runs."""

from pathlib import Path

from alembic import op

revision = "0010_pre_rules"
down_revision = "0009_pre_joined"
branch_labels = depends_on = None


def upgrade() -> None:
    # Straight to the driver: SQLAlchemy would take `:name` for a parameter, psycopg a percent sign.
    sql = Path(__file__).with_name("0010_pre_rules.sql").read_bytes()
    op.get_bind().connection.driver_connection.execute(sql)
