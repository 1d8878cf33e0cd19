"""A load remembers the numbers of those it was taken together with."""

from pathlib import Path

from alembic import op

revision = "0026_pre_list_along"
down_revision = "0025_pre_resident_parts"
branch_labels = depends_on = None


def upgrade() -> None:
    op.get_bind().connection.driver_connection.execute(Path(__file__).with_suffix(".sql").read_bytes())
