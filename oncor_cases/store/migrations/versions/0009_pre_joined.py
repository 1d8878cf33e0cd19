"""Frozen lists keep the numbers of their day: who was joined into whom is asked with every set."""

from alembic import op
from sqlalchemy import text

revision = "0009_pre_joined"
down_revision = "0008_pre_lists"
branch_labels = depends_on = None


def upgrade() -> None:
    op.create_index("ix_person_joined", "person", ["region_id", "id"], postgresql_where=text("merged_into is not null"))
