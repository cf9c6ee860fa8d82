"""Create the files of posts: covers and attachments."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "20261121053000"
down_revision = "20261121051500"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "attachments",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("inserted_at", sa.DateTime(timezone=True), server_default=sa.func.now(), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), server_default=sa.func.now(), nullable=False),
        sa.Column("org_id", sa.Uuid(), nullable=False),
        sa.Column("post_id", sa.Uuid(), comment="Null until a post is saved with it"),
        sa.Column("user_id", sa.Uuid(), comment="Who sent it"),
        sa.Column("kind", sa.String(20), nullable=False),
        sa.Column(
            "key", sa.String(), nullable=False, comment="Where the storage has it; never made of a person's words"
        ),
        sa.Column("filename", sa.String(), nullable=False, comment="What it is called where it is saved"),
        sa.Column("content_type", sa.String(), nullable=False, comment="Judged by what is in it"),
        sa.Column("size", sa.BigInteger(), nullable=False, comment="Bytes"),
        sa.Column("width", sa.Integer(), comment="Of a cover, in pixels"),
        sa.Column("height", sa.Integer()),
        sa.Column("alt", sa.String(), server_default="", nullable=False, comment="A cover in words"),
        sa.Column("position", sa.Integer(), server_default="0", nullable=False, comment="Its place among the files"),
        sa.CheckConstraint("kind IN ('cover', 'attachment')", name=op.f("ck_attachments_kind")),
        sa.CheckConstraint("char_length(filename) BETWEEN 1 AND 200", name=op.f("ck_attachments_filename_length")),
        sa.CheckConstraint("char_length(alt) <= 500", name=op.f("ck_attachments_alt_length")),
        sa.CheckConstraint("size > 0", name=op.f("ck_attachments_size")),
        sa.CheckConstraint("position >= 0", name=op.f("ck_attachments_position")),
        sa.CheckConstraint("kind <> 'cover' OR (width > 0 AND height > 0)", name=op.f("ck_attachments_cover_size")),
        sa.ForeignKeyConstraint(["org_id"], ["organizations.id"], name="fk_attachments_org_id", ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["post_id"], ["posts.id"], name="fk_attachments_post_id", ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name="fk_attachments_user_id", ondelete="SET NULL"),
        sa.PrimaryKeyConstraint("id", name="pk_attachments"),
        sa.UniqueConstraint("key", name="uq_attachments_key"),
        comment="Covers and attachments of posts",
    )
    op.create_index("ix_attachments_org_id", "attachments", ["org_id"])
    op.create_index("ix_attachments_user_id", "attachments", ["user_id"])
    op.create_index("ix_attachments_post_id_position", "attachments", ["post_id", "position"])
    op.create_index(
        "uq_attachments_post_id_cover",
        "attachments",
        ["post_id"],
        unique=True,
        postgresql_where=sa.text("kind = 'cover'"),
    )
    op.create_index(
        "ix_attachments_unclaimed", "attachments", ["inserted_at"], postgresql_where=sa.text("post_id IS NULL")
    )


def downgrade() -> None:
    op.drop_table("attachments")
