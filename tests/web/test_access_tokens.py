"""JWTs: one algorithm, one issuer, one audience, a quarter of an hour."""

from __future__ import annotations

import base64
import hashlib
import json
import time
from typing import Any

import jwt
import pytest
from jwt.warnings import InsecureKeyLengthWarning

from myapp.config import DEVELOPMENT_SECRET, Settings
from myapp.kit.clock import new_id
from myapp.web.api.access_tokens import LIFETIME, AccessTokens

USER, FAMILY = new_id(), new_id()
KEY = hashlib.sha256(b"access token\0" + DEVELOPMENT_SECRET.encode()).digest()


def tokens(**variables: str) -> AccessTokens:
    return AccessTokens(Settings.model_validate(variables))


def claims(**changes: Any) -> dict[str, Any]:
    moment = int(time.time())
    site = "http://localhost:3000"
    good = {"iss": site, "aud": f"{site}/api", "sub": str(USER), "sid": str(FAMILY), "iat": moment, "exp": moment + 60}
    return {name: value for name, value in (good | changes).items() if value is not None}


def test_a_token_says_which_log_in_it_belongs_to_for_15_minutes() -> None:
    token = tokens().write(USER, FAMILY)
    assert tokens().read(token) == FAMILY
    said = jwt.decode(token, options={"verify_signature": False})
    assert said["exp"] - said["iat"] == LIFETIME == 900
    assert said["sub"] == str(USER)


def test_what_this_test_signs_itself_is_read() -> None:
    """Else the refusals below would prove nothing."""
    assert tokens().read(jwt.encode(claims(), KEY, "HS256")) == FAMILY


@pytest.mark.parametrize(
    "changes",
    [
        {"exp": int(time.time()) - 1},
        {"exp": None},
        {"iat": None},
        {"iat": int(time.time()) + 24 * 3600},
        {"iss": "https://evil.example"},
        {"iss": None},
        {"aud": "http://localhost:3000"},
        {"aud": ["http://localhost:3000/api", "https://evil.example"]},
        {"aud": None},
        {"sub": None},
        {"sid": None},
        {"sid": "x"},
        {"sid": 7},
        {"sid": ["x"]},
    ],
)
def test_a_token_with_other_claims_is_worth_nothing(changes: dict[str, Any]) -> None:
    assert tokens().read(jwt.encode(claims(**changes), KEY, "HS256")) is None


def test_no_other_algorithm_is_taken_whatever_the_header_says() -> None:
    with pytest.warns(InsecureKeyLengthWarning):
        assert tokens().read(jwt.encode(claims(), KEY, "HS384")) is None
    assert tokens().read(jwt.encode(claims(), "", "none")) is None
    head, body, signature = jwt.encode(claims(), KEY, "HS256").split(".")
    for algorithm in ("none", "None", "", "RS256"):
        forged = base64.urlsafe_b64encode(json.dumps({"alg": algorithm, "typ": "JWT"}).encode()).rstrip(b"=").decode()
        for end in ("", signature):
            assert tokens().read(f"{forged}.{body}.{end}") is None
    assert tokens().read(f"{head}.{body}.{signature[:-2]}") is None


def test_the_secret_itself_signs_nothing_and_no_other_secret_does() -> None:
    assert tokens().read(jwt.encode(claims(), DEVELOPMENT_SECRET, "HS256")) is None
    assert tokens(SECRET_KEY="z" * 40).read(tokens().write(USER, FAMILY)) is None
    assert tokens(PUBLIC_URL="https://example.org").read(tokens().write(USER, FAMILY)) is None


@pytest.mark.parametrize("text", ["", "x", "a.b.c", "\0", "é" * 4000, "." * 4000, "[]", "eyJhbGciOiJIUzI1NiJ9..x"])
def test_what_is_no_token_is_worth_nothing(text: str) -> None:
    assert tokens().read(text) is None
