"""Give broadcasts between processes their numbers."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from myapp.kit.rls import APP, PUBLIC, SYSTEM

revision = "20261128185000"
down_revision = "20261128181500"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "pubsub_epochs",
        sa.Column("id", sa.SmallInteger(), autoincrement=False, nullable=False, comment="1: there is one row"),
        sa.Column("epoch", sa.Text(), nullable=False, comment="Since when the numbers of broadcasts count"),
        sa.PrimaryKeyConstraint("id", name="pk_pubsub_epochs"),
        prefixes=["UNLOGGED"],
        comment="The epoch of the numbers that broadcasts are given; another begins when it is lost",
    )
    op.execute(sa.schema.CreateSequence(sa.Sequence("pubsub_numbers")))
    op.execute(f"GRANT USAGE, SELECT ON SEQUENCE pubsub_numbers TO {APP}, {PUBLIC}, {SYSTEM}")


def downgrade() -> None:
    op.execute(sa.schema.DropSequence(sa.Sequence("pubsub_numbers")))
    op.drop_table("pubsub_epochs")
