"""Create what people are told of."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "20261121051500"
down_revision = "20261121045000"
branch_labels = None
depends_on = None

KINDS = "'chat.mention', 'comment.mention', 'comment.reply', 'post.comment', 'import.done', 'import.failed'"


def upgrade() -> None:
    op.create_table(
        "notifications",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("inserted_at", sa.DateTime(timezone=True), server_default=sa.func.now(), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), server_default=sa.func.now(), nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("org_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(20), nullable=False),
        sa.Column("actor_id", sa.Uuid(), comment="Who did it"),
        sa.Column(
            "subject_id",
            sa.Uuid(),
            nullable=False,
            comment="The message, comment or import; no key, as it may be in any table",
        ),
        sa.Column("place_id", sa.Uuid(), nullable=False, comment="The room or post it is in; the import itself"),
        sa.Column("details", postgresql.JSONB(), server_default=sa.text("'{}'::jsonb"), nullable=False),
        sa.Column("read_at", sa.DateTime(timezone=True)),
        sa.Column(
            "mailed_at",
            sa.DateTime(timezone=True),
            comment="When it was also told by mail, or was found not worth one",
        ),
        sa.CheckConstraint(f"kind IN ({KINDS})", name=op.f("ck_notifications_kind")),
        sa.CheckConstraint("actor_id IS DISTINCT FROM user_id", name=op.f("ck_notifications_actor")),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name="fk_notifications_user_id", ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["org_id"], ["organizations.id"], name="fk_notifications_org_id", ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["actor_id"], ["users.id"], name="fk_notifications_actor_id", ondelete="SET NULL"),
        sa.PrimaryKeyConstraint("id", name="pk_notifications"),
        sa.UniqueConstraint("user_id", "subject_id", name="uq_notifications_user_id_subject_id"),
        comment="What people are told of; the words stay where they were written",
    )
    op.create_index("ix_notifications_user_id_id", "notifications", ["user_id", sa.text("id DESC")])
    op.create_index("ix_notifications_org_id", "notifications", ["org_id"])
    op.create_index("ix_notifications_subject_id", "notifications", ["subject_id"])
    op.create_index("ix_notifications_place_id", "notifications", ["place_id"])
    op.create_index(
        "ix_notifications_unread", "notifications", ["user_id", "place_id"], postgresql_where=sa.text("read_at IS NULL")
    )
    op.create_index(
        "ix_notifications_unmailed",
        "notifications",
        ["inserted_at"],
        postgresql_where=sa.text("read_at IS NULL AND mailed_at IS NULL"),
    )
    op.create_index(
        "ix_notifications_actor_id",
        "notifications",
        ["actor_id"],
        postgresql_where=sa.text("actor_id IS NOT NULL"),
    )


def downgrade() -> None:
    op.drop_table("notifications")
