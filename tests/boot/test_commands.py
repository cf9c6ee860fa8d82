"""The commands as a person types them, on a database of the test's own."""

from __future__ import annotations

import sys
from collections.abc import Callable
from io import StringIO
from pathlib import Path
from zipfile import ZipFile

import psycopg
import pytest

from myapp import blog, cli
from myapp.kit import databases, migrations
from myapp.kit.names import NameLost
from tests.serving import environment

type Run = Callable[..., str]


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    """`run("db create", DATABASE_URL=…)`: everything it says, and "exit code 1" at the end unless it is 0."""

    def run(command: str, **variables: str) -> str:
        monkeypatch.setattr(sys, "argv", ["myapp", *command.split()])
        monkeypatch.setattr(sys, "stdin", StringIO())
        monkeypatch.setattr("os.environ", environment(**variables))
        with pytest.raises(SystemExit) as ended:
            cli.main()
        said = "".join(capsys.readouterr())
        return said if ended.value.code in (0, None) else f"{said}exit code {ended.value.code}"

    return run


def count_posts(url: str) -> int:
    with psycopg.connect(url) as connection:
        row = connection.execute("select count(*) from posts").fetchone()
    assert row is not None
    return int(row[0])


def test_an_empty_database_is_filled_once_and_reset_to_the_same(run: Run, scratch_url: str) -> None:
    assert "is loaded" in run("seed", DATABASE_URL=scratch_url)
    loaded = count_posts(scratch_url)
    assert loaded > 0
    assert "nothing was loaded" in run("seed", DATABASE_URL=scratch_url)

    with psycopg.connect(scratch_url) as connection:
        connection.execute("delete from posts")
    run("db reset --yes", DATABASE_URL=scratch_url)

    assert count_posts(scratch_url) == loaded


def test_reset_asks_first(run: Run, migrated_url: str) -> None:
    assert "will be gone" in run("db reset", DATABASE_URL=migrated_url)

    assert count_posts(migrated_url) == 0


def test_migrations_go_up_and_back(run: Run, scratch_url: str) -> None:
    run("db migrate", DATABASE_URL=scratch_url)
    assert migrations.is_current(scratch_url)

    run("db rollback", DATABASE_URL=scratch_url)

    assert not migrations.is_current(scratch_url)


def test_more_migrations_than_there_are_cannot_be_undone(run: Run, migrated_url: str) -> None:
    said = run("db rollback --steps 1000", DATABASE_URL=migrated_url)

    assert said.splitlines()[1:] == ["exit code 1"]
    assert migrations.is_current(migrated_url)


def test_what_the_next_release_has_migrated_is_worked_with_and_left_as_it_is(run: Run, migrated_url: str) -> None:
    with psycopg.connect(migrated_url) as connection:
        connection.execute("UPDATE alembic_version SET version_num = 'of-the-next-release'")

    assert "exit code" not in run("db migrate", DATABASE_URL=migrated_url)
    assert "nothing was loaded" not in run("seed", DATABASE_URL=migrated_url)

    assert migrations.current(migrated_url) == "of-the-next-release"
    assert run("db rollback", DATABASE_URL=migrated_url).splitlines()[1:] == ["exit code 1"]


def test_nobody_is_made_an_operator_where_there_is_nobody(run: Run, migrated_url: str) -> None:
    assert run("operator grace", DATABASE_URL=migrated_url) == "There is nobody called grace.\nexit code 1"


def test_a_missing_database_is_made(run: Run, scratch_url: str) -> None:
    name = databases.name_of(scratch_url)
    url = scratch_url.replace(name, f"{name}_more")
    assert "does not exist" in run("seed", DATABASE_URL=url)

    assert "is made" in run("db create", DATABASE_URL=url)

    assert "was there already" in run("db create", DATABASE_URL=url)
    databases.drop(url)


def test_routes_lists_pages_and_endpoints(run: Run) -> None:
    listed = run("routes")

    assert "/o/[org_slug]/posts" in listed
    assert "/session" in listed


@pytest.mark.parametrize("command", ["serve", "build", "seed", "db migrate"])
def test_wrong_settings_are_one_line_and_exit_code_2(run: Run, command: str) -> None:
    said = run(command, DATABASE_URL="mysql://ada@db/house")

    assert said == "DATABASE_URL: must look like postgresql://user:password@host:5432/name\nexit code 2"


POST = """---
title: A post from elsewhere
date: 2020-05-01
---
Its *words*.
"""


def test_posts_come_in_once_and_go_out_as_they_came(run: Run, migrated_url: str, tmp_path: Path) -> None:
    (tmp_path / "post.md").write_text(POST)
    out = tmp_path / "out.zip"

    assert "1  posts" in run(f"import markdown {tmp_path / 'post.md'} --org demo", DATABASE_URL=migrated_url)
    loaded = count_posts(migrated_url)
    assert "1  unchanged" in run(f"import markdown {tmp_path / 'post.md'} --org demo", DATABASE_URL=migrated_url)
    assert f"Wrote {out}" in run(f"export markdown --org demo --to {out}", DATABASE_URL=migrated_url)

    assert any(b"Its *words*." in ZipFile(out).read(name) for name in ZipFile(out).namelist())
    assert "unchanged" in run(f"import markdown {out} --org demo", DATABASE_URL=migrated_url)
    assert count_posts(migrated_url) == loaded


def test_an_import_that_cannot_be_read_is_a_line_and_exit_code_1(run: Run, migrated_url: str, tmp_path: Path) -> None:
    (tmp_path / "broken.xml").write_text("<rss><channel><item>")
    command = f"import wordpress {tmp_path / 'broken.xml'} --org"

    assert run(f"{command} demo", DATABASE_URL=migrated_url).endswith("exit code 1")
    said = run(f"{command} nobody", DATABASE_URL=migrated_url)
    assert said == "There is no organisation called nobody.\nexit code 1"


def test_an_import_that_loses_the_database_says_so_and_how_to_go_on(
    run: Run, migrated_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def import_file(*_: object, **__: object) -> None:
        raise NameLost("import 7 was lost")

    run("seed", DATABASE_URL=migrated_url)
    monkeypatch.setattr(blog, "import_file", import_file)
    said = run(f"import markdown {tmp_path} --org demo", DATABASE_URL=migrated_url)
    assert said.splitlines()[-2:] == [
        "It was cut off, and what came in stays: import it again to go on. import 7 was lost.",
        "exit code 1",
    ]


@pytest.mark.parametrize("place", ["missing/out.zip", "post.md/out.zip"])
def test_a_place_that_cannot_be_written_to_is_a_line_and_exit_code_1(
    run: Run, migrated_url: str, tmp_path: Path, place: str
) -> None:
    (tmp_path / "post.md").write_text(POST)

    said = run(f"export markdown --org demo --to {tmp_path / place}", DATABASE_URL=migrated_url)

    assert said.startswith(f"{tmp_path / place} cannot be written: ")
    assert said.splitlines()[1:] == ["exit code 1"]
    assert [path.name for path in tmp_path.iterdir()] == ["post.md"]


@pytest.mark.parametrize("place", [".", "/"])
def test_nor_is_a_folder_a_place_for_an_export(run: Run, migrated_url: str, place: str) -> None:
    assert run(f"export markdown --org demo --to {place}", DATABASE_URL=migrated_url).endswith("exit code 2")
