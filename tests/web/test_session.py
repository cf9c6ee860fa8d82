"""The session cookie, and what a state knows about its address."""

from __future__ import annotations

import time
from uuid import UUID, uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from myapp.config import Settings
from myapp.web.session import LIFETIME, TOKEN_LIFETIME, Session, SessionCookie, arguments, back_to

USER = UUID("01890000-0000-7000-8000-000000000001")


def cookie_with(**variables: str) -> SessionCookie:
    return SessionCookie(Settings.model_validate(variables))


def test_a_cookie_says_who_it_was_written_for():
    cookie = cookie_with()
    session = cookie.read(cookie.write(USER))
    assert session is not None
    assert session.user_id == USER


def test_a_cookie_of_another_secret_is_nobody():
    written = cookie_with(SECRET_KEY="a" * 40).write(USER)
    assert cookie_with(SECRET_KEY="b" * 40).read(written) is None


def test_a_token_stands_for_its_session_and_for_no_cookie():
    cookie = cookie_with()
    session = cookie.read(cookie.write(USER))
    assert session is not None
    token = cookie.write_token(session)
    assert cookie.read_token(token) == session
    assert cookie.read(token) is None
    assert cookie.read_token(cookie.write(USER)) is None
    assert cookie_with(SECRET_KEY="b" * 40).read_token(token) is None


def test_an_old_token_is_worth_nothing(monkeypatch: pytest.MonkeyPatch):
    cookie = cookie_with()
    token = cookie.write_token(Session(USER, 0))
    later = time.time() + TOKEN_LIFETIME + 1
    monkeypatch.setattr(time, "time", lambda: later)
    assert cookie.read_token(token) is None


@given(position=st.integers(0, 200), letter=st.characters(codec="utf-8"))
def test_a_cookie_with_one_letter_changed_is_nobody(position: int, letter: str):
    cookie = cookie_with()
    value = cookie.write(USER)
    position %= len(value)
    changed = value[:position] + letter + value[position + 1 :]
    session = cookie.read(changed)
    assert session is None or session.user_id == USER  # the last bits of base64 carry nothing


@given(st.text())
def test_any_text_is_read_without_an_error(text: str):
    assert cookie_with().read(text) is None
    assert cookie_with().of(f"session={text}; theme=dark") is None


def test_an_old_cookie_is_nobody(monkeypatch: pytest.MonkeyPatch):
    cookie = cookie_with()
    value = cookie.write(USER)
    later = time.time() + LIFETIME + 1
    monkeypatch.setattr(time, "time", lambda: later)
    assert cookie.read(value) is None


def test_a_cookie_from_the_future_is_nobody(monkeypatch: pytest.MonkeyPatch):
    cookie = cookie_with()
    value = cookie.write(USER)
    earlier = time.time() - 60
    monkeypatch.setattr(time, "time", lambda: earlier)
    assert cookie.read(value) is None


def test_the_session_is_found_among_other_cookies():
    cookie = cookie_with()
    session = cookie.of(f"theme=dark; session={cookie.write(USER)}; locale=de")
    assert session is not None
    assert session.user_id == USER


def test_two_people_never_share_a_cookie():
    cookie = cookie_with()
    assert cookie.write(uuid4()) != cookie.write(uuid4())


def test_the_cookie_is_secure_where_the_site_is():
    assert cookie_with(PUBLIC_URL="https://example.org").is_secure
    assert not cookie_with(PUBLIC_URL="http://localhost:3000").is_secure


@pytest.mark.parametrize(
    ("wanted", "goes_to"),
    [
        ("/o/demo/posts?q=a", "/o/demo/posts?q=a"),
        ("//evil.example", "/"),
        ("/\\evil.example", "/"),
        ("https://evil.example/o/demo", "/"),
        ("javascript:alert(1)", "/"),
        ("/o/demo\r\nset-cookie: a=b", "/"),
        ("", "/"),
    ],
)
def test_one_comes_back_to_this_site_only(wanted: str, goes_to: str):
    assert back_to(wanted) == goes_to


def test_arguments_of_an_address_are_unquoted():
    found = arguments("/o/[org_slug]/posts/[post_slug]/edit", "/o/demo/posts/caf%C3%A9-%2F/edit")
    assert found == {"org_slug": "demo", "post_slug": "café-/"}
