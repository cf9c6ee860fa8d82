"""Keep when the words of posts and comments changed: the time of any change had them called edited."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "20261129141500"
down_revision = "20261129120010"
branch_labels = None
depends_on = None

COMMENTS = {
    "posts": "When its words last changed after they had been published",
    "comments": "When its words last changed",
}


def upgrade() -> None:
    for table, comment in COMMENTS.items():
        op.add_column(table, sa.Column("edited_at", sa.DateTime(timezone=True), comment=comment))


def downgrade() -> None:
    for table in COMMENTS:
        op.drop_column(table, "edited_at")
