"""What a list corrects is found by its day and part, however long its series is."""

from pathlib import Path

from alembic import op

revision = "0024_pre_list_slots"
down_revision = "0022_pre_joins"
branch_labels = depends_on = None


def upgrade() -> None:
    op.get_bind().connection.driver_connection.execute(Path(__file__).with_suffix(".sql").read_bytes())
