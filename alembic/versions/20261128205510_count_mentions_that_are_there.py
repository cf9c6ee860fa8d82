"""Fill the table of mentions with those of messages that were there before it."""

from __future__ import annotations

from myapp.kit import migrations

revision = "20261128205510"
down_revision = "20261128205500"
branch_labels = None
depends_on = None

COPY = """
    INSERT INTO chat_mentions (room_id, seq, user_id, org_id)
    SELECT DISTINCT m.room_id, m.seq, u.id, m.org_id
    FROM chat_messages AS m CROSS JOIN unnest(m.mentions) AS named JOIN users AS u ON u.id = named
    WHERE m.mentions <> '{}' AND u.id IS DISTINCT FROM m.user_id AND NOT EXISTS (
        SELECT FROM chat_mentions AS there
        WHERE there.room_id = m.room_id AND there.seq = m.seq AND there.user_id = u.id
    )
    LIMIT 5000
    ON CONFLICT DO NOTHING
"""


def upgrade() -> None:
    migrations.in_batches(COPY)


def downgrade() -> None:
    """The table goes with the revision before."""
