"""Create people, organisations, memberships and activities."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "20261120130000"
down_revision = "20261120120000"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "users",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("inserted_at", sa.DateTime(timezone=True), server_default=sa.func.now(), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), server_default=sa.func.now(), nullable=False),
        sa.Column("email", sa.String(), nullable=False),
        sa.Column("username", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("locale", sa.String(), comment="Language tag; null follows the browser"),
        sa.Column(
            "is_operator", sa.Boolean(), server_default=sa.false(), nullable=False, comment="Runs the whole site"
        ),
        sa.CheckConstraint("char_length(email) <= 160 AND position('@' in email) > 1", name=op.f("ck_users_email")),
        sa.CheckConstraint("char_length(name) BETWEEN 2 AND 100", name=op.f("ck_users_name_length")),
        sa.CheckConstraint("char_length(username) BETWEEN 3 AND 30", name=op.f("ck_users_username_length")),
        sa.PrimaryKeyConstraint("id", name="pk_users"),
        comment="People",
    )
    op.create_index("uq_users_email", "users", [sa.text("lower(email)")], unique=True)
    op.create_index("uq_users_username", "users", [sa.text("lower(username)")], unique=True)
    op.create_table(
        "organizations",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("inserted_at", sa.DateTime(timezone=True), server_default=sa.func.now(), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), server_default=sa.func.now(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("slug", sa.String(), nullable=False, comment="Its place in URLs: /o/<slug>"),
        sa.Column("visibility", sa.String(20), server_default="public", nullable=False),
        sa.Column(
            "language",
            postgresql.REGCONFIG(),
            server_default=sa.text("'english'::regconfig"),
            nullable=False,
            comment="Text search configuration of its posts",
        ),
        sa.CheckConstraint(
            "slug ~ '^[a-z0-9]+(-[a-z0-9]+)*$' AND char_length(slug) <= 80", name=op.f("ck_organizations_slug_format")
        ),
        sa.CheckConstraint("visibility IN ('public', 'private')", name=op.f("ck_organizations_visibility")),
        sa.CheckConstraint("char_length(name) BETWEEN 2 AND 100", name=op.f("ck_organizations_name_length")),
        sa.PrimaryKeyConstraint("id", name="pk_organizations"),
        sa.UniqueConstraint("slug", name="uq_organizations_slug"),
        comment="Tenants",
    )
    op.create_table(
        "memberships",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("inserted_at", sa.DateTime(timezone=True), server_default=sa.func.now(), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), server_default=sa.func.now(), nullable=False),
        sa.Column("org_id", sa.Uuid(), nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("role", sa.String(20), server_default="member", nullable=False),
        sa.CheckConstraint("role IN ('member', 'moderator', 'admin', 'owner')", name=op.f("ck_memberships_role")),
        sa.ForeignKeyConstraint(["org_id"], ["organizations.id"], name="fk_memberships_org_id", ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name="fk_memberships_user_id", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name="pk_memberships"),
        sa.UniqueConstraint("org_id", "user_id", name="uq_memberships_org_id_user_id"),
        comment="Who belongs to which organisation, as what",
    )
    op.create_index("ix_memberships_user_id", "memberships", ["user_id"])
    op.create_table(
        "activities",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("inserted_at", sa.DateTime(timezone=True), server_default=sa.func.now(), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), server_default=sa.func.now(), nullable=False),
        sa.Column("org_id", sa.Uuid(), nullable=False),
        sa.Column("actor_id", sa.Uuid()),
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("verb", sa.String(), nullable=False, comment="Stable name, such as post.received"),
        sa.Column("subject_type", sa.String(), nullable=False),
        sa.Column("subject_id", sa.Uuid(), nullable=False),
        sa.Column("details", postgresql.JSONB(), server_default=sa.text("'{}'::jsonb"), nullable=False),
        sa.ForeignKeyConstraint(["actor_id"], ["users.id"], name="fk_activities_actor_id", ondelete="SET NULL"),
        sa.ForeignKeyConstraint(["org_id"], ["organizations.id"], name="fk_activities_org_id", ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name="fk_activities_user_id", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name="pk_activities"),
        comment="What happened to whom, for people to read (audit_logs is for auditors)",
    )
    op.create_index("ix_activities_actor_id", "activities", ["actor_id"])
    op.create_index("ix_activities_org_id", "activities", ["org_id"])
    op.create_index("ix_activities_user_id_id", "activities", ["user_id", sa.text("id DESC")])


def downgrade() -> None:
    op.drop_table("activities")
    op.drop_table("memberships")
    op.drop_table("organizations")
    op.drop_table("users")
