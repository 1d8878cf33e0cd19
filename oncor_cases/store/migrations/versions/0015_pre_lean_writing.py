"""Fewer indexes and statistics on what sweeps write."""

from pathlib import Path

from alembic import op

revision = "0015_pre_lean_writing"
down_revision = "0014_pre_handed"
branch_labels = depends_on = None


def upgrade() -> None:
    op.get_bind().connection.driver_connection.execute(Path(__file__).with_suffix(".sql").read_bytes())
