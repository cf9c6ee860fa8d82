"""Let PostgreSQL keep every organisation's rows from the others, and search with a filter of its own."""

from __future__ import annotations

from alembic import op

from myapp.kit import rls
from myapp.kit.rls import APP, ORG, PERSON, PUBLIC, SYSTEM

revision = "20261121055000"
down_revision = "20261121054000"
branch_labels = None
depends_on = None

TABLES = (
    "memberships", "activities", "audit_logs", "groups", "group_members", "invitations", "notifications",
    "posts", "post_slugs", "tags", "comments", "attachments", "imports", "chat_rooms", "chat_messages",
)  # fmt: skip
"""Those with an `org_id`."""

CHILDREN = {
    "post_tags": ("tag_id", "tags"),
    "comment_tags": ("tag_id", "tags"),
    "chat_room_members": ("room_id", "chat_rooms"),
}
"""Those without, and whose rows are theirs. Tags are fewer than what is under them, so they are asked."""

OF_PUBLIC_ORGANIZATION = "EXISTS (SELECT FROM organizations AS o WHERE o.id = org_id AND o.visibility = 'public')"
OF_VISIBLE_POST = "EXISTS (SELECT FROM posts AS p WHERE p.id = post_id)"
PUBLISHED = {
    "posts": f"status = 'published' AND {OF_PUBLIC_ORGANIZATION}",
    "post_slugs": OF_VISIBLE_POST,
    "comments": OF_VISIBLE_POST,
    "attachments": OF_VISIBLE_POST,
    "tags": OF_PUBLIC_ORGANIZATION,
    "post_tags": OF_VISIBLE_POST,
    "comment_tags": "EXISTS (SELECT FROM tags AS t WHERE t.id = tag_id)",
    "chat_rooms": f"visibility = 'public' AND {OF_PUBLIC_ORGANIZATION}",
    "chat_messages": "EXISTS (SELECT FROM chat_rooms AS r WHERE r.id = room_id)",
}
"""What everybody may read of public organisations."""

OWN = {
    "activities": "user_id", "audit_logs": "actor_id", "posts": "author_id", "comments": "author_id",
    "chat_messages": "user_id", "chat_room_members": "user_id", "group_members": "user_id", "imports": "user_id",
    "attachments": "user_id",
}  # fmt: skip
"""What is a person's own, in whichever organisation."""

SEARCHES = {
    "newest_posts_with": "p.search",
    "newest_posts_titled": "to_tsvector(p.language, p.title)",
}
FILTERS = {
    "posts_with(asked tsquery)": "p.search @@ (SELECT asked)",
    "posts_with_metadata(wanted jsonb[])": "p.metadata @> ANY (wanted)",
}
EVERYBODYS = """p.status = 'published' AND p.org_id IN (SELECT o.id FROM organizations AS o
                WHERE o.visibility = 'public')"""


def upgrade() -> None:
    rls.grant()
    for table in TABLES:
        rls.protect(table)
    _protect_organizations()
    _protect_children()
    for table, condition in PUBLISHED.items():
        rls.allow(table, "published", condition, to=PUBLIC)
    for table, column in OWN.items():
        rls.allow(table, "own", f"{column} = {PERSON}", to=PUBLIC)
    rls.allow("notifications", "own", f"user_id = {PERSON}", to=PUBLIC, verb="ALL")  # to mark them as read
    # What a person or the system does outside of any organisation is written down without one.
    rls.allow("audit_logs", "outside", "org_id IS NULL", to=PUBLIC, verb="INSERT")
    _create_searches()


def _protect_organizations() -> None:
    op.execute("ALTER TABLE organizations ENABLE ROW LEVEL SECURITY")
    rls.allow("organizations", "organization", f"id = {ORG}", to=APP, verb="ALL")
    rls.allow("organizations", "system", "true", to=SYSTEM, verb="ALL")
    both = f"{APP}, {PUBLIC}"
    rls.allow("organizations", "directory", "visibility = 'public'", to=both)
    belongs = f"EXISTS (SELECT FROM memberships AS m WHERE m.org_id = organizations.id AND m.user_id = {PERSON})"
    rls.allow("organizations", "own", belongs, to=both)
    rls.allow("memberships", "own", f"user_id = {PERSON}", to=both)


def _protect_children() -> None:
    for table, (column, parent) in CHILDREN.items():
        rls.protect(table, through=column, of=parent)
    for table, column, parent in (("post_tags", "post_id", "posts"), ("comment_tags", "comment_id", "comments")):
        own = f"EXISTS (SELECT FROM {parent} AS other WHERE other.id = {column})"
        op.execute(f"CREATE POLICY same_organization ON {table} AS RESTRICTIVE FOR INSERT TO {APP} WITH CHECK ({own})")


def _create_searches() -> None:
    """Full-text search and metadata are not leakproof, so under a policy their indexes lie idle.

    These functions ask them as the owner of the tables, filter as the policies do, and give away ids of posts that the
    caller may see.
    """
    for name, words in SEARCHES.items():
        _create_function(
            f"{name}(asked tsquery, most integer)",
            "TABLE (id uuid, published_at timestamptz)",
            f"""
            WITH hits AS MATERIALIZED (
                SELECT p.id, p.published_at FROM posts AS p
                WHERE {words} @@ (SELECT asked) AND p.status = 'published' AND {{reach}}
            )
            SELECT * FROM hits ORDER BY published_at DESC, id DESC LIMIT most
            """,  # noqa: S608 - all of it stands in this file
        )
    for head, condition in FILTERS.items():
        _create_function(head, "SETOF uuid", f"SELECT p.id FROM posts AS p WHERE {condition} AND {{reach}}")  # noqa: S608


def _create_function(head: str, result: str, query: str) -> None:
    """`{reach}` in the query is what the policies say of posts."""
    body = f"""
        #variable_conflict use_column
        DECLARE
            here uuid := {ORG};
        BEGIN
            IF here IS NOT NULL THEN
                RETURN QUERY {query.format(reach="p.org_id = here")};
            ELSIF current_setting('role') = '{SYSTEM}' THEN
                RETURN QUERY {query.format(reach="true")};
            ELSE
                RETURN QUERY {query.format(reach=EVERYBODYS)};
            END IF;
        END
    """
    op.execute(
        f"CREATE FUNCTION {head} RETURNS {result} LANGUAGE plpgsql STABLE PARALLEL RESTRICTED "
        f"SECURITY DEFINER ROWS 500 SET search_path = public, pg_temp AS $$ {body} $$"
    )
    op.execute(f"REVOKE EXECUTE ON FUNCTION {head} FROM PUBLIC")
    op.execute(f"GRANT EXECUTE ON FUNCTION {head} TO {APP}, {PUBLIC}, {SYSTEM}")


def downgrade() -> None:
    for head in (*(f"{name}(asked tsquery, most integer)" for name in SEARCHES), *FILTERS):
        op.execute(f"DROP FUNCTION {head}")
    rls.forbid("audit_logs", "outside")
    for table in (*OWN, "notifications"):
        rls.forbid(table, "own")
    for table in PUBLISHED:
        rls.forbid(table, "published")
    for table in ("post_tags", "comment_tags"):
        rls.forbid(table, "same_organization")
    rls.forbid("memberships", "own")
    rls.unprotect("organizations", "directory", "own")
    for table in (*TABLES, *CHILDREN):
        rls.unprotect(table)
    rls.revoke()
