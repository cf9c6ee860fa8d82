"""Create the outbox of mails."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "20261121042000"
down_revision = "20261121041000"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "mails",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("inserted_at", sa.DateTime(timezone=True), server_default=sa.func.now(), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), server_default=sa.func.now(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False, comment="Stable name, such as accounts.reset"),
        sa.Column("recipient", sa.String(), nullable=False, comment="The address it goes to"),
        sa.Column("locale", sa.String(), nullable=False, comment="The language it is written in"),
        sa.Column("subject", sa.String(), nullable=False, comment="In one line"),
        sa.Column("text", sa.String(), nullable=False, comment="The words; empty once it was delivered or given up"),
        sa.Column("html", sa.String(), nullable=False, comment="The same words as HTML; empty with them"),
        sa.Column("fingerprint", sa.String(), nullable=False, comment="SHA-256 of what makes it the same as another"),
        sa.Column(
            "attempts",
            sa.Integer(),
            server_default="0",
            nullable=False,
            comment="How often somebody began to deliver it",
        ),
        sa.Column(
            "next_attempt_at",
            sa.DateTime(timezone=True),
            nullable=False,
            comment="Nobody tries before; while somebody tries, when that one has lost it",
        ),
        sa.Column("sent_at", sa.DateTime(timezone=True), comment="When it was taken over"),
        sa.Column("failed_at", sa.DateTime(timezone=True), comment="When it was given up"),
        sa.Column("last_error", sa.String(), comment="Why it did not go the last time"),
        sa.CheckConstraint("attempts >= 0", name=op.f("ck_mails_attempts")),
        sa.CheckConstraint("sent_at IS NULL OR failed_at IS NULL", name=op.f("ck_mails_outcome")),
        sa.PrimaryKeyConstraint("id", name="pk_mails"),
        comment="The outbox: mails that are promised, and for some days what became of them",
    )
    op.create_index(
        "ix_mails_due",
        "mails",
        ["next_attempt_at"],
        postgresql_where=sa.text("sent_at IS NULL AND failed_at IS NULL"),
    )
    op.create_index("ix_mails_fingerprint", "mails", ["fingerprint", "inserted_at"])


def downgrade() -> None:
    op.drop_table("mails")
