"""The first schema: tables, then roles and row security. The SQL stands beside it in files of the same number."""

from pathlib import Path

from alembic import op

revision = "0001_pre_first"
down_revision = None
branch_labels = depends_on = None


def upgrade() -> None:
    for name in ("0001_pre_first_tables.sql", "0001_pre_first_roles.sql"):
        # Straight to the driver: SQLAlchemy would take `:name` for a parameter, psycopg a percent sign.
        op.get_bind().connection.driver_connection.execute(Path(__file__).with_name(name).read_bytes())
