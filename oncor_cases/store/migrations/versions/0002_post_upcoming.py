"""The coordinator's list of what ends soon goes through the views by their earliest running clock."""

from alembic import op

revision = "0002_post_upcoming"
down_revision = "0001_pre_first"
branch_labels = depends_on = None


def upgrade() -> None:
    op.create_index("ix_pathway_view_region_id_next_due", "pathway_view", ["region_id", "next_due"])
