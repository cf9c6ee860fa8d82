"""Let who leaves an organisation leave its chat rooms: who came back was in its private ones at once."""

from __future__ import annotations

from alembic import op

revision = "20261129120000"
down_revision = "20261128212200"
branch_labels = None
depends_on = None

LEAVE = """
    CREATE FUNCTION leave_chat_rooms() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        DELETE FROM chat_room_members
        WHERE user_id = OLD.user_id AND room_id IN (SELECT id FROM chat_rooms WHERE org_id = OLD.org_id);
        RETURN NULL;
    END $$
"""
TRIGGER = """CREATE TRIGGER leave_chat_rooms AFTER DELETE ON memberships FOR EACH ROW
    EXECUTE FUNCTION leave_chat_rooms()"""


def upgrade() -> None:
    op.execute(LEAVE)
    op.execute(TRIGGER)


def downgrade() -> None:
    op.execute("DROP TRIGGER leave_chat_rooms ON memberships")
    op.execute("DROP FUNCTION leave_chat_rooms()")
