"""Indexes of residents lead with what tells them apart."""

from pathlib import Path

from alembic import op

revision = "0016_pre_resident_keys"
down_revision = "0015_pre_lean_writing"
branch_labels = depends_on = None


def upgrade() -> None:
    op.get_bind().connection.driver_connection.execute(Path(__file__).with_suffix(".sql").read_bytes())
