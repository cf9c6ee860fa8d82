"""Let PostgreSQL keep from others what proves who somebody is: sessions, links, keys and programs; and wishes."""

from __future__ import annotations

from myapp.kit import rls

revision = "20261128181500"
down_revision = "20261128172000"
branch_labels = None
depends_on = None

TABLES = ("sessions", "user_tokens", "api_keys", "token_families", "user_settings")


def upgrade() -> None:
    for table in TABLES:
        rls.keep_to_person(table)
    rls.keep_to_person("refresh_tokens", through="family_id", of="token_families")


def downgrade() -> None:
    for table in ("refresh_tokens", *reversed(TABLES)):
        rls.release_from_person(table)
