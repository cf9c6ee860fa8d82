"""Create sessions, tokens that are sent by mail, profiles and settings, and let users have a password."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "20261121041000"
down_revision = "20261121010000"
branch_labels = None
depends_on = None


def _row() -> list[sa.Column[object]]:
    return [
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("inserted_at", sa.DateTime(timezone=True), server_default=sa.func.now(), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), server_default=sa.func.now(), nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=False),
    ]


def _belongs_to_user(table: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=f"fk_{table}_user_id", ondelete="CASCADE")


def upgrade() -> None:
    _extend_users()
    _create_proofs()
    _create_profiles()


def _extend_users() -> None:
    moment = sa.DateTime(timezone=True)
    for column in (
        sa.Column("hashed_password", sa.String(), comment="argon2id in PHC format; null: only a link by mail logs in"),
        sa.Column("confirmed_at", moment, comment="When the address was shown to be the person's"),
        sa.Column("deactivated_at", moment, comment="Since when an operator keeps the person out"),
        sa.Column("anonymised_at", moment, comment="When the person deleted the account"),
    ):
        op.add_column("users", column)


def _create_proofs() -> None:
    op.create_table(
        "sessions",
        *_row(),
        sa.Column("hashed_token", sa.LargeBinary(), nullable=False, comment="SHA-256 of what the cookie holds"),
        sa.Column("user_agent", sa.String(), server_default="", nullable=False, comment="What the browser says"),
        sa.Column("ip", postgresql.INET(), comment="Where the person logged in from"),
        sa.Column(
            "is_remembered",
            sa.Boolean(),
            server_default=sa.false(),
            nullable=False,
            comment="Outlives the browser window (keep me logged in)",
        ),
        sa.Column(
            "sudo_at",
            sa.DateTime(timezone=True),
            comment="When the person last gave the password or followed a link",
        ),
        sa.Column(
            "last_seen_at",
            sa.DateTime(timezone=True),
            server_default=sa.func.now(),
            nullable=False,
            comment="To some minutes",
        ),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False, comment="From then on it is worth nothing"),
        _belongs_to_user("sessions"),
        sa.PrimaryKeyConstraint("id", name="pk_sessions"),
        sa.UniqueConstraint("hashed_token", name="uq_sessions_hashed_token"),
        comment="Who is logged in with which browser",
    )
    op.create_index("ix_sessions_expires_at", "sessions", ["expires_at"])
    op.create_index("ix_sessions_user_id", "sessions", ["user_id"])
    op.create_table(
        "user_tokens",
        *_row(),
        sa.Column("context", sa.String(20), nullable=False),
        sa.Column("hashed_token", sa.LargeBinary(), nullable=False, comment="SHA-256 of what was sent"),
        sa.Column(
            "sent_to", sa.String(), nullable=False, comment="The address; worth nothing once the person has another"
        ),
        sa.CheckConstraint(
            "context IN ('confirm', 'reset', 'change_email', 'log_in')", name=op.f("ck_user_tokens_context")
        ),
        _belongs_to_user("user_tokens"),
        sa.PrimaryKeyConstraint("id", name="pk_user_tokens"),
        sa.UniqueConstraint("hashed_token", name="uq_user_tokens_hashed_token"),
        comment="What was sent by mail to prove who somebody is",
    )
    op.create_index("ix_user_tokens_user_id", "user_tokens", ["user_id"])


def _create_profiles() -> None:
    op.create_table(
        "profiles",
        *_row(),
        sa.Column("bio", sa.String(), server_default="", nullable=False),
        sa.Column("age", sa.Integer()),
        sa.Column("address", postgresql.JSONB(), comment="Postal address"),
        sa.Column("avatar_key", sa.String(), comment="Where the picture is kept; null shows initials"),
        sa.CheckConstraint("char_length(bio) <= 500", name=op.f("ck_profiles_bio_length")),
        sa.CheckConstraint("age BETWEEN 13 AND 120", name=op.f("ck_profiles_age")),
        _belongs_to_user("profiles"),
        sa.PrimaryKeyConstraint("id", name="pk_profiles"),
        sa.UniqueConstraint("user_id", name="uq_profiles_user_id"),
        comment="What people say of themselves",
    )
    op.create_table(
        "user_settings",
        *_row(),
        sa.Column("wants_mail", sa.Boolean(), server_default=sa.true(), nullable=False, comment="News also by mail"),
        _belongs_to_user("user_settings"),
        sa.PrimaryKeyConstraint("id", name="pk_user_settings"),
        sa.UniqueConstraint("user_id", name="uq_user_settings_user_id"),
        comment="What people wish",
    )


def downgrade() -> None:
    for table in ("user_settings", "profiles", "user_tokens", "sessions"):
        op.drop_table(table)
    for column in ("anonymised_at", "deactivated_at", "confirmed_at", "hashed_password"):
        op.drop_column("users", column)
