"""What a head says of an overdue task, who is away and who stands in, who was told of a risen level."""

from pathlib import Path

from alembic import op

revision = "0006_pre_acknowledge"
down_revision = "0005_pre_places"
branch_labels = depends_on = None


def upgrade() -> None:
    # Straight to the driver: SQLAlchemy would take `:name` for a parameter, psycopg a percent sign.
    path = Path(__file__).with_name("0006_pre_acknowledge.sql")
    op.get_bind().connection.driver_connection.execute(path.read_bytes())
