"""The session cookie, and what a state knows about its address."""

from __future__ import annotations

import time
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st
from starlette.responses import Response

from myapp.accounts import StartedSession
from myapp.config import Settings
from myapp.web.session import TOKEN_LIFETIME, SessionCookie, arguments, back_to

SESSION = UUID("01890000-0000-7000-8000-000000000001")


def cookie_with(**variables: str) -> SessionCookie:
    return SessionCookie(Settings.model_validate(variables))


def set_cookie(cookie: SessionCookie, *, max_age: int | None = None) -> str:
    response = Response()
    cookie.set(response, StartedSession(SESSION, SESSION, "a-token", max_age))
    return response.headers["set-cookie"].lower()


def test_scripts_and_other_sites_do_not_get_at_the_cookie():
    written = set_cookie(cookie_with())
    assert written.startswith("session=a-token;")
    assert "httponly" in written
    assert "samesite=lax" in written
    assert "path=/" in written


def test_who_is_not_remembered_is_forgotten_with_the_browser():
    assert "max-age" not in set_cookie(cookie_with())
    assert "max-age=600" in set_cookie(cookie_with(), max_age=600)


def test_on_a_secure_site_the_cookie_is_secure_and_of_this_very_host():
    cookie = cookie_with(PUBLIC_URL="https://example.org")
    written = set_cookie(cookie)
    assert written.startswith("__host-session=")
    assert "secure" in written
    assert cookie.token_in("session=planted; __Host-session=ours") == "ours"
    assert cookie.token_in("session=planted") is None
    assert "secure" not in set_cookie(cookie_with(PUBLIC_URL="http://localhost:3000"))


def test_a_token_stands_for_its_session():
    cookie = cookie_with()
    token = cookie.write_token(SESSION)
    assert cookie.read_token(token) == SESSION
    assert cookie_with(SECRET_KEY="b" * 40).read_token(token) is None


@pytest.mark.parametrize("seconds", [TOKEN_LIFETIME + 1, -120])
def test_a_token_that_is_old_or_of_the_future_is_worth_nothing(monkeypatch: pytest.MonkeyPatch, seconds: int):
    cookie = cookie_with()
    token = cookie.write_token(SESSION)
    moment = time.time() + seconds
    monkeypatch.setattr(time, "time", lambda: moment)
    assert cookie.read_token(token) is None


@given(position=st.integers(0, 200), letter=st.characters(codec="utf-8"))
def test_a_token_with_one_letter_changed_is_worth_nothing(position: int, letter: str):
    cookie = cookie_with()
    value = cookie.write_token(SESSION)
    position %= len(value)
    changed = value[:position] + letter + value[position + 1 :]
    assert cookie.read_token(changed) in {None, SESSION}  # the last bits of base64 carry nothing


@given(st.text())
def test_any_text_is_read_without_an_error(text: str):
    assert cookie_with().read_token(text) is None
    cookie_with().token_in(f"session={text}; theme=dark")


def test_the_session_is_found_among_other_cookies():
    assert cookie_with().token_in("theme=dark; session=x; locale=de") == "x"


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
        ("/log-in", "/"),
        ("/log-in?back=%2Fo%2Fdemo", "/"),
        ("/register?sent=1", "/"),
        ("/reset/some-link", "/"),
        ("/registers", "/registers"),
    ],
)
def test_one_comes_back_to_this_site_only_and_to_no_page_where_people_come_in(wanted: str, goes_to: str):
    assert back_to(wanted) == goes_to


def test_arguments_of_an_address_are_unquoted():
    found = arguments("/o/[org_slug]/posts/[post_slug]/edit", "/o/demo/posts/caf%C3%A9-%2F/edit")
    assert found == {"org_slug": "demo", "post_slug": "café-/"}
