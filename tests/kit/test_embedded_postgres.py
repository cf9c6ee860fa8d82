"""The embedded PostgreSQL under every kind of death: whatever is killed, the next `ensure` works and no row is lost."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import psycopg
import pytest

from myapp.kit import embedded_postgres
from myapp.kit.embedded_postgres import EmbeddedPostgresError
from tests.furnished import furnish
from tests.serving import clear_away

USER = """
import sys
from pathlib import Path
from myapp.kit import embedded_postgres
print(embedded_postgres.ensure(Path(sys.argv[1]), database="house"), flush=True)
sys.stdin.read()
embedded_postgres.release(Path(sys.argv[1]))
"""


class User:
    """Another process that uses the server until it is told to end."""

    def __init__(self, data_dir: Path) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-c", USER, str(data_dir)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )

    def url(self) -> str:
        assert self.process.stdout is not None
        return self.process.stdout.readline().strip()

    def end(self) -> None:
        self.process.communicate("", timeout=40)

    def kill(self) -> None:
        self.process.kill()
        self.process.communicate()


@pytest.fixture
def data_dir(tmp_path: Path) -> Iterator[Path]:
    yield tmp_path / "data"
    clear_away(tmp_path)


@pytest.fixture
def ran_before(data_dir: Path) -> None:
    """There is data already: what is told of a server is not how it is set up."""
    furnish(data_dir)


@pytest.fixture
def user(data_dir: Path) -> Iterator[User]:
    other = User(data_dir)
    yield other
    other.kill()


def eventually[T](find: Callable[[], T | None], seconds: float = 30) -> T:
    """What `find` gives as soon as it gives anything."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        with contextlib.suppress(psycopg.Error, OSError):
            if (found := find()) is not None:
                return found
        time.sleep(0.02)
    raise AssertionError("it never came")


def server_pid(data_dir: Path) -> int:
    return int((data_dir / "postgres/cluster/postmaster.pid").read_text().split("\n", 1)[0])


def parent_of(pid: int) -> int:
    return int(Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[1])


def is_running(pid: int) -> bool:
    """A zombie that nobody reaps is not running."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] != "Z"
    except OSError:
        return False


def ended(pid: int) -> Callable[[], bool | None]:
    return lambda: None if is_running(pid) else True


def add_row(url: str) -> None:
    with psycopg.connect(url) as connection:
        connection.execute("create table if not exists rows (id int generated always as identity)")
        connection.execute("insert into rows default values")


def count_rows(url: str) -> int:
    with psycopg.connect(url) as connection:
        row = connection.execute("select count(*) from rows").fetchone()
        assert row is not None
        return int(row[0])


def knows_case_beyond_ascii(url: str) -> bool:
    with psycopg.connect(url) as connection:
        return connection.execute("select lower('ÄÖÜ') = 'äöü'").fetchone() == (True,)


def test_the_last_one_to_release_it_stops_the_server_and_rows_and_letters_stay(data_dir: Path, user: User) -> None:
    add_row(user.url())
    url = embedded_postgres.ensure(data_dir, database="house")
    pid = server_pid(data_dir)

    user.end()
    assert is_running(pid)
    embedded_postgres.release(data_dir)

    assert not is_running(pid)
    assert embedded_postgres.ensure(data_dir, database="house") == url
    assert count_rows(url) == 1
    assert knows_case_beyond_ascii(url)


@pytest.mark.usefixtures("ran_before")
def test_a_killed_user_takes_the_server_along_and_the_next_one_starts_it(data_dir: Path, user: User) -> None:
    add_row(user.url())
    pid = server_pid(data_dir)

    user.kill()
    eventually(ended(pid))

    assert count_rows(embedded_postgres.ensure(data_dir, database="house")) == 1


@pytest.mark.usefixtures("ran_before")
def test_a_start_right_after_a_killed_user_works(data_dir: Path, user: User) -> None:
    add_row(user.url())

    user.kill()

    assert count_rows(embedded_postgres.ensure(data_dir, database="house")) == 1


@pytest.mark.usefixtures("ran_before")
def test_a_killed_server_is_started_again_while_somebody_uses_it(data_dir: Path) -> None:
    url = embedded_postgres.ensure(data_dir, database="house")
    add_row(url)
    pid = server_pid(data_dir)

    os.kill(pid, signal.SIGKILL)
    eventually(ended(pid))

    assert eventually(lambda: count_rows(url)) == 1
    assert server_pid(data_dir) != pid


@pytest.mark.usefixtures("ran_before")
@pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells a child of its parent's death")
def test_a_killed_keeper_is_replaced_while_somebody_uses_the_server(data_dir: Path) -> None:
    url = embedded_postgres.ensure(data_dir, database="house")
    add_row(url)
    pid = server_pid(data_dir)

    os.kill(parent_of(pid), signal.SIGKILL)
    eventually(ended(pid))

    assert eventually(lambda: count_rows(url)) == 1


@pytest.mark.usefixtures("ran_before")
def test_everything_killed_at_once_hinders_nobody(data_dir: Path, user: User) -> None:
    add_row(user.url())
    pid = server_pid(data_dir)
    keeper = parent_of(pid)

    for victim in (keeper, pid):
        os.kill(victim, signal.SIGKILL)
    user.kill()

    assert count_rows(embedded_postgres.ensure(data_dir, database="house")) == 1


def test_a_start_killed_while_it_sets_up_hinders_nobody(data_dir: Path, user: User) -> None:
    eventually(lambda: next((data_dir / "postgres").glob("cluster.new-*"), None))
    user.kill()

    add_row(embedded_postgres.ensure(data_dir, database="house"))

    assert not list((data_dir / "postgres").glob("cluster.new-*"))


@pytest.mark.usefixtures("ran_before")
def test_a_number_in_the_pid_file_that_a_stranger_has_now_hinders_nobody(data_dir: Path) -> None:
    url = embedded_postgres.ensure(data_dir, database="house")
    add_row(url)
    pid_file = data_dir / "postgres/cluster/postmaster.pid"
    left_behind = pid_file.read_text().split("\n", 1)[1]
    embedded_postgres.release(data_dir)
    pid_file.write_text(f"{os.getpid()}\n{left_behind}")

    assert count_rows(embedded_postgres.ensure(data_dir, database="house")) == 1


def test_two_that_start_at_once_share_one_server(data_dir: Path) -> None:
    users = [User(data_dir), User(data_dir)]
    try:
        first, second = (user.url() for user in users)
        assert first == second
        add_row(first)
        assert count_rows(second) == 1
    finally:
        for user in users:
            user.kill()


def test_two_folders_do_not_know_each_other(data_dir: Path, tmp_path: Path) -> None:
    url = embedded_postgres.ensure(data_dir, database="house")
    other = embedded_postgres.ensure(furnish(tmp_path / "other"), database="house")
    add_row(url)

    embedded_postgres.release(data_dir)

    add_row(other)
    assert count_rows(other) == 1


def test_any_name_of_a_folder_will_do(data_dir: Path) -> None:
    url = embedded_postgres.ensure(data_dir / f"größe, 100% {'long' * 30}", database="house")
    add_row(url)

    assert count_rows(url) == 1


@pytest.mark.skipif(os.geteuid() != 0, reason="only root may enter what others may not")
def test_root_in_a_private_folder_keeps_the_data_elsewhere_and_opens_nothing(data_dir: Path) -> None:
    data_dir.mkdir(mode=0o700)
    add_row(embedded_postgres.ensure(data_dir, database="house"))
    embedded_postgres.release(data_dir)

    assert count_rows(embedded_postgres.ensure(data_dir, database="house")) == 1
    assert (data_dir / "postgres").is_symlink()
    assert data_dir.stat().st_mode & 0o777 == 0o700


@pytest.mark.usefixtures("ran_before")
def test_data_of_another_version_is_refused_with_a_reason(data_dir: Path) -> None:
    embedded_postgres.ensure(data_dir)
    embedded_postgres.release(data_dir)
    (data_dir / "postgres/cluster/PG_VERSION").write_text("12\n")

    with pytest.raises(EmbeddedPostgresError, match="PostgreSQL 12"):
        embedded_postgres.ensure(data_dir)


def test_a_folder_that_cannot_be_made_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")

    with pytest.raises(EmbeddedPostgresError, match="file"):
        embedded_postgres.ensure(tmp_path / "file")
