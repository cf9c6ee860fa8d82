"""Create groups and invitations, and let an organisation's former addresses lead to it."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "20261121045000"
down_revision = "20261121042000"
branch_labels = None
depends_on = None

FORMER_SLUGS = "ix_organizations_former_slugs"


def _row() -> list[sa.Column[object]]:
    return [
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("inserted_at", sa.DateTime(timezone=True), server_default=sa.func.now(), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), server_default=sa.func.now(), nullable=False),
        sa.Column("org_id", sa.Uuid(), nullable=False),
    ]


def _belongs_to_organization(table: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(["org_id"], ["organizations.id"], name=f"fk_{table}_org_id", ondelete="CASCADE")


def upgrade() -> None:
    _create_groups()
    _create_invitations()
    op.add_column(
        "organizations",
        sa.Column(
            "former_slugs",
            sa.ARRAY(sa.Text(), dimensions=1),
            server_default="{}",
            nullable=False,
            comment="Where it stood before: these lead to it, and nobody else may take them",
        ),
    )
    with op.get_context().autocommit_block():
        op.create_index(
            FORMER_SLUGS, "organizations", ["former_slugs"], postgresql_using="gin", postgresql_concurrently=True
        )


def _create_groups() -> None:
    op.create_table(
        "groups",
        *_row(),
        sa.Column("name", sa.String(), nullable=False),
        sa.CheckConstraint("char_length(name) BETWEEN 1 AND 80", name=op.f("ck_groups_name_length")),
        _belongs_to_organization("groups"),
        sa.PrimaryKeyConstraint("id", name="pk_groups"),
        sa.UniqueConstraint("id", "org_id", name="uq_groups_id_org_id"),
        comment="Some of an organisation's people, under a name",
    )
    op.create_index("uq_groups_org_id_name", "groups", ["org_id", sa.text("lower(name)")], unique=True)
    op.create_table(
        "group_members",
        *_row(),
        sa.Column("group_id", sa.Uuid(), nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["group_id", "org_id"], ["groups.id", "groups.org_id"], name="fk_group_members_group_id", ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["org_id", "user_id"],
            ["memberships.org_id", "memberships.user_id"],
            name="fk_group_members_user_id",
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name="pk_group_members"),
        sa.UniqueConstraint("group_id", "user_id", name="uq_group_members_group_id_user_id"),
        comment="Who is in which group",
    )
    op.create_index("ix_group_members_org_id_user_id", "group_members", ["org_id", "user_id"])


def _create_invitations() -> None:
    moment = sa.DateTime(timezone=True)
    op.create_table(
        "invitations",
        *_row(),
        sa.Column("email", sa.String(), nullable=False, comment="Whose mail the token was sent to"),
        sa.Column("role", sa.String(20), server_default="member", nullable=False),
        sa.Column(
            "hashed_token",
            sa.LargeBinary(),
            nullable=False,
            comment="SHA-256 of the token in the link that was sent last",
        ),
        sa.Column("invited_by", sa.Uuid()),
        sa.Column("sent_at", moment, nullable=False, comment="When the last mail with it went out"),
        sa.Column("expires_at", moment, nullable=False),
        sa.Column("accepted_at", moment),
        sa.Column("revoked_at", moment),
        sa.CheckConstraint(
            "char_length(email) <= 160 AND position('@' in email) > 1", name=op.f("ck_invitations_email")
        ),
        sa.CheckConstraint("role IN ('member', 'moderator', 'admin', 'owner')", name=op.f("ck_invitations_role")),
        sa.CheckConstraint("octet_length(hashed_token) = 32", name=op.f("ck_invitations_hashed_token")),
        _belongs_to_organization("invitations"),
        sa.ForeignKeyConstraint(["invited_by"], ["users.id"], name="fk_invitations_invited_by", ondelete="SET NULL"),
        sa.PrimaryKeyConstraint("id", name="pk_invitations"),
        sa.UniqueConstraint("hashed_token", name="uq_invitations_hashed_token"),
        comment="Who was asked by mail to join which organisation, as what",
    )
    is_open = sa.text("accepted_at IS NULL AND revoked_at IS NULL")
    email = sa.text("lower(email)")
    op.create_index(
        "uq_invitations_org_id_email", "invitations", ["org_id", email], unique=True, postgresql_where=is_open
    )
    op.create_index("ix_invitations_org_id_id", "invitations", ["org_id", sa.text("id DESC")])
    op.create_index("ix_invitations_invited_by", "invitations", ["invited_by"])


def downgrade() -> None:
    op.drop_column("organizations", "former_slugs")
    op.drop_table("invitations")
    op.drop_table("group_members")
    op.drop_table("groups")
