"""Organisations with their history, attachments and categories of people, routing, and the backlog of a new region."""

from pathlib import Path

from alembic import op

revision = "0003_pre_places"
down_revision = "0002_post_upcoming"
branch_labels = depends_on = None


def upgrade() -> None:
    # Straight to the driver: SQLAlchemy would take `:name` for a parameter, psycopg a percent sign.
    op.get_bind().connection.driver_connection.execute(Path(__file__).with_suffix(".sql").read_bytes())
