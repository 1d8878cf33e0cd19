"""What a join of two persons carried over, so that it can be taken back."""

from pathlib import Path

from alembic import op

revision = "0022_pre_joins"
down_revision = "0020_pre_list_reading"
branch_labels = depends_on = None


def upgrade() -> None:
    op.get_bind().connection.driver_connection.execute(Path(__file__).with_suffix(".sql").read_bytes())
