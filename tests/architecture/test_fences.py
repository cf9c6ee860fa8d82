"""PostgreSQL itself keeps one organisation's rows from the others: for every table there is, and every way to ask.

The tables are found in the database's catalogue, so one that is forgotten fails here and is told what to write.
"""

from __future__ import annotations

from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, LiteralString
from uuid import UUID, uuid4

import psycopg
import pytest
from psycopg import errors, sql
from psycopg.conninfo import conninfo_to_dict, make_conninfo
from sqlmodel import select

from myapp.accounts import Visibility
from myapp.blog import Post
from myapp.kit import repo, rls
from tests.factories.accounts import make_member, make_organization
from tests.factories.world import World, make_world

NOBODYS = {
    "alembic_version": "the schema's history",
    "users": "people belong to no organisation",
    "profiles": "with the picture, which whoever sees the person sees",
    "mails": "on their way to a person",
    **dict.fromkeys(("pubsub_epochs", "pubsub_payloads"), "of broadcasts between processes"),
    "cluster_names": "of processes",
    "oban_jobs": "the system's; who serves people may add a job and read none",
    **dict.fromkeys(("oban_leaders", "oban_producers", "job_switches", "job_rates", "job_crons"), "about jobs alone"),
}
"""Tables without rows of organisations, and why."""

PERSONS = {"sessions", "user_tokens", "api_keys", "token_families", "refresh_tokens", "user_settings"}
"""What is one person's, wherever they are (`test_own_rows.py`)."""

HELP = """
The table {table} holds rows of organisations and PostgreSQL does not keep them apart. In the revision that makes it:

    from myapp.kit import rls
    rls.protect("{table}")                                         # where it has an org_id
    rls.protect("{table}", through="recipe_id", of="recipes")      # where its rows belong to those of another table

docs/decisions/0024-row-level-security.md says how to name exceptions. A table that belongs to nobody stands in
NOBODYS of this test, with the reason.
"""


@pytest.fixture
async def world(real_db: str, tmp_path: Path) -> World:
    """An organisation with something of everything, committed."""
    file = tmp_path / "post.md"
    file.write_text("# A file\n\nWith some words in it.", encoding="utf-8")
    return await make_world(file, Visibility.PRIVATE)


@pytest.fixture
def owner(database_url: str) -> Generator[psycopg.Connection]:
    """Whom no policy binds."""
    with psycopg.connect(database_url, autocommit=True) as connection:
        yield connection


@pytest.fixture
def app(database_url: str) -> Generator[psycopg.Connection]:
    """A connection of the application, without an organisation."""
    url = make_conninfo(database_url, options=f"-c role={rls.APP}")
    with psycopg.connect(url, autocommit=True) as connection:
        yield connection


def tables(owner: psycopg.Connection) -> dict[str, bool]:
    """Every table of ours, and whether its rows are kept apart."""
    found = owner.execute(
        """SELECT relname, relrowsecurity FROM pg_class
           WHERE relkind IN ('r', 'p', 'm') AND relnamespace = 'public'::regnamespace"""
    )
    return dict(found.fetchall())


def fenced(owner: psycopg.Connection) -> list[str]:
    return sorted(name for name, is_fenced in tables(owner).items() if is_fenced and name not in PERSONS)


def count(connection: psycopg.Connection, table: str) -> int:
    (found,) = connection.execute(sql.SQL("SELECT count(*) FROM {}").format(sql.Identifier(table))).fetchone() or (0,)
    return found


@contextmanager
def within(app: psycopg.Connection, org_id: UUID | None, role: str = rls.APP) -> Generator[None]:
    """A transaction for an organisation, taken back at the end."""
    with app.transaction(force_rollback=True):
        app.execute("SELECT set_config('app.org_id', %s, true)", (str(org_id or ""),))
        app.execute("SELECT set_config('role', %s, true)", (role,))
        yield


def test_no_table_is_left_open(owner: psycopg.Connection) -> None:
    open_ones = {name for name, is_fenced in tables(owner).items() if not is_fenced} - NOBODYS.keys()
    assert not open_ones, "".join(HELP.format(table=name) for name in sorted(open_ones))
    assert NOBODYS.keys() <= tables(owner).keys()


def test_what_has_an_organisation_is_fenced_off_by_it(owner: psycopg.Connection) -> None:
    rows = owner.execute(
        """SELECT c.relname, pg_get_expr(p.polqual, p.polrelid), p.polcmd FROM pg_class c
           JOIN pg_attribute a ON a.attrelid = c.oid AND a.attname = 'org_id' AND NOT a.attisdropped
           LEFT JOIN pg_policy p
           ON p.polrelid = c.oid AND p.polroles = ARRAY[%s::regrole::oid] AND p.polname = 'organization'
           WHERE c.relkind IN ('r', 'p') AND c.relnamespace = 'public'::regnamespace""",
        (rls.APP,),
    ).fetchall()
    wrong = [name for name, condition, verb in rows if verb != "*" or "org_id = " not in (condition or "")]
    assert len(rows) > 10
    assert not wrong, "".join(HELP.format(table=name) for name in wrong)


def test_exceptions_are_only_for_reading_and_never_without_a_condition(owner: psycopg.Connection) -> None:
    rows = owner.execute(
        """SELECT polrelid::regclass::text, polname, polcmd, pg_get_expr(polqual, polrelid) FROM pg_policy
           WHERE NOT polroles <@ ARRAY[%s::regrole::oid] AND polname <> 'organization' AND polpermissive""",
        (rls.SYSTEM,),
    ).fetchall()
    writing = {(table, name) for table, name, verb, _ in rows if verb != "r"}
    assert writing == {("audit_logs", "outside"), ("notifications", "own"), *((table, "own") for table in PERSONS)}
    assert not [table for table, _, verb, condition in rows if verb == "r" and condition in {None, "true"}]


class TestStrangers:
    """The application with a filter forgotten, or raw SQL in its name."""

    def test_the_world_has_a_row_of_everything(self, world: World, owner: psycopg.Connection) -> None:
        empty_ones = [table for table in fenced(owner) if not count(owner, table)]
        assert not empty_ones, f"make_world() of tests/factories/world.py writes no row of {', '.join(empty_ones)}"

    @pytest.mark.parametrize("org_id", [None, uuid4()], ids=["no organisation", "another organisation"])
    def test_nothing_is_read_changed_or_deleted(
        self, world: World, owner: psycopg.Connection, app: psycopg.Connection, org_id: UUID | None
    ) -> None:
        for table in fenced(owner):
            name, column = sql.Identifier(table), sql.Identifier(any_column(owner, table))
            with within(app, org_id):
                assert count(app, table) == 0, table
                changed = app.execute(sql.SQL("UPDATE {0} SET {1} = {1}").format(name, column)).rowcount
                assert changed == 0, table
                assert app.execute(sql.SQL("DELETE FROM {}").format(name)).rowcount == 0, table

    @pytest.mark.parametrize("org_id", [None, uuid4()], ids=["no organisation", "another organisation"])
    def test_nothing_is_put_there(
        self, world: World, owner: psycopg.Connection, app: psycopg.Connection, org_id: UUID | None
    ) -> None:
        """The policy speaks before any other rule, so a row with nothing else in it says all."""
        for table in fenced(owner):
            column, value = belonging(owner, table)
            row = sql.SQL("INSERT INTO {} ({}) VALUES (%s)").format(sql.Identifier(table), sql.Identifier(column))
            with pytest.raises(errors.InsufficientPrivilege, match="row-level security"), within(app, org_id):
                app.execute(row, (value,))

    def test_a_row_is_not_moved_to_another_organisation(
        self, world: World, owner: psycopg.Connection, app: psycopg.Connection
    ) -> None:
        for table in fenced(owner):
            if belonging(owner, table)[0] != "org_id":
                continue
            moved = sql.SQL("UPDATE {} SET org_id = %s").format(sql.Identifier(table))
            with pytest.raises(errors.InsufficientPrivilege), within(app, world.organization.id):
                app.execute(moved, (uuid4(),))

    def test_what_everybody_may_see_of_a_private_organisation_is_nothing(
        self, world: World, owner: psycopg.Connection, app: psycopg.Connection
    ) -> None:
        for table in fenced(owner):
            with within(app, None, rls.PUBLIC):
                assert count(app, table) == 0, table

    def test_its_own_people_and_the_system_see_it(
        self, world: World, owner: psycopg.Connection, app: psycopg.Connection
    ) -> None:
        for table in fenced(owner):
            with within(app, world.organization.id):
                assert count(app, table) > 0, table
            with within(app, None, rls.SYSTEM):
                assert count(app, table) == count(owner, table), table

    def test_the_searches_of_the_database_find_nothing_of_others(self, world: World, app: psycopg.Connection) -> None:
        calls: list[LiteralString] = [
            "SELECT count(*) FROM newest_posts_with('sesam:*', 100)",
            "SELECT count(*) FROM newest_posts_titled('sesam:*', 100)",
            "SELECT count(*) FROM posts_with('sesam:*')",
            """SELECT count(*) FROM posts_with_metadata(ARRAY['{"word": "sesame"}']::jsonb[])""",
        ]
        for call in calls:
            with within(app, world.organization.id):
                assert app.execute(call).fetchone() != (0,), call
            for org_id, role in ((None, rls.APP), (uuid4(), rls.APP), (None, rls.PUBLIC)):
                with within(app, org_id, role):
                    assert app.execute(call).fetchone() == (0,), call


def any_column(owner: psycopg.Connection, table: str) -> str:
    row = owner.execute(
        """SELECT attname FROM pg_attribute WHERE attrelid = %s::regclass AND attnum > 0 AND attgenerated = ''
           AND NOT attisdropped ORDER BY attnum LIMIT 1""",
        (table,),
    ).fetchone()
    assert row is not None
    return row[0]


def belonging(owner: psycopg.Connection, table: str) -> tuple[str, Any]:
    """The column that says whose a row is, and what it says for a row that is there."""
    names = [
        name
        for (name,) in owner.execute(
            "SELECT attname FROM pg_attribute WHERE attrelid = %s::regclass AND attnum > 0", (table,)
        )
    ]
    column = "org_id" if "org_id" in names else next((name for name in names if name.endswith("_id")), "id")
    query = sql.SQL("SELECT {0} FROM {1} WHERE {0} IS NOT NULL LIMIT 1").format(
        sql.Identifier(column), sql.Identifier(table)
    )
    row = owner.execute(query).fetchone()
    assert row is not None, table
    return column, row[0]


class TestRoles:
    """What the application is to the database."""

    def test_they_own_nothing_and_pass_no_policy_by(self, owner: psycopg.Connection) -> None:
        rows = owner.execute(
            """SELECT rolname FROM pg_roles
               WHERE rolname = ANY(%s) AND (rolsuper OR rolbypassrls OR rolcreaterole OR rolcreatedb)""",
            ([rls.APP, rls.PUBLIC, rls.SYSTEM],),
        )
        assert rows.fetchall() == []
        owned = owner.execute(
            """SELECT oid FROM pg_class WHERE relowner = ANY(%(roles)s::regrole[]::oid[]) UNION ALL
               SELECT oid FROM pg_proc WHERE proowner = ANY(%(roles)s::regrole[]::oid[]) UNION ALL
               SELECT oid FROM pg_namespace WHERE nspowner = ANY(%(roles)s::regrole[]::oid[]) UNION ALL
               SELECT oid FROM pg_database WHERE datdba = ANY(%(roles)s::regrole[]::oid[])""",
            {"roles": [rls.APP, rls.PUBLIC, rls.SYSTEM]},
        )
        assert owned.fetchall() == []

    @pytest.mark.parametrize(
        "statement",
        [
            "ALTER TABLE posts DISABLE ROW LEVEL SECURITY",
            "DROP POLICY organization ON posts",
            "CREATE POLICY mine ON posts USING (true)",
            "TRUNCATE posts",
            "CREATE TABLE mine (id int)",
            "UPDATE alembic_version SET version_num = 'x'",
            "CREATE FUNCTION f() RETURNS int LANGUAGE sql AS 'SELECT 1'",
        ],
    )
    def test_they_change_no_table_and_no_policy(self, app: psycopg.Connection, statement: LiteralString) -> None:
        with pytest.raises(errors.InsufficientPrivilege):
            app.execute(statement)

    def test_policies_are_not_switched_off(self, app: psycopg.Connection) -> None:
        app.execute("SET row_security = off")
        with pytest.raises(errors.InsufficientPrivilege, match="row-level security"):
            app.execute("SELECT FROM posts")

    def test_who_logs_in_as_the_application_never_becomes_the_owner(
        self, database_url: str, owner: psycopg.Connection
    ) -> None:
        parts = conninfo_to_dict(database_url)
        if parts.get("password"):
            pytest.skip("this server asks the application for a password of its own")
        with psycopg.connect(make_conninfo(database_url, user=rls.APP), autocommit=True) as app:
            for role in (owner.info.user, "pg_write_all_data"):
                with pytest.raises(errors.InsufficientPrivilege):
                    app.execute(sql.SQL("SET ROLE {}").format(sql.Identifier(role)))
            app.execute("SET ROLE NONE")
            with pytest.raises(errors.InsufficientPrivilege):
                app.execute("ALTER TABLE posts DISABLE ROW LEVEL SECURITY")

    def test_only_the_searches_run_with_the_rights_of_the_owner(self, owner: psycopg.Connection) -> None:
        rows = owner.execute(
            "SELECT proname, proconfig FROM pg_proc WHERE prosecdef AND pronamespace = 'public'::regnamespace"
        ).fetchall()
        names = {"newest_posts_with", "newest_posts_titled", "posts_with", "posts_with_metadata"}
        assert {name for name, _ in rows} == names
        assert all(config == ["search_path=public, pg_temp"] for _, config in rows)


async def test_a_forgotten_filter_returns_nothing(world: World) -> None:
    """What a context function would get that forgets to say whose posts it wants."""
    stranger = await make_member(await make_organization())
    async with repo.reading(stranger) as session:
        assert (await session.exec(select(Post))).all() == []
        assert await session.get(Post, world.post.id) is None
