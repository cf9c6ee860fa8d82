"""Create the audit log."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "20261120120000"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "audit_logs",
        sa.Column("id", sa.Uuid(), nullable=False, comment="UUIDv7"),
        sa.Column("org_id", sa.Uuid(), nullable=True, comment="The organisation it happened in"),
        sa.Column("actor_id", sa.Uuid(), nullable=True, comment="The person; none for the system"),
        sa.Column("reason", sa.Text(), nullable=False, comment="Why the system acted, when it was the system"),
        sa.Column("action", sa.Text(), nullable=False, comment="room.thing.deed, in the past tense"),
        sa.Column("subject_type", sa.Text(), nullable=False, comment="What kind of thing it was done to"),
        sa.Column("subject_id", sa.Text(), nullable=False, comment="Which one; text, as not every thing has a UUID"),
        sa.Column("before", postgresql.JSONB(none_as_null=True), nullable=True, comment="What changed, as it was"),
        sa.Column("after", postgresql.JSONB(none_as_null=True), nullable=True, comment="What changed, as it became"),
        sa.Column("ip", postgresql.INET(), nullable=True, comment="Where the request came from"),
        sa.Column("inserted_at", sa.DateTime(timezone=True), nullable=False, comment="When"),
        sa.PrimaryKeyConstraint("id", name="pk_audit_logs"),
        comment="Who did what to which thing; written in the transaction of the deed and never changed",
    )
    op.create_index("ix_audit_logs_org_id_inserted_at", "audit_logs", ["org_id", "inserted_at"])
    op.create_index("ix_audit_logs_actor_id_inserted_at", "audit_logs", ["actor_id", "inserted_at"])
    op.create_index("ix_audit_logs_subject_type_subject_id", "audit_logs", ["subject_type", "subject_id"])


def downgrade() -> None:
    op.drop_table("audit_logs")
