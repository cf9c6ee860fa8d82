"""Create exports, and let people be told that theirs is ready."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from myapp.kit import rls

revision = "20261128205000"
down_revision = "20261128204000"
branch_labels = None
depends_on = None

accepted = {"ban-drop-constraint": "the next statement puts a wider one in its place"}

FORMER = "'chat.mention', 'comment.mention', 'comment.reply', 'post.comment', 'import.done', 'import.failed'"
KINDS = f"{FORMER}, 'export.done', 'export.failed'"


def upgrade() -> None:
    op.create_table(
        "exports",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("inserted_at", sa.DateTime(timezone=True), server_default=sa.func.now(), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), server_default=sa.func.now(), nullable=False),
        sa.Column("org_id", sa.Uuid(), nullable=False),
        sa.Column("user_id", sa.Uuid(), comment="Who asked for it"),
        sa.Column("status", sa.String(20), server_default="queued", nullable=False),
        sa.Column("total", sa.Integer(), server_default="0", nullable=False, comment="Posts, 0 while unknown"),
        sa.Column("done", sa.Integer(), server_default="0", nullable=False, comment="Posts in the file"),
        sa.Column("attempts", sa.Integer(), server_default="0", nullable=False, comment="How often it was begun"),
        sa.Column(
            "job_id",
            sa.BigInteger(),
            comment="The job that was added last for it; no key, as the queue forgets its jobs",
        ),
        sa.Column("key", sa.String(), comment="Where the storage has the file, or is about to, of the last run"),
        sa.Column("size", sa.BigInteger(), comment="Bytes of the file"),
        sa.Column("failure", sa.String(20)),
        sa.Column("expires_at", sa.DateTime(timezone=True), comment="Until when the file is there"),
        sa.CheckConstraint(
            "status IN ('queued', 'running', 'done', 'failed', 'cancelled')", name=op.f("ck_exports_status")
        ),
        sa.CheckConstraint("failure IN ('too_slow', 'no_room', 'lost', 'crashed')", name=op.f("ck_exports_failure")),
        sa.CheckConstraint("(status = 'failed') = (failure IS NOT NULL)", name=op.f("ck_exports_failed")),
        sa.CheckConstraint("total >= 0 AND done >= 0 AND attempts >= 0", name=op.f("ck_exports_progress")),
        sa.CheckConstraint(
            "status <> 'done' OR (key IS NOT NULL AND size > 0 AND expires_at IS NOT NULL)",
            name=op.f("ck_exports_file"),
        ),
        sa.ForeignKeyConstraint(["org_id"], ["organizations.id"], name="fk_exports_org_id", ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name="fk_exports_user_id", ondelete="SET NULL"),
        sa.PrimaryKeyConstraint("id", name="pk_exports"),
        sa.UniqueConstraint("key", name="uq_exports_key"),
        comment="Exports of an organisation's posts, and where their files are",
    )
    op.create_index("ix_exports_org_id_id", "exports", ["org_id", sa.text("id DESC")])
    op.create_index("ix_exports_user_id", "exports", ["user_id"])
    op.create_index(
        "uq_exports_org_id_unfinished",
        "exports",
        ["org_id"],
        unique=True,
        postgresql_where=sa.text("status IN ('queued', 'running')"),
    )
    rls.protect("exports")
    _let_kinds_be(KINDS)


def downgrade() -> None:
    op.execute("DELETE FROM notifications WHERE kind IN ('export.done', 'export.failed')")
    _let_kinds_be(FORMER)
    op.drop_table("exports")


def _let_kinds_be(kinds: str) -> None:
    """The next revision looks at the rows there are."""
    op.drop_constraint("ck_notifications_kind", "notifications")
    op.execute(f"ALTER TABLE notifications ADD CONSTRAINT ck_notifications_kind CHECK (kind IN ({kinds})) NOT VALID")
