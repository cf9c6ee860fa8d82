"""Have those leave an organisation's chat rooms who had left the organisation before that took them along."""

from __future__ import annotations

from myapp.kit import migrations

revision = "20261129120010"
down_revision = "20261129120000"
branch_labels = None
depends_on = None

LEAVE = """
    DELETE FROM chat_room_members WHERE (room_id, user_id) IN (
        SELECT inside.room_id, inside.user_id
        FROM chat_room_members AS inside JOIN chat_rooms AS room ON room.id = inside.room_id
        WHERE NOT EXISTS (
            SELECT FROM memberships AS belongs WHERE belongs.org_id = room.org_id AND belongs.user_id = inside.user_id
        )
        LIMIT 5000
    )
"""


def upgrade() -> None:
    migrations.in_batches(LEAVE)


def downgrade() -> None:
    """Who had left stays away."""
