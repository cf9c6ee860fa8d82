"""Look words up in the whole of long bodies: a tsvector holds them, but for texts of nothing but rare letters.

A generated column can be given another expression only by writing the table anew, under a lock. It becomes a column
that a trigger fills instead, which changes no row.
"""

from __future__ import annotations

from alembic import op

revision = "20261129145000"
down_revision = "20261129142500"
branch_labels = None
depends_on = None
accepted = {"ban-drop-generated-expression": "a trigger goes on filling the column, for who writes as before, too"}

WORDS = """
    CREATE FUNCTION words_of_post(language regconfig, title text, body text) RETURNS tsvector
    LANGUAGE plpgsql IMMUTABLE SET search_path = pg_catalog, pg_temp AS $$
    DECLARE
        named CONSTANT tsvector := setweight(to_tsvector(language, title), 'A');
    BEGIN
        IF length(body) > 100000 THEN
            BEGIN
                RETURN named || setweight(to_tsvector(language, body), 'B');
            EXCEPTION WHEN program_limit_exceeded THEN  -- more than a megabyte of different words
                NULL;
            END;
        END IF;
        RETURN named || setweight(to_tsvector(language, left(body, 100000)), 'B');
    END $$
"""
KEEP = """
    CREATE FUNCTION keep_words_of_post() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        NEW.search := words_of_post(NEW.language, NEW.title, NEW.body_text);
        RETURN NEW;
    END $$
"""
TRIGGER = """CREATE TRIGGER keep_words_of_post BEFORE INSERT OR UPDATE OF language, title, body_text ON posts
    FOR EACH ROW EXECUTE FUNCTION keep_words_of_post()"""
BEFORE = (
    "setweight(to_tsvector(language, title), 'A') || setweight(to_tsvector(language, left(body_text, 100000)), 'B')"
)
COMMENT = "Weighted words of title (A) and text (B) in the post's language"


def upgrade() -> None:
    op.execute(WORDS)
    op.execute(KEEP)
    op.execute("ALTER TABLE posts ALTER COLUMN search DROP EXPRESSION")
    op.execute(TRIGGER)


def downgrade() -> None:
    op.execute("DROP TRIGGER keep_words_of_post ON posts")
    op.execute("ALTER TABLE posts DROP COLUMN search")
    op.execute(f"ALTER TABLE posts ADD COLUMN search tsvector GENERATED ALWAYS AS ({BEFORE}) STORED")
    op.execute(f"COMMENT ON COLUMN posts.search IS '{COMMENT.replace("'", "''")}'")
    op.execute("DROP FUNCTION keep_words_of_post()")
    op.execute("DROP FUNCTION words_of_post(regconfig, text, text)")
    with op.get_context().autocommit_block():
        op.create_index("ix_posts_search", "posts", ["search"], postgresql_using="gin", postgresql_concurrently=True)
