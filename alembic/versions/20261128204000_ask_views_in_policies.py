"""Let policies ask views that read as the owner: policies within policies were planned again for every statement."""

from __future__ import annotations

from alembic import op

from myapp.kit import rls
from myapp.kit.rls import APP, PERSON, PUBLIC

revision = "20261128204000"
down_revision = "20261128185000"
branch_labels = None
depends_on = None

OWN = f"SELECT org_id AS id FROM memberships WHERE user_id = {PERSON}"  # noqa: S608 - all of it stands in this file
VISIBLE = f"""SELECT id FROM posts AS p WHERE author_id = {PERSON} OR status = 'published'
    AND EXISTS (SELECT FROM organizations AS o WHERE o.id = p.org_id AND o.visibility = 'public')"""  # noqa: S608
VIEWS = {
    "own_organizations": (OWN, f"{APP}, {PUBLIC}"),
    "public_organizations": ("SELECT id FROM organizations WHERE visibility = 'public'", PUBLIC),
    "visible_posts": (VISIBLE, PUBLIC),
}

OF_PUBLIC_ORGANIZATION = "EXISTS (SELECT FROM {} AS o WHERE o.id = org_id{})"
NOW_PUBLIC = OF_PUBLIC_ORGANIZATION.format("public_organizations", "")
THEN_PUBLIC = OF_PUBLIC_ORGANIZATION.format("organizations", " AND o.visibility = 'public'")
# Asked of each row: EXISTS would be planned twice, the second time to read all posts first.
NOW_OF_POST = "(SELECT true FROM visible_posts AS p WHERE p.id = post_id)"
THEN_OF_POST = "EXISTS (SELECT FROM posts AS p WHERE p.id = post_id)"
OF_ORGANIZATION = {"posts": "status = 'published' AND ", "tags": "", "chat_rooms": "visibility = 'public' AND "}
OF_POST = ("post_slugs", "comments", "attachments", "post_tags")
THEN_OWN = f"EXISTS (SELECT FROM memberships AS m WHERE m.org_id = organizations.id AND m.user_id = {PERSON})"


def upgrade() -> None:
    for name, (query, roles) in VIEWS.items():
        rls.create_view(name, query, to=roles)
    _change_policies(NOW_PUBLIC, NOW_OF_POST)
    rls.change("organizations", "own", "id IN (SELECT own.id FROM own_organizations AS own)")


def _change_policies(is_public: str, of_post: str) -> None:
    for table, condition in OF_ORGANIZATION.items():
        rls.change(table, "published", condition + is_public)
    for table in OF_POST:
        rls.change(table, "published", of_post)


def downgrade() -> None:
    rls.change("organizations", "own", THEN_OWN)
    _change_policies(THEN_PUBLIC, THEN_OF_POST)
    for name in reversed(VIEWS):
        op.execute(f"DROP VIEW {name}")
