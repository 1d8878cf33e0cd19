"""One door for lists: a load of the insured is a load like any other; a resident has a phone and an address."""

from pathlib import Path

from alembic import op

revision = "0012_pre_insured"
down_revision = "0011_pre_residents"
branch_labels = depends_on = None


def upgrade() -> None:
    op.get_bind().connection.driver_connection.execute(Path(__file__).with_suffix(".sql").read_bytes())
