"""Give lists of posts of every status an index by the date that their rows show, in place of one by id."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "20261129142500"
down_revision = "20261129141500"
branch_labels = None
depends_on = None

DATED = ["org_id", sa.text("COALESCE(published_at, inserted_at) DESC"), sa.text("id DESC")]
UNPUBLISHED = sa.text("status <> 'published'")


def upgrade() -> None:
    with op.get_context().autocommit_block():
        op.create_index("ix_posts_org_id_dated_at_id", "posts", DATED, postgresql_concurrently=True)
        op.create_index(
            "ix_posts_org_id_dated_at_id_unpublished",
            "posts",
            DATED,
            postgresql_where=UNPUBLISHED,
            postgresql_concurrently=True,
        )
        op.drop_index("ix_posts_org_id_id_unpublished", table_name="posts", postgresql_concurrently=True)


def downgrade() -> None:
    with op.get_context().autocommit_block():
        op.create_index(
            "ix_posts_org_id_id_unpublished",
            "posts",
            ["org_id", sa.text("id DESC")],
            postgresql_where=UNPUBLISHED,
            postgresql_concurrently=True,
        )
        for name in ("ix_posts_org_id_dated_at_id_unpublished", "ix_posts_org_id_dated_at_id"):
            op.drop_index(name, table_name="posts", postgresql_concurrently=True)
