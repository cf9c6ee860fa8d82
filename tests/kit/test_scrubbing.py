"""No secret stands in a log, in whatever shape somebody writes it there."""

from __future__ import annotations

import json
import logging
import subprocess
import sys
from collections.abc import Callable

import pytest
import sqlalchemy as sa
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy.exc import DBAPIError, IntegrityError

from myapp.accounts import Organization
from myapp.kit import logs, repo
from myapp.kit.logs import _scrub
from myapp.kit.logs._handler import line_of, renderer
from myapp.kit.repo import transaction
from myapp.kit.scope import Scope

SECRET = "Tr0ub4dor&3-geheim"
SAFE = "Tr0ub4dor_3-geheim"  # within headers and addresses, where the other would not stand as it is
TOKEN = "Qm9vazEtYWJjZGVmZ2hpamtsbW5vcHFyc3R1dnd4eXo"
KEY = "myapp_4fG8kQ2z_" + "aB3" * 13 + "x"
JWT = "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.c2lnbmF0dXJl"

HOSTILE = [
    f"password={SECRET!r}",
    f"the form was {{'email': 'ada@example.org', 'password': {SECRET!r}}}",
    json.dumps({"new_password": SECRET, "name": "Ada"}),
    f"Cookie: theme=dark; session={SAFE}; locale=de",
    f"Set-Cookie: __Host-session={SAFE}; HttpOnly",
    f"headers were {[(b'host', b'localhost'), (b'cookie', SAFE.encode())]}",
    f"{{'headers': {{'cookie': 'session={SAFE}'}}}}",
    f"Event(name='x', router_data={{'headers': {{'cookie': \"session={SAFE}; a=b\"}}}})",
    f"Authorization: Bearer {SAFE}",
    f"curl -H 'authorization: Bearer {SAFE}'",
    f"it showed {KEY}",
    f"it showed {JWT}",
    f"GET /reset/{TOKEN} 200",
    f"GET /log-in/{SAFE}?x=1",
    f"?next=/&token={SAFE}&x=1",
    f"could not connect to postgresql://ada:{SAFE}@db.example:5432/myapp",
    f"smtps://mailer:{SAFE}@mail.example",
    f"hash $argon2id$v=19$m=19456,t=2,p=1${SAFE}",
    f"Mail(to='ada@example.org', subject='Hello', text={SECRET!r}, html='<p>{SAFE}</p>')",
    f"api_key: {SAFE}",
    f"client_secret = {SAFE}",
    f"a bare token {TOKEN} in a sentence",
]


@pytest.mark.parametrize("words", HOSTILE)
@pytest.mark.parametrize("form", ["json", "logfmt", "text"])
def test_a_secret_in_a_message_an_argument_a_field_or_an_error_is_hidden(words: str, form: logs.Format) -> None:
    failure = (ValueError, ValueError(words), None)
    for record in (
        logging.makeLogRecord({"msg": words}),
        logging.LogRecord("x", logging.INFO, "", 1, "it was %s", (words,), None),
        logging.makeLogRecord({"msg": "x", "detail": words, "nested": {"a": [words]}}),
        logging.LogRecord("x", logging.ERROR, "", 1, "failed", (), failure),
    ):
        written = renderer(form)(line_of(record))
        for secret in (SECRET, SAFE, TOKEN, KEY, JWT):
            assert secret not in written
        assert "[hidden]" in written


@pytest.mark.parametrize(
    "name", ["password", "Cookie", "x-api-key", "authorization", "refresh_token", "html", "session"]
)
@pytest.mark.parametrize("wrap", [lambda it: it, lambda it: {"x": it}, lambda it: [it], lambda it: (1, {"y": (it,)})])
def test_what_goes_by_a_secrets_name_is_hidden_whatever_it_is(name: str, wrap: Callable[[object], object]) -> None:
    for thing in (SECRET, SECRET.encode(), {"deep": SECRET}, [SECRET]):
        for shape in ({name: thing}, (name, thing), (name.encode(), thing)):
            assert "geheim" not in repr(_scrub.value(wrap(shape)))


@given(st.text(), st.text(alphabet=st.characters(codec="ascii", exclude_categories=["C", "Z"]), min_size=1))
def test_any_password_between_any_words_is_hidden(words: str, password: str) -> None:
    hidden = _scrub.text(json.dumps({"words": words, "password": f"geheim{password}"}))

    assert "geheim" not in hidden or "geheim" in words


MISLEADING = [
    "SECRET",
    "secret:",
    "token=",
    "'token'",
    '"token":',
    "a",
    "'",
    '"',
    ":",
    ",",
    "=",
    "[",
    "{",
    "(",
    "\\",
    "b'",
    "]",
]


@given(st.lists(st.sampled_from(MISLEADING), max_size=6).map("".join))
def test_words_that_look_like_a_name_do_not_cover_the_secret_behind_them(words: str) -> None:
    pair = {"words": words, "password": "geheim"}
    for written in (json.dumps(pair), repr(pair), f"{words} password=geheim", f"{words}, password: geheim"):
        hidden = _scrub.text(written)
        assert "geheim" not in hidden
        assert _scrub.text(hidden) == hidden


@given(st.text(max_size=2000))
def test_scrubbing_twice_changes_nothing_more(words: str) -> None:
    once = _scrub.text(words)

    assert _scrub.text(once) == once


@pytest.mark.parametrize(
    "words",
    [
        "a handler failed [0c5d81a2f3e4]",
        "slow query: 120 ms: SELECT posts.id FROM posts WHERE posts.org_id = %(org_id_1)s",
        "the periodic job 'publish due posts' failed",
        "session_id=0193a5b2-7c1e-7000-8000-000000000001 user_id=0193a5b2-7c1e-7000-8000-000000000002",
        "/o/demo/posts/a-post-with-a-very-long-address-of-more-than-43-letters",
        "tests/web/test_edge.py::test_a_failure_is_noted_under_the_id_of_its_request",
    ],
)
def test_ordinary_lines_stay_as_they_are(words: str) -> None:
    assert _scrub.text(words) == words


def test_long_hostile_texts_are_scrubbed_in_time() -> None:
    """What an attacker may have logged: a quadratic pattern would take minutes for some of these."""
    for unit in ("a-", "'a", "a:", "://", "cookie", "a=", '\\"', "eyJ.", "{'"):
        _scrub.text(unit * (16_000 // len(unit)))


async def test_values_of_sql_are_in_no_line(organization: Organization) -> None:
    scope = Scope.system("a test")
    lines: list[str] = []
    for statement, values in (
        ("INSERT INTO organizations (id, slug) VALUES (gen_random_uuid(), :slug)", {"slug": SECRET}),
        ("SELECT CAST(:text AS integer)", {"text": SECRET}),
        ("SELECT 1 / (length(:text) - length(:text))", {"text": SECRET}),
    ):
        with pytest.raises(DBAPIError) as failed:
            async with transaction(scope) as session:
                await session.exec(sa.text(statement), params=values)  # type: ignore[call-overload]
        record = logging.makeLogRecord(
            {"msg": "failed", "exc_info": (DBAPIError, failed.value, failed.value.__traceback__)}
        )
        lines.append(renderer("json")(line_of(record)))

    assert len(lines) == 3
    assert [each for each in lines if SECRET in each] == []


async def test_in_production_errors_do_not_know_the_values_at_all(database_url: str) -> None:
    engine = repo.make_engine(database_url, hides_values=True)
    try:
        async with engine.connect() as connection:
            with pytest.raises(DBAPIError) as failed:
                await connection.execute(sa.text("SELECT 1 / (length(:text) - length(:text))"), {"text": SECRET})
    finally:
        await engine.dispose()

    assert not isinstance(failed.value, IntegrityError)
    assert SECRET not in str(failed.value)


OWN = """
import logging
from myapp.config import load_settings
from myapp.kit import logs
settings = load_settings()
logs.configure("info", "text", secrets=settings.secrets)
logging.getLogger("x").error("%s %s", settings.secret_key, "pg%20pw12")
"""


def test_a_process_hides_its_own_secrets_wherever_they_stand() -> None:
    variables = {"SECRET_KEY": "k" * 40, "DATABASE_URL": "postgresql://ada:pg%20pw12@localhost/x", "PATH": "/usr/bin"}
    ended = subprocess.run([sys.executable, "-c", OWN], capture_output=True, text=True, check=True, env=variables)

    assert ended.stderr.strip().endswith("x: [hidden] [hidden]")
