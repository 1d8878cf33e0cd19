"""Differences between the sources, their history, and the runs of the comparisons."""

from pathlib import Path

from alembic import op

revision = "0013_pre_differences"
down_revision = "0012_pre_insured"
branch_labels = depends_on = None


def upgrade() -> None:
    op.get_bind().connection.driver_connection.execute(Path(__file__).with_suffix(".sql").read_bytes())
