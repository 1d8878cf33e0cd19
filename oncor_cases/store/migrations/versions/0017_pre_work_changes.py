"""Work that was given keeps whose it was and what it asked for before each change."""

from pathlib import Path

from alembic import op

revision = "0017_pre_work_changes"
down_revision = "0016_pre_resident_keys"
branch_labels = depends_on = None


def upgrade() -> None:
    op.get_bind().connection.driver_connection.execute(Path(__file__).with_suffix(".sql").read_bytes())
