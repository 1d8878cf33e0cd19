"""The trace of a lost patient, usual delays of senders, drafts of the late-stage protocol. The SQL stands beside it."""

from pathlib import Path

from alembic import op

revision = "0003_pre_trace"
down_revision = "0002_post_upcoming"
branch_labels = depends_on = None


def upgrade() -> None:
    # Straight to the driver: SQLAlchemy would take `:name` for a parameter, psycopg a percent sign.
    op.get_bind().connection.driver_connection.execute(Path(__file__).with_name("0003_pre_trace.sql").read_bytes())
