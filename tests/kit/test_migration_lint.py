"""Revisions that would stop a running site are refused."""

from __future__ import annotations

from types import ModuleType

import psycopg
import pytest
from alembic.script import Script
from sqlalchemy.exc import OperationalError

from myapp.kit import migration_lint, migrations
from myapp.kit.migration_lint import lint

NEW = "BEGIN; CREATE TABLE things (id uuid PRIMARY KEY, name text); {} COMMIT;"
OLD = "BEGIN;\n{}\nCOMMIT;"


def rules(statements: str) -> set[str]:
    return {found.rule for found in lint(statements)}


@pytest.mark.parametrize(
    ("statement", "rule"),
    [
        ("CREATE INDEX ix_posts_title ON posts (title);", "require-concurrent-index-creation"),
        ("CREATE INDEX CONCURRENTLY ix ON posts (title);", "ban-concurrent-index-creation-in-transaction"),
        ("ALTER TABLE posts ADD CONSTRAINT ck CHECK (title <> '');", "constraint-missing-not-valid"),
        ("ALTER TABLE posts ADD CONSTRAINT fk FOREIGN KEY (a) REFERENCES b (id);", "adding-foreign-key-constraint"),
        ("ALTER TABLE posts ADD CONSTRAINT uq UNIQUE (slug);", "disallowed-unique-constraint"),
        ("ALTER TABLE posts ALTER COLUMN title SET NOT NULL;", "adding-not-nullable-field"),
        ("ALTER TABLE posts ALTER COLUMN title TYPE varchar(9);", "changing-column-type"),
        ("ALTER TABLE posts ADD COLUMN at timestamptz DEFAULT clock_timestamp();", "adding-field-with-default"),
        ("ALTER TABLE posts DROP COLUMN title;", "ban-drop-column"),
        ("LOCK TABLE posts;", "lock-table"),
        ("VACUUM (FULL) posts;", "vacuum-full"),
        ("CLUSTER posts;", "cluster"),
        ("TRUNCATE posts;", "truncate"),
        ("REFRESH MATERIALIZED VIEW ranks;", "refresh-without-concurrently"),
        ("UPDATE posts SET mood = 'fine';", "rows-at-once"),
        (
            "ALTER TABLE posts ADD COLUMN mood text;\nDELETE FROM posts WHERE id IN (SELECT id FROM posts LIMIT 9);",
            "rows-with-schema",
        ),
    ],
)
def test_what_locks_a_table_that_is_in_use_is_refused(statement: str, rule: str) -> None:
    assert rule in rules(OLD.format(statement))


@pytest.mark.parametrize(
    "statements",
    [
        OLD.format("ALTER TABLE posts ADD COLUMN mood text;"),
        OLD.format("ALTER TABLE posts ADD COLUMN mood text NOT NULL DEFAULT 'fine';"),
        OLD.format("ALTER TABLE posts ADD CONSTRAINT ck CHECK (title <> '') NOT VALID;"),
        OLD.format("ALTER TABLE posts VALIDATE CONSTRAINT ck;"),
        "CREATE INDEX CONCURRENTLY IF NOT EXISTS ix_posts_title ON posts (title);",
        "REFRESH MATERIALIZED VIEW CONCURRENTLY ranks;",
        "DELETE FROM posts WHERE id IN (SELECT id FROM posts WHERE title = '' LIMIT 1000);",
        OLD.format(
            "CREATE FUNCTION tidy() RETURNS void LANGUAGE plpgsql AS $$ BEGIN DELETE FROM posts; END $$;\n"
            "UPDATE alembic_version SET version_num = '1';"
        ),
        NEW.format("CREATE INDEX ix_things_name ON things (name);"),
        NEW.format("ALTER TABLE things ADD CONSTRAINT uq UNIQUE (name);"),
    ],
)
def test_the_safe_way_is_accepted(statements: str) -> None:
    assert rules(statements) == set()


def test_a_revision_may_say_why_a_rule_does_not_matter(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(migrations, "sql", lambda *_: OLD.format("ALTER TABLE posts DROP COLUMN title;"))
    module = ModuleType("revision")
    module.__dict__.update(revision="2", down_revision="1")
    script = Script(module, "2", "revision.py")
    assert [found.rule for found in migration_lint.check(script)] == ["ban-drop-column"]
    module.__dict__["accepted"] = {"ban-drop-column": "nothing reads it"}
    assert migration_lint.check(script) == []


def test_a_migration_does_not_wait_long_for_a_table_in_use(migrated_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(migrations, "PATIENCE", 0.02)
    with psycopg.connect(migrated_url) as reader:
        reader.execute("SELECT * FROM audit_logs")
        with pytest.raises(OperationalError, match="lock timeout"):
            migrations.downgrade(migrated_url, "base")
