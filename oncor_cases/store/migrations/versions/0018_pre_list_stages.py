"""A load tells which step it is in and since when."""

from pathlib import Path

from alembic import op

revision = "0018_pre_list_stages"
down_revision = "0017_pre_work_changes"
branch_labels = depends_on = None


def upgrade() -> None:
    op.get_bind().connection.driver_connection.execute(Path(__file__).with_suffix(".sql").read_bytes())
