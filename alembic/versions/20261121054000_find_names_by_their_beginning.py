"""Let tags and people be found by the beginning of their names, and be read in the order of them."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "20261121054000"
down_revision = "20261121053500"
branch_labels = None
depends_on = None

SORT_NAME = sa.text('lower(name) COLLATE "C"')


def upgrade() -> None:
    with op.get_context().autocommit_block():
        op.create_index("ix_tags_org_id_sort_name", "tags", ["org_id", SORT_NAME], postgresql_concurrently=True)
        op.create_index("ix_users_sort_name", "users", [SORT_NAME], postgresql_concurrently=True)


def downgrade() -> None:
    with op.get_context().autocommit_block():
        op.drop_index("ix_users_sort_name", table_name="users", postgresql_concurrently=True)
        op.drop_index("ix_tags_org_id_sort_name", table_name="tags", postgresql_concurrently=True)
