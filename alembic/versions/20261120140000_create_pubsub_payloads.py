"""Create the table for broadcasts that are too long for NOTIFY."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "20261120140000"
down_revision = "20261120130100"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "pubsub_payloads",
        sa.Column("id", sa.Uuid(), nullable=False, comment="UUIDv7"),
        sa.Column("line", sa.Text(), nullable=False, comment="The message"),
        sa.Column(
            "inserted_at",
            sa.DateTime(timezone=True),
            server_default=sa.func.now(),
            nullable=False,
            comment="When",
        ),
        sa.PrimaryKeyConstraint("id", name="pk_pubsub_payloads"),
        prefixes=["UNLOGGED"],
        comment="Broadcasts too long for NOTIFY, on their way between processes; deleted after some minutes",
    )
    op.create_index("ix_pubsub_payloads_inserted_at", "pubsub_payloads", ["inserted_at"])


def downgrade() -> None:
    op.drop_table("pubsub_payloads")
