"""Keep whom messages name in a table of its own: under policies no index of an array is looked into.

From here on a trigger keeps it; the next revision fills it with whom messages name that are there.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from myapp.kit import rls
from myapp.kit.rls import PERSON, PUBLIC

revision = "20261128205500"
down_revision = "20261128205100"
branch_labels = None
depends_on = None

KEEP = """
    CREATE FUNCTION keep_chat_mentions() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        IF TG_OP = 'UPDATE' THEN
            DELETE FROM chat_mentions
            WHERE room_id = NEW.room_id AND seq = NEW.seq AND user_id <> ALL (NEW.mentions);
        END IF;
        INSERT INTO chat_mentions (room_id, seq, user_id, org_id)
        SELECT NEW.room_id, NEW.seq, named, NEW.org_id FROM unnest(NEW.mentions) AS named
        WHERE named IS DISTINCT FROM NEW.user_id
        ON CONFLICT DO NOTHING;
        RETURN NULL;
    END $$
"""
TRIGGERS = (
    """CREATE TRIGGER keep_mentions_of_new AFTER INSERT ON chat_messages FOR EACH ROW
       WHEN (NEW.mentions <> '{}') EXECUTE FUNCTION keep_chat_mentions()""",
    """CREATE TRIGGER keep_mentions_of_changed AFTER UPDATE OF mentions ON chat_messages FOR EACH ROW
       WHEN (NEW.mentions <> OLD.mentions) EXECUTE FUNCTION keep_chat_mentions()""",
)


def upgrade() -> None:
    op.create_table(
        "chat_mentions",
        sa.Column("room_id", sa.Uuid(), nullable=False),
        sa.Column("seq", sa.BigInteger(), nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("org_id", sa.Uuid(), nullable=False, comment="The message's"),
        sa.ForeignKeyConstraint(
            ["room_id", "seq"],
            ["chat_messages.room_id", "chat_messages.seq"],
            name="fk_chat_mentions_room_id_seq",
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name="fk_chat_mentions_user_id", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("room_id", "seq", "user_id", name="pk_chat_mentions"),
        comment="Whom messages name, for counting; a trigger on chat_messages writes it",
    )
    op.create_index("ix_chat_mentions_user_id_room_id_seq", "chat_mentions", ["user_id", "room_id", "seq"])
    rls.protect("chat_mentions")
    rls.allow("chat_mentions", "own", f"user_id = {PERSON}", to=PUBLIC)
    op.execute(KEEP)
    for trigger in TRIGGERS:
        op.execute(trigger)


def downgrade() -> None:
    op.execute("DROP TRIGGER keep_mentions_of_changed ON chat_messages")
    op.execute("DROP TRIGGER keep_mentions_of_new ON chat_messages")
    op.execute("DROP FUNCTION keep_chat_mentions()")
    op.drop_table("chat_mentions")
