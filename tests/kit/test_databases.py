"""Databases made, dropped and refused with a sentence."""

from __future__ import annotations

import psycopg
import pytest

from myapp.kit import databases
from myapp.kit.databases import DatabaseError


def test_a_database_is_made_once_and_dropped_while_somebody_uses_it(scratch_url: str) -> None:
    name = databases.name_of(scratch_url)
    url = scratch_url.replace(name, f"{name}%20%22odd%22")
    assert databases.create(url)
    assert not databases.create(url)

    with psycopg.connect(url):
        databases.drop(url)

    with pytest.raises(DatabaseError, match="does not exist"):
        databases.check(url)


def test_a_server_that_is_too_old_is_refused(scratch_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    databases.check(scratch_url)
    monkeypatch.setattr(databases, "MINIMUM", 99)

    with pytest.raises(DatabaseError, match="PostgreSQL 99 or later is needed"):
        databases.check(scratch_url)


def test_a_server_that_is_not_there_is_one_line_without_the_password() -> None:
    with pytest.raises(DatabaseError) as caught:
        databases.check("postgresql://ada:s3cret@127.0.0.1:1/house")

    assert "\n" not in str(caught.value)
    assert "s3cret" not in str(caught.value)


@pytest.mark.parametrize(
    ("url", "name"), [("postgresql://ada@db/house", "house"), ("postgresql://ada@db", "ada"), ("postgresql:///x", "x")]
)
def test_an_address_means_a_database(url: str, name: str) -> None:
    assert databases.name_of(url) == name
