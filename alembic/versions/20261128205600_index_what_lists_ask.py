"""Give the most read posts of everybody an index, and take away that of mentions, which policies leave idle."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "20261128205600"
down_revision = "20261128205510"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.get_context().autocommit_block():
        op.create_index(
            "ix_posts_view_count_id",
            "posts",
            [sa.text("view_count DESC"), sa.text("id DESC")],
            postgresql_where=sa.text("status = 'published'"),
            postgresql_concurrently=True,
        )
        op.drop_index("ix_chat_messages_mentions", table_name="chat_messages", postgresql_concurrently=True)


def downgrade() -> None:
    with op.get_context().autocommit_block():
        op.create_index(
            "ix_chat_messages_mentions",
            "chat_messages",
            ["mentions"],
            postgresql_using="gin",
            postgresql_where=sa.text("mentions <> '{}'"),
            postgresql_concurrently=True,
        )
        op.drop_index("ix_posts_view_count_id", table_name="posts", postgresql_concurrently=True)
