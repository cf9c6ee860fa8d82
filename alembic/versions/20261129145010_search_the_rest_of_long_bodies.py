"""Look words up behind the first 100,000 characters of the posts, too, that were there before that was done."""

from __future__ import annotations

from myapp.kit import migrations

revision = "20261129145010"
down_revision = "20261129145000"
branch_labels = None
depends_on = None

INDEX = """
    UPDATE posts SET search = words_of_post(language, title, body_text) WHERE id IN (
        SELECT id FROM posts
        WHERE octet_length(body_text) > 100000 AND search IS DISTINCT FROM words_of_post(language, title, body_text)
        LIMIT 100
    )
"""


def upgrade() -> None:
    migrations.in_batches(INDEX)


def downgrade() -> None:
    """The revision before writes them anew."""
