"""What every test may ask for: a sandboxed database, a really committing one, a query count, and two people."""

from __future__ import annotations

import asyncio
import gc
import os
import sys
from collections.abc import AsyncGenerator, Callable, Generator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

import psycopg
import pytest
from argon2 import PasswordHasher
from hypothesis import settings
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from myapp.accounts import Organization, passwords
from myapp.kit import mailer, names, pubsub, rate_limit, repo, schema
from myapp.kit.pubsub import PubSub
from myapp.kit.query_log import count_queries
from myapp.kit.scope import Scope
from tests import peers
from tests.database import empty, fresh_database, sandbox, server, unordered
from tests.factories.accounts import make_member, make_organization
from tests.queue import sandbox_queue

settings.register_profile("myapp", max_examples=50, deadline=None)
settings.load_profile("myapp")


def pytest_configure() -> None:
    """What one process of the run has compiled is there for the others, also where Python is told not to keep it."""
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
    sys.dont_write_bytecode = False


@pytest.hookimpl(wrapper=True)
def pytest_collection() -> Generator[None, object, object]:
    """What is imported stays until the end: nobody has to look for garbage in it."""
    gc.disable()
    try:
        return (yield)
    finally:
        gc.freeze()
        gc.enable()


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Files that start servers are dealt out to the workers before all others: one that is left for the end takes long.

    pytest-xdist gives each worker a piece of the list.
    """
    workers = getattr(config, "workerinput", {"workercount": 1})["workercount"]
    files: dict[Path, list[pytest.Item]] = {}
    others: list[pytest.Item] = []
    for item in items:
        if item.path.parent.name == "boot":
            files.setdefault(item.path, []).append(item)
        else:
            others.append(item)
    dealt = [list[pytest.Item]() for _ in range(workers)]
    for number, file in enumerate(files.values()):
        dealt[number % workers].extend(file)
    length = len(items)
    items.clear()
    for number, hand in enumerate(dealt, 1):
        share = max(0, length * number // workers - len(items) - len(hand))
        items += [*hand, *others[:share]]
        del others[:share]


@pytest.fixture(scope="session")
def admin() -> Generator[psycopg.Connection]:
    """A connection to the tests' server, not to any test's database."""
    with server() as connection:
        yield connection


@pytest.fixture(scope="session", autouse=True)
def _cheap_hashes() -> Generator[None]:
    """A real one costs 20 ms by intention; what is about their strength has its own test."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(passwords, "HASHER", PasswordHasher(time_cost=1, memory_cost=8, parallelism=1))
        yield


@pytest.fixture(scope="session", autouse=True)
def _peers() -> Generator[None]:
    """Where other processes come from has an end."""
    yield
    peers.stop()


@pytest.fixture(scope="session")
def database_url(admin: psycopg.Connection) -> Generator[str]:
    """The URL of this worker's migrated and empty database."""
    schema.load_models()
    with fresh_database(admin, migrated=True) as url:
        yield url


@pytest.fixture
def scratch_url(admin: psycopg.Connection) -> Generator[str]:
    """The URL of a database without a single table, for tests of migrations."""
    with fresh_database(admin, migrated=False) as url:
        yield url


@pytest.fixture
def migrated_url(admin: psycopg.Connection) -> Generator[str]:
    """The URL of a migrated database of the test's own, to change the tables of."""
    with fresh_database(admin, migrated=True) as url:
        yield url


@pytest.fixture(scope="session")
async def engine(database_url: str) -> AsyncGenerator[AsyncEngine]:
    engine = repo.make_engine(database_url, on_repeats="raise")
    unordered(engine)
    yield engine
    await engine.dispose()


@pytest.fixture
async def db(engine: AsyncEngine) -> AsyncGenerator[AsyncConnection]:
    """`transaction()` works, and everything is rolled back at the end. One transaction at a time."""
    async with sandbox(engine) as connection:
        yield connection


@pytest.fixture
async def queue(db: AsyncConnection) -> AsyncGenerator[None]:
    """`drain()` of `tests/queue.py` runs the jobs of the sandbox, and Oban's own assertions see them."""
    async with sandbox_queue(db):
        yield


@pytest.fixture
async def names_held(real_db: str) -> AsyncGenerator[None]:
    """This process may hold names, as who runs an import does."""
    async with names.running(real_db):
        yield


@pytest.fixture
async def real_db(engine: AsyncEngine, database_url: str) -> AsyncGenerator[str]:
    """`transaction()` really commits, on as many connections as it likes; the rows are deleted at the end.

    For locks, races, LISTEN and other processes: the value is the database's URL.
    """
    repo.use(repo.make_sessions(engine))
    yield database_url
    repo.use(None)
    await empty(engine)


@pytest.fixture
def assert_queries() -> Callable[[int], AbstractContextManager[list[str]]]:
    """`with assert_queries(2): …` fails unless exactly that many statements are sent."""

    @contextmanager
    def check(expected: int) -> Generator[list[str]]:
        with count_queries() as statements:
            yield statements
        listed = "\n".join(statements)
        assert len(statements) == expected, f"{len(statements)} queries instead of {expected}:\n{listed}"

    return check


@pytest.fixture(autouse=True)
def hub() -> Generator[PubSub]:
    """A PubSub of the test's own, without other processes."""
    hub = PubSub()
    pubsub.use(hub)
    yield hub
    pubsub.use(None)


@pytest.fixture(autouse=True)
def _tries() -> None:
    """Nobody has tried anything yet."""
    rate_limit.use(rate_limit.OwnWindows())


@pytest.fixture(autouse=True)
def _site() -> Generator[None]:
    """Mails are written with links to it; nobody delivers them."""
    mailer.use_site("https://example.org")
    yield
    mailer.use_site(None)


@pytest.fixture(autouse=True)
async def nothing_runs_on() -> AsyncGenerator[None]:
    """A test ends what it starts: tests share the event loop, and a task left behind would disturb the next.

    What is ending, such as a message to a browser's page that was closed, is given a moment.
    """
    before = asyncio.all_tasks()
    yield
    await asyncio.sleep(0)
    left = {task for task in asyncio.all_tasks() - before - {asyncio.current_task()} if not task.done()}
    if left:
        _, left = await asyncio.wait(left, timeout=10)
    assert not left, f"still running after the test: {left}"


@pytest.fixture
async def organization(db: AsyncConnection) -> Organization:
    """A public one; a test that really commits has its own."""
    return await make_organization()


@pytest.fixture
async def ada(organization: Organization) -> Scope:
    return await make_member(organization, name="Ada")


@pytest.fixture
async def mei(organization: Organization) -> Scope:
    return await make_member(organization, name="Mei")
