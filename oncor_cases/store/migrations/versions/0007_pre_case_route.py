"""Narrow rows for statistics of time and routing, written by the sweep beside the views."""

from pathlib import Path

from alembic import op

revision = "0007_pre_case_route"
down_revision = "0006_pre_acknowledge"
branch_labels = depends_on = None


def upgrade() -> None:
    path = Path(__file__).with_name("0007_pre_case_route.sql")
    op.get_bind().connection.driver_connection.execute(path.read_bytes())
