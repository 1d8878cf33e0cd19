"""Contingents with their history, and assignments: work that comes from a list. The SQL stands beside it."""

from pathlib import Path

from alembic import op

revision = "0004_pre_contingents"
down_revision = "0003_pre_trace"
branch_labels = depends_on = None


def upgrade() -> None:
    # Straight to the driver: SQLAlchemy would take `:name` for a parameter, psycopg a percent sign.
    op.get_bind().connection.driver_connection.execute(Path(__file__).with_suffix(".sql").read_bytes())
