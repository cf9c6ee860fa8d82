"""Create the rooms of the chat, who is in them, and their messages."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "20261120150000"
down_revision = "20261120140000"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "chat_rooms",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("inserted_at", sa.DateTime(timezone=True), server_default=sa.func.now(), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), server_default=sa.func.now(), nullable=False),
        sa.Column("org_id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("slug", sa.String(), nullable=False, comment="Its place in URLs; kept when the room is renamed"),
        sa.Column("purpose", sa.String(), server_default="", nullable=False, comment="A line on what it is for"),
        sa.Column("visibility", sa.String(20), server_default="public", nullable=False),
        sa.Column(
            "last_seq",
            sa.BigInteger(),
            server_default="0",
            nullable=False,
            comment="The number of its last message; counting locks the row",
        ),
        sa.CheckConstraint("char_length(name) BETWEEN 1 AND 80", name=op.f("ck_chat_rooms_name_length")),
        sa.CheckConstraint("char_length(slug) BETWEEN 1 AND 80", name=op.f("ck_chat_rooms_slug_length")),
        sa.CheckConstraint("char_length(purpose) <= 250", name=op.f("ck_chat_rooms_purpose_length")),
        sa.CheckConstraint("visibility IN ('public', 'private')", name=op.f("ck_chat_rooms_visibility")),
        sa.CheckConstraint("last_seq >= 0", name=op.f("ck_chat_rooms_last_seq")),
        sa.ForeignKeyConstraint(["org_id"], ["organizations.id"], name="fk_chat_rooms_org_id", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name="pk_chat_rooms"),
        sa.UniqueConstraint("org_id", "slug", name="uq_chat_rooms_org_id_slug"),
        comment="Rooms of an organisation to talk in",
    )
    op.create_table(
        "chat_room_members",
        sa.Column("room_id", sa.Uuid(), nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column(
            "last_read_seq",
            sa.BigInteger(),
            server_default="0",
            nullable=False,
            comment="The last message read; the later ones are unread",
        ),
        sa.Column("inserted_at", sa.DateTime(timezone=True), server_default=sa.func.now(), nullable=False),
        sa.CheckConstraint("last_read_seq >= 0", name=op.f("ck_chat_room_members_last_read_seq")),
        sa.ForeignKeyConstraint(
            ["room_id"], ["chat_rooms.id"], name="fk_chat_room_members_room_id", ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name="fk_chat_room_members_user_id", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("room_id", "user_id", name="pk_chat_room_members"),
        comment="Who is in a room, and how far they have read",
    )
    op.create_index("ix_chat_room_members_user_id", "chat_room_members", ["user_id"])
    _create_messages()


def _create_messages() -> None:
    op.create_table(
        "chat_messages",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("inserted_at", sa.DateTime(timezone=True), server_default=sa.func.now(), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), server_default=sa.func.now(), nullable=False),
        sa.Column("org_id", sa.Uuid(), nullable=False),
        sa.Column("room_id", sa.Uuid(), nullable=False),
        sa.Column("user_id", sa.Uuid()),
        sa.Column("seq", sa.BigInteger(), nullable=False, comment="Its number in the room, from 1 and without a gap"),
        sa.Column(
            "client_id",
            sa.String(),
            nullable=False,
            comment="The sender's own name for it: sent again it is the same message",
        ),
        sa.Column("body", sa.String(), nullable=False, comment="What the person wrote"),
        sa.Column("body_html", sa.String(), nullable=False, comment="The body rendered and sanitised when saved"),
        sa.Column(
            "mentions",
            postgresql.ARRAY(sa.Uuid()),
            server_default="{}",
            nullable=False,
            comment="Whom it names by @username",
        ),
        sa.Column("edited_at", sa.DateTime(timezone=True), comment="When its words last changed"),
        sa.Column("deleted_at", sa.DateTime(timezone=True), comment="Since when its words are gone"),
        sa.Column("version", sa.Integer(), server_default="1", nullable=False, comment="Counts its changes"),
        sa.CheckConstraint("seq > 0", name=op.f("ck_chat_messages_seq")),
        sa.CheckConstraint("version > 0", name=op.f("ck_chat_messages_version")),
        sa.CheckConstraint("char_length(client_id) BETWEEN 1 AND 64", name=op.f("ck_chat_messages_client_id_length")),
        sa.CheckConstraint("char_length(body) <= 4000", name=op.f("ck_chat_messages_body_length")),
        sa.CheckConstraint("(deleted_at IS NULL) = (body <> '')", name=op.f("ck_chat_messages_body")),
        sa.ForeignKeyConstraint(["org_id"], ["organizations.id"], name="fk_chat_messages_org_id", ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["room_id"], ["chat_rooms.id"], name="fk_chat_messages_room_id", ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name="fk_chat_messages_user_id", ondelete="SET NULL"),
        sa.PrimaryKeyConstraint("id", name="pk_chat_messages"),
        sa.UniqueConstraint("room_id", "seq", name="uq_chat_messages_room_id_seq"),
        sa.UniqueConstraint("room_id", "user_id", "client_id", name="uq_chat_messages_room_id_user_id_client_id"),
        comment="Messages of the chat rooms",
    )
    op.create_index("ix_chat_messages_org_id", "chat_messages", ["org_id"])
    op.create_index(
        "ix_chat_messages_user_id", "chat_messages", ["user_id"], postgresql_where=sa.text("user_id IS NOT NULL")
    )
    op.create_index(
        "ix_chat_messages_mentions",
        "chat_messages",
        ["mentions"],
        postgresql_using="gin",
        postgresql_where=sa.text("mentions <> '{}'"),
    )


def downgrade() -> None:
    op.drop_table("chat_messages")
    op.drop_table("chat_room_members")
    op.drop_table("chat_rooms")
