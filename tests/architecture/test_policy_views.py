"""What policies ask in place of tables shows nobody more than the policies of those tables do."""

from __future__ import annotations

from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from uuid import UUID

import psycopg
import pytest
from psycopg import errors, sql

from myapp.accounts import Visibility
from myapp.kit import rls
from tests.architecture.test_fences import app, owner
from tests.factories.blog import make_post
from tests.factories.world import World, make_world

__all__ = ["app", "owner"]

READERS = {
    "own_organizations": {rls.APP, rls.PUBLIC},
    "public_organizations": {rls.PUBLIC},
    "visible_posts": {rls.PUBLIC},
}


@pytest.fixture
async def worlds(real_db: str, tmp_path: Path) -> list[World]:
    """Two organisations, one of them for everybody, with something of everything, committed."""
    file = tmp_path / "post.md"
    file.write_text("# A file\n\nWith some words in it.", encoding="utf-8")
    found = [await make_world(file, Visibility.PRIVATE), await make_world(file, Visibility.PUBLIC)]
    for world in found:
        await make_post(world.member, status="draft")
    return found


@contextmanager
def acting(app: psycopg.Connection, role: str, user_id: UUID | None, org_id: UUID | None = None) -> Generator[None]:
    with app.transaction(force_rollback=True):
        app.execute("SELECT set_config('app.user_id', %s, true)", (str(user_id or ""),))
        app.execute("SELECT set_config('app.org_id', %s, true)", (str(org_id or ""),))
        app.execute("SELECT set_config('role', %s, true)", (role,))
        yield


def ids(connection: psycopg.Connection, source: sql.SQL) -> set[UUID]:
    return {row[0] for row in connection.execute(source)}


def test_every_view_is_known_here_and_only_read_by_whose_policies_ask_it(owner: psycopg.Connection) -> None:
    rows = owner.execute(
        """SELECT relname, array_agg(g.grantee::regrole::text || ' ' || g.privilege_type)
               FILTER (WHERE g.grantee <> relowner), reloptions
           FROM pg_class, aclexplode(relacl) AS g
           WHERE relkind IN ('v', 'm') AND relnamespace = 'public'::regnamespace GROUP BY relname, reloptions"""
    ).fetchall()
    assert {name: set(granted) for name, granted, _ in rows} == {
        name: {f"{role} SELECT" for role in roles} for name, roles in READERS.items()
    }
    assert all(options == ["security_barrier=true"] for _, _, options in rows)


@pytest.mark.parametrize("view", sorted(READERS))
def test_nothing_is_written_through_a_view(view: str, worlds: list[World], app: psycopg.Connection) -> None:
    name = sql.Identifier(view)
    for role in (rls.APP, rls.PUBLIC, rls.SYSTEM):
        for statement in (sql.SQL("DELETE FROM {}"), sql.SQL("UPDATE {} SET id = id")):
            with pytest.raises(errors.InsufficientPrivilege), acting(app, role, None):
                app.execute(statement.format(name))


def test_they_show_what_the_tables_show(worlds: list[World], app: psycopg.Connection) -> None:
    """To a visitor, and to the authors and members of either organisation."""
    seen: list[int] = []
    for user_id in (None, *(world.member.user_id for world in worlds)):
        with acting(app, rls.PUBLIC, user_id):
            posts = ids(app, sql.SQL("SELECT id FROM posts"))
            assert ids(app, sql.SQL("SELECT id FROM visible_posts")) == posts
            public = ids(app, sql.SQL("SELECT id FROM organizations WHERE visibility = 'public'"))
            assert ids(app, sql.SQL("SELECT id FROM public_organizations")) == public
            seen.append(len(posts))
    assert seen[0] < seen[1]
    assert seen[0] < seen[2]


def test_the_organizations_one_belongs_to_are_ones_own(worlds: list[World], app: psycopg.Connection) -> None:
    for world in worlds:
        for role in (rls.APP, rls.PUBLIC):
            with acting(app, role, world.member.user_id):
                assert ids(app, sql.SQL("SELECT id FROM own_organizations")) == {world.organization.id}
            with acting(app, role, None, world.organization.id):
                assert ids(app, sql.SQL("SELECT id FROM own_organizations")) == set()


def test_of_another_organization_one_sees_it_if_it_is_public_or_ones_own(
    worlds: list[World], app: psycopg.Connection
) -> None:
    private, public = worlds
    for role in (rls.APP, rls.PUBLIC):
        with acting(app, role, private.member.user_id):
            everything = ids(app, sql.SQL("SELECT id FROM organizations"))
            assert everything == {private.organization.id, public.organization.id}
        with acting(app, role, public.member.user_id):
            assert ids(app, sql.SQL("SELECT id FROM organizations")) == {public.organization.id}
