"""Create what programs show in place of a person: keys, and tokens that are renewed."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "20261121053500"
down_revision = "20261121053000"
branch_labels = None
depends_on = None

_moment = sa.DateTime(timezone=True)


def _row() -> list[sa.Column[object]]:
    return [
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("inserted_at", _moment, server_default=sa.func.now(), nullable=False),
        sa.Column("updated_at", _moment, server_default=sa.func.now(), nullable=False),
    ]


def _user(table: str) -> list[sa.schema.SchemaItem]:
    return [
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=f"fk_{table}_user_id", ondelete="CASCADE"),
    ]


def upgrade() -> None:
    _create_api_keys()
    _create_token_families()
    op.create_table(
        "refresh_tokens",
        *_row(),
        sa.Column("family_id", sa.Uuid(), nullable=False),
        sa.Column("hashed_token", sa.LargeBinary(), nullable=False, comment="SHA-256 of the token"),
        sa.Column("spent_at", _moment, comment="When the next one was given for it"),
        sa.Column("expires_at", _moment, nullable=False, comment="From then on it is worth nothing"),
        sa.ForeignKeyConstraint(
            ["family_id"], ["token_families.id"], name="fk_refresh_tokens_family_id", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_refresh_tokens"),
        sa.UniqueConstraint("hashed_token", name="uq_refresh_tokens_hashed_token"),
        comment="What a program renews its access with, once each",
    )
    op.create_index("ix_refresh_tokens_family_id", "refresh_tokens", ["family_id"])


def _create_api_keys() -> None:
    op.create_table(
        "api_keys",
        *_row(),
        *_user("api_keys"),
        sa.Column("name", sa.String(), nullable=False, comment="What the person calls it"),
        sa.Column("prefix", sa.String(), nullable=False, comment="Its beginning, by which it is found and recognised"),
        sa.Column("hashed_key", sa.LargeBinary(), nullable=False, comment="SHA-256 of the whole key"),
        sa.Column("scopes", postgresql.ARRAY(sa.Text(), dimensions=1), nullable=False, comment="What it is good for"),
        sa.Column("last_used_at", _moment, comment="To some minutes"),
        sa.Column("expires_at", _moment, comment="Null: never by itself"),
        sa.Column("revoked_at", _moment),
        sa.CheckConstraint("char_length(name) BETWEEN 1 AND 100", name=op.f("ck_api_keys_name_length")),
        sa.CheckConstraint(
            "scopes <@ ARRAY['read', 'write', 'manage'] AND cardinality(scopes) BETWEEN 1 AND 3",
            name=op.f("ck_api_keys_scopes"),
        ),
        sa.PrimaryKeyConstraint("id", name="pk_api_keys"),
        sa.UniqueConstraint("prefix", name="uq_api_keys_prefix"),
        comment="What programs of people's show to act for them",
    )
    op.create_index("ix_api_keys_user_id", "api_keys", ["user_id"])
    op.create_index(
        "ix_api_keys_expires_at",
        "api_keys",
        ["expires_at"],
        postgresql_where=sa.text("revoked_at IS NULL AND expires_at IS NOT NULL"),
    )


def _create_token_families() -> None:
    op.create_table(
        "token_families",
        *_row(),
        *_user("token_families"),
        sa.Column("user_agent", sa.String(), server_default="", nullable=False, comment="What the program says"),
        sa.Column("ip", postgresql.INET(), comment="Where it logged in from"),
        sa.Column(
            "last_used_at",
            _moment,
            server_default=sa.func.now(),
            nullable=False,
            comment="When it was last renewed",
        ),
        sa.Column("expires_at", _moment, nullable=False, comment="When its newest token does"),
        sa.PrimaryKeyConstraint("id", name="pk_token_families"),
        comment="Who is logged in with which program",
    )
    op.create_index("ix_token_families_user_id", "token_families", ["user_id"])
    op.create_index("ix_token_families_expires_at", "token_families", ["expires_at"])


def downgrade() -> None:
    for table in ("refresh_tokens", "token_families", "api_keys"):
        op.drop_table(table)
