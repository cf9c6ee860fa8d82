"""Let one process of the cluster hold a name."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "20261128212200"
down_revision = "20261128205600"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "cluster_names",
        sa.Column("name", sa.Text(), nullable=False, comment="What one process holds at a time"),
        sa.Column("node", sa.Text(), nullable=False, comment="The process that holds it, or did last"),
        sa.Column("backend", sa.Integer(), nullable=False, comment="The process of PostgreSQL that has its lock"),
        sa.Column("token", sa.BigInteger(), nullable=False, comment="Greater for each holder"),
        sa.Column("taken_at", sa.DateTime(timezone=True), nullable=False, comment="Since when"),
        sa.Column("freed_at", sa.DateTime(timezone=True), comment="When it was given back; null where nobody did"),
        sa.PrimaryKeyConstraint("name", name="pk_cluster_names"),
        comment="Names that one process of the cluster holds at a time",
    )


def downgrade() -> None:
    op.drop_table("cluster_names")
