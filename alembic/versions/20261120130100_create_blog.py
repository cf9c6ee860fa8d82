"""Create posts, their former slugs, tags, comments and imports."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "20261120130100"
down_revision = "20261120130000"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "posts",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("inserted_at", sa.DateTime(timezone=True), server_default=sa.func.now(), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), server_default=sa.func.now(), nullable=False),
        sa.Column("org_id", sa.Uuid(), nullable=False),
        sa.Column("author_id", sa.Uuid(), nullable=False),
        sa.Column("title", sa.String(), nullable=False),
        sa.Column("slug", sa.String(), nullable=False, comment="Its place in URLs; former ones are in post_slugs"),
        sa.Column("body", sa.String(), nullable=False, comment="What the author wrote"),
        sa.Column("body_format", sa.String(20), server_default="markdown", nullable=False),
        sa.Column("body_html", sa.String(), nullable=False, comment="The body rendered and sanitised when saved"),
        sa.Column("body_text", sa.String(), nullable=False, comment="The body without markup: search and excerpts"),
        sa.Column("excerpt", sa.String(), comment="The author's own; null: start of the text"),
        sa.Column("status", sa.String(20), server_default="draft", nullable=False),
        sa.Column(
            "published_at",
            sa.DateTime(timezone=True),
            comment="Since or, when scheduled, from when; a draft keeps it once published",
        ),
        sa.Column("is_featured", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.Column("view_count", sa.Integer(), server_default="0", nullable=False),
        sa.Column(
            "metadata",
            postgresql.JSONB(),
            server_default=sa.text("'{}'::jsonb"),
            nullable=False,
            comment="Free keys and values",
        ),
        sa.Column("version", sa.Integer(), server_default="1", nullable=False, comment="Optimistic lock"),
        sa.Column(
            "language",
            postgresql.REGCONFIG(),
            server_default=sa.text("'english'::regconfig"),
            nullable=False,
            comment="The organisation's text search configuration",
        ),
        sa.Column("import_key", sa.String(), comment="Identity in its source, so that a second import finds it"),
        sa.Column(
            "search",
            postgresql.TSVECTOR(),
            sa.Computed(
                "setweight(to_tsvector(language, title), 'A') || "
                "setweight(to_tsvector(language, left(body_text, 100000)), 'B')",
                persisted=True,
            ),
            comment="Weighted words of title (A) and text (B) in the post's language",
        ),
        sa.CheckConstraint("body_format IN ('markdown', 'html')", name=op.f("ck_posts_body_format")),
        sa.CheckConstraint("jsonb_typeof(metadata) = 'object'", name=op.f("ck_posts_metadata")),
        sa.CheckConstraint("status = 'draft' OR published_at IS NOT NULL", name=op.f("ck_posts_published_at")),
        sa.CheckConstraint("status IN ('draft', 'scheduled', 'published')", name=op.f("ck_posts_status")),
        sa.CheckConstraint("char_length(body) >= 10", name=op.f("ck_posts_body_length")),
        sa.CheckConstraint("char_length(slug) BETWEEN 1 AND 120", name=op.f("ck_posts_slug_length")),
        sa.CheckConstraint("char_length(title) BETWEEN 3 AND 255", name=op.f("ck_posts_title_length")),
        sa.CheckConstraint("view_count >= 0", name=op.f("ck_posts_view_count")),
        sa.ForeignKeyConstraint(["author_id"], ["users.id"], name="fk_posts_author_id", ondelete="RESTRICT"),
        sa.ForeignKeyConstraint(["org_id"], ["organizations.id"], name="fk_posts_org_id", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name="pk_posts"),
        sa.UniqueConstraint("org_id", "slug", name="uq_posts_org_id_slug"),
        comment="Texts of an organisation's authors",
    )
    op.create_index(
        "ix_posts_author_id_published_at_id", "posts", ["author_id", sa.text("published_at DESC"), sa.text("id DESC")]
    )
    op.create_index(
        "ix_posts_featured",
        "posts",
        ["org_id", sa.text("published_at DESC"), sa.text("id DESC")],
        postgresql_where=sa.text("is_featured AND status = 'published'"),
    )
    op.create_index(
        "ix_posts_org_id_author_id",
        "posts",
        ["org_id", "author_id"],
        postgresql_include=["view_count"],
        postgresql_where=sa.text("status = 'published'"),
    )
    op.create_index("ix_posts_due", "posts", ["published_at"], postgresql_where=sa.text("status = 'scheduled'"))
    op.create_index(
        "ix_posts_metadata",
        "posts",
        ["metadata"],
        postgresql_using="gin",
        postgresql_ops={"metadata": "jsonb_path_ops"},
    )
    op.create_index(
        "ix_posts_org_id_id_unpublished",
        "posts",
        ["org_id", sa.text("id DESC")],
        postgresql_where=sa.text("status <> 'published'"),
    )
    op.create_index(
        "ix_posts_org_id_published_at_id",
        "posts",
        ["org_id", sa.text("published_at DESC"), sa.text("id DESC")],
        postgresql_where=sa.text("status = 'published'"),
    )
    op.create_index(
        "ix_posts_org_id_view_count_id",
        "posts",
        ["org_id", sa.text("view_count DESC"), sa.text("id DESC")],
        postgresql_where=sa.text("status = 'published'"),
    )
    op.create_index(
        "ix_posts_published_at_id",
        "posts",
        [sa.text("published_at DESC"), sa.text("id DESC")],
        postgresql_where=sa.text("status = 'published'"),
    )
    op.create_index("ix_posts_search", "posts", ["search"], postgresql_using="gin")
    op.create_index("ix_posts_title_search", "posts", [sa.text("to_tsvector(language, title)")], postgresql_using="gin")
    _keep_rows_narrow()
    op.create_index(
        "uq_posts_org_id_import_key",
        "posts",
        ["org_id", "import_key"],
        unique=True,
        postgresql_where=sa.text("import_key IS NOT NULL"),
    )
    op.create_table(
        "post_slugs",
        sa.Column("org_id", sa.Uuid(), nullable=False),
        sa.Column("slug", sa.String(), nullable=False),
        sa.Column("post_id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["org_id"], ["organizations.id"], name="fk_post_slugs_org_id", ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["post_id"], ["posts.id"], name="fk_post_slugs_post_id", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("org_id", "slug", name="pk_post_slugs"),
        comment="Former slugs of posts",
    )
    op.create_index("ix_post_slugs_post_id", "post_slugs", ["post_id"])
    op.create_table(
        "tags",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("inserted_at", sa.DateTime(timezone=True), server_default=sa.func.now(), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), server_default=sa.func.now(), nullable=False),
        sa.Column("org_id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("slug", sa.String(), nullable=False),
        sa.CheckConstraint("char_length(name) BETWEEN 1 AND 50", name=op.f("ck_tags_name_length")),
        sa.CheckConstraint("char_length(slug) BETWEEN 1 AND 80", name=op.f("ck_tags_slug_length")),
        sa.ForeignKeyConstraint(["org_id"], ["organizations.id"], name="fk_tags_org_id", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name="pk_tags"),
        sa.UniqueConstraint("org_id", "slug", name="uq_tags_org_id_slug"),
        comment="Labels of posts and comments",
    )
    op.create_table(
        "post_tags",
        sa.Column("post_id", sa.Uuid(), nullable=False),
        sa.Column("tag_id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["post_id"], ["posts.id"], name="fk_post_tags_post_id", ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["tag_id"], ["tags.id"], name="fk_post_tags_tag_id", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("post_id", "tag_id", name="pk_post_tags"),
        comment="Which post is under which tags",
    )
    op.create_index("ix_post_tags_tag_id_post_id", "post_tags", ["tag_id", "post_id"])
    op.create_table(
        "comments",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("inserted_at", sa.DateTime(timezone=True), server_default=sa.func.now(), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), server_default=sa.func.now(), nullable=False),
        sa.Column("org_id", sa.Uuid(), nullable=False),
        sa.Column("post_id", sa.Uuid(), nullable=False),
        sa.Column("parent_id", sa.Uuid(), comment="The comment this one answers"),
        sa.Column("author_id", sa.Uuid()),
        sa.Column(
            "author_name",
            sa.String(),
            server_default="",
            nullable=False,
            comment="Of an imported author without an account",
        ),
        sa.Column("author_url", sa.String()),
        sa.Column("body", sa.String(), nullable=False),
        sa.Column("body_html", sa.String(), nullable=False, comment="The body rendered and sanitised when saved"),
        sa.Column("kind", sa.String(20), server_default="comment", nullable=False),
        sa.Column("hidden_at", sa.DateTime(timezone=True), comment="Since when a moderator hides it"),
        sa.Column(
            "deleted_at", sa.DateTime(timezone=True), comment="Deleted by its author, kept empty because it has replies"
        ),
        sa.Column("like_count", sa.Integer(), server_default="0", nullable=False),
        sa.Column("import_key", sa.String(), comment="Identity in its source, so that a second import finds it"),
        sa.Column(
            "depth",
            sa.SmallInteger(),
            sa.Computed("CASE WHEN parent_id IS NULL THEN 0 ELSE 1 END", persisted=True),
            nullable=False,
            comment="0 for a comment, 1 for a reply",
        ),
        sa.Column(
            "parent_depth",
            sa.SmallInteger(),
            sa.Computed("0", persisted=True),
            nullable=False,
            comment="The depth a parent must have",
        ),
        sa.CheckConstraint("kind IN ('comment', 'pingback', 'trackback')", name=op.f("ck_comments_kind")),
        sa.CheckConstraint("author_id IS NOT NULL OR char_length(author_name) > 0", name=op.f("ck_comments_author")),
        sa.CheckConstraint("like_count >= 0", name=op.f("ck_comments_like_count")),
        sa.ForeignKeyConstraint(["author_id"], ["users.id"], name="fk_comments_author_id", ondelete="SET NULL"),
        sa.ForeignKeyConstraint(["org_id"], ["organizations.id"], name="fk_comments_org_id", ondelete="CASCADE"),
        sa.ForeignKeyConstraint(
            ["parent_id", "post_id", "parent_depth"],
            ["comments.id", "comments.post_id", "comments.depth"],
            name="fk_comments_parent_id",
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(["post_id"], ["posts.id"], name="fk_comments_post_id", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name="pk_comments"),
        sa.UniqueConstraint("id", "post_id", "depth", name="uq_comments_id_post_id_depth"),
        comment="Comments, replies to them, pingbacks and trackbacks",
    )
    op.create_index(
        "ix_comments_author_id", "comments", ["author_id"], postgresql_where=sa.text("author_id IS NOT NULL")
    )
    op.create_index("ix_comments_org_id", "comments", ["org_id"])
    op.create_index(
        "ix_comments_parent_id", "comments", ["parent_id"], postgresql_where=sa.text("parent_id IS NOT NULL")
    )
    op.create_index("ix_comments_post_id_inserted_at_id", "comments", ["post_id", "inserted_at", "id"])
    op.create_index(
        "ix_comments_post_id_shown",
        "comments",
        ["post_id", sa.text("like_count DESC"), sa.text("id")],
        postgresql_where=sa.text("hidden_at IS NULL AND deleted_at IS NULL AND kind = 'comment'"),
    )
    op.create_index(
        "uq_comments_org_id_import_key",
        "comments",
        ["org_id", "import_key"],
        unique=True,
        postgresql_where=sa.text("import_key IS NOT NULL"),
    )
    op.create_table(
        "comment_tags",
        sa.Column("comment_id", sa.Uuid(), nullable=False),
        sa.Column("tag_id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["comment_id"], ["comments.id"], name="fk_comment_tags_comment_id", ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["tag_id"], ["tags.id"], name="fk_comment_tags_tag_id", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("comment_id", "tag_id", name="pk_comment_tags"),
        comment="Which comment is under which tags",
    )
    op.create_index("ix_comment_tags_tag_id_comment_id", "comment_tags", ["tag_id", "comment_id"])

    op.create_table(
        "imports",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("inserted_at", sa.DateTime(timezone=True), server_default=sa.func.now(), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), server_default=sa.func.now(), nullable=False),
        sa.Column("org_id", sa.Uuid(), nullable=False),
        sa.Column("user_id", sa.Uuid()),
        sa.Column("kind", sa.String(20), nullable=False),
        sa.Column("filename", sa.String(), nullable=False, comment="Its name where it came from"),
        sa.Column("path", sa.String(), nullable=False, comment="Where it lies under the data folder"),
        sa.Column("status", sa.String(20), server_default="queued", nullable=False),
        sa.Column("total", sa.Integer(), server_default="0", nullable=False, comment="Items found, 0 while unknown"),
        sa.Column("done", sa.Integer(), server_default="0", nullable=False, comment="Items dealt with"),
        sa.Column(
            "summary",
            postgresql.JSONB(),
            server_default=sa.text("'{}'::jsonb"),
            nullable=False,
            comment="Counts, and what was skipped and why",
        ),
        sa.Column("error", sa.String()),
        sa.CheckConstraint("kind IN ('wordpress', 'markdown')", name=op.f("ck_imports_kind")),
        sa.CheckConstraint(
            "status IN ('queued', 'running', 'done', 'failed', 'interrupted')", name=op.f("ck_imports_status")
        ),
        sa.CheckConstraint("total >= 0 AND done >= 0", name=op.f("ck_imports_progress")),
        sa.ForeignKeyConstraint(["org_id"], ["organizations.id"], name="fk_imports_org_id", ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name="fk_imports_user_id", ondelete="SET NULL"),
        sa.PrimaryKeyConstraint("id", name="pk_imports"),
        comment="Imports of other sites' posts",
    )
    op.create_index("ix_imports_org_id_id", "imports", ["org_id", sa.text("id DESC")])
    op.create_index("ix_imports_user_id", "imports", ["user_id"])


def _keep_rows_narrow() -> None:
    """Leave what lists read in the row and put the long texts outside of it.

    Then 100,000 posts are 40 MB to walk through instead of 200. The search words stay uncompressed, as ranking reads
    those of hundreds of posts for a page.
    """
    op.execute("ALTER TABLE posts SET (toast_tuple_target = 256)")
    for column in ("title", "slug", "excerpt", "metadata"):
        op.execute(f"ALTER TABLE posts ALTER COLUMN {column} SET STORAGE MAIN")
    op.execute("ALTER TABLE posts ALTER COLUMN search SET STORAGE EXTERNAL")


def downgrade() -> None:
    op.drop_table("imports")
    op.drop_table("comment_tags")
    op.drop_table("comments")
    op.drop_table("post_tags")
    op.drop_table("tags")
    op.drop_table("post_slugs")
    op.drop_table("posts")
