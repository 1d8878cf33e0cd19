"""The insured population of a region, its loads and rejects, and pairs of records that may be one person."""

from pathlib import Path

from alembic import op

revision = "0011_pre_residents"
down_revision = "0010_pre_rules"
branch_labels = depends_on = None


def upgrade() -> None:
    op.get_bind().connection.driver_connection.execute(Path(__file__).with_suffix(".sql").read_bytes())
