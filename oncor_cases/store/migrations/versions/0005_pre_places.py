"""Organisations with their history, attachments and categories of people, routing, and the backlog of a new region."""

from pathlib import Path

from alembic import op

revision = "0005_pre_places"
down_revision = "0004_pre_contingents"
branch_labels = depends_on = None


def upgrade() -> None:
    # Straight to the driver: SQLAlchemy would take `:name` for a parameter, psycopg a percent sign.
    op.get_bind().connection.driver_connection.execute(Path(__file__).with_suffix(".sql").read_bytes())
