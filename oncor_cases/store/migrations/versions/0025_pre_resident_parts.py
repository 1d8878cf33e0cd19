"""Residents of a region are a table of their own, made beside and swapped in."""

from pathlib import Path

from alembic import op

revision = "0025_pre_resident_parts"
down_revision = "0024_pre_list_slots"
branch_labels = depends_on = None


def upgrade() -> None:
    op.get_bind().connection.driver_connection.execute(Path(__file__).with_suffix(".sql").read_bytes())
