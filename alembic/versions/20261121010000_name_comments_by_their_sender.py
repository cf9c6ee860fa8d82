"""Let a comment that is sent again after a lost answer be found instead of written twice."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "20261121010000"
down_revision = "20261120150000"
branch_labels = None
depends_on = None

INDEX = "uq_comments_post_id_author_id_client_id"


def upgrade() -> None:
    comment = "The sender's own name for it: sent again it is the same comment"
    op.add_column("comments", sa.Column("client_id", sa.Uuid(), comment=comment))
    with op.get_context().autocommit_block():
        op.create_index(
            INDEX,
            "comments",
            ["post_id", "author_id", "client_id"],
            unique=True,
            postgresql_where=sa.text("client_id IS NOT NULL"),
            postgresql_concurrently=True,
        )


def downgrade() -> None:
    with op.get_context().autocommit_block():
        op.drop_index(INDEX, table_name="comments", postgresql_concurrently=True)
    op.drop_column("comments", "client_id")
