"""Lists: their bytes, loads, rejects, remembered rows and saved column mappings."""

from pathlib import Path

from alembic import op

revision = "0008_pre_lists"
down_revision = "0007_pre_case_route"
branch_labels = depends_on = None


def upgrade() -> None:
    op.get_bind().connection.driver_connection.execute(Path(__file__).with_suffix(".sql").read_bytes())
