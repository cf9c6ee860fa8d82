"""Settings: what the environment may say, and the one line people get when it is wrong."""

from __future__ import annotations

import os
import re
from pathlib import Path

import pytest

from myapp.config import ROOT, ConfigError, Settings, load_settings

SECRET = "a-secret-of-their-own-that-is-long-enough"


@pytest.fixture(autouse=True)
def _bare_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for field in Settings.model_fields.values():
        monkeypatch.delenv(str(field.validation_alias), raising=False)


def test_nothing_needs_to_be_set_for_development() -> None:
    settings = load_settings()

    assert (settings.env, settings.port, settings.data_dir) == ("development", 3000, ROOT / ".data")
    assert (settings.public_url, settings.database_url) == ("http://localhost:3000", None)


def test_an_empty_variable_counts_as_unset(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MYAPP_PORT", "")

    assert load_settings().port == 3000


def test_the_public_url_follows_the_port(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MYAPP_PORT", "3911")

    assert load_settings().public_url == "http://localhost:3911"


def test_mail_comes_from_the_public_host_unless_it_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PUBLIC_URL", "https://house.example:8443")
    assert load_settings().mail_from == "MyApp <no-reply@house.example>"

    monkeypatch.setenv("MAIL_FROM", "ada@example.org")
    assert load_settings().mail_from == "ada@example.org"


@pytest.mark.parametrize(
    ("said", "queues"),
    [("none", {}), ("mailers=20", {"mailers": 20}), (" mailers = 2 , imports=1", {"mailers": 2, "imports": 1})],
)
def test_a_process_serves_the_queues_it_is_told(
    monkeypatch: pytest.MonkeyPatch, said: str, queues: dict[str, int]
) -> None:
    assert load_settings().queues == {
        "default": 10, "mailers": 20, "reports": 5, "imports": 2, "exports": 5, "analytics": 10,
    }  # fmt: skip
    monkeypatch.setenv("JOB_QUEUES", said)
    assert load_settings().queues == queues


@pytest.mark.parametrize("scheme", ["postgres", "postgresql", "postgresql+psycopg"])
def test_every_spelling_of_a_postgresql_url_is_the_same(monkeypatch: pytest.MonkeyPatch, scheme: str) -> None:
    monkeypatch.setenv("DATABASE_URL", f"{scheme}://ada@db.example/house")

    assert load_settings().database_url == "postgresql://ada@db.example/house"


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("MYAPP_ENV", "staging"),
        ("MYAPP_PORT", "http"),
        ("MYAPP_PORT", "70000"),
        ("MYAPP_DATA_DIR", __file__),
        ("PUBLIC_URL", "example.org"),
        ("PUBLIC_URL", "https://example.org/blog"),
        ("SECRET_KEY", "short"),
        ("DATABASE_URL", "mysql://ada:s3cret@db/house"),
        ("DATABASE_URL", "postgresql://ada:s3cret@db:port/house"),
        ("DATABASE_URL", "postgresql://ada:s3cret@db/house?colour=red"),
        ("DATABASE_URL", "host=db user=ada password=s3cret"),
        ("POOL_SIZE", "0"),
        ("REDIS_URL", "localhost:6379"),
        ("SMTP_URL", "mail.example:25"),
        ("SMTP_URL", "smtp://"),
        ("SMTP_URL", "smtp://ada:s3cret@:587"),
        ("MAIL_FROM", "MyApp"),
        ("MAIL_FROM", "MyApp <no-reply@example.org>\nBcc: all@example.org"),
        ("LOG_LEVEL", "loud"),
        ("TRUSTED_PROXIES", "proxy.example"),
        ("TRUSTED_PROXIES", "127.0.0.1,"),
        ("TRUSTED_PROXIES", "10.0.0.1/8"),
        ("TRUSTED_PROXIES", "*"),
        ("JOB_QUEUES", "mailers"),
        ("JOB_QUEUES", "mailers=0"),
        ("JOB_QUEUES", "mailers=2,=3"),
        ("JOB_QUEUES", "mailers=2,emports=3"),
    ],
)
def test_a_wrong_variable_is_one_line_that_names_it_and_keeps_secrets(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str
) -> None:
    monkeypatch.setenv(name, value)

    with pytest.raises(ConfigError) as caught:
        load_settings()

    line = str(caught.value)
    assert line.startswith(f"{name}: ")
    assert "\n" not in line
    assert "s3cret" not in line


def test_production_refuses_the_default_secret_and_the_embedded_database_and_needs_a_way_for_mail(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("MYAPP_ENV", "production")

    with pytest.raises(ConfigError) as caught:
        load_settings()

    assert "SECRET_KEY" in str(caught.value)
    assert "DATABASE_URL" in str(caught.value)
    assert "SMTP_URL" in str(caught.value)
    assert "PUBLIC_URL" in str(caught.value), "mails would lead to localhost"
    assert "\n" not in str(caught.value)


def test_production_starts_with_a_secret_a_database_a_mail_server_and_an_address_of_its_own(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("MYAPP_ENV", "production")
    monkeypatch.setenv("SECRET_KEY", SECRET)
    monkeypatch.setenv("DATABASE_URL", "postgresql://ada:pw@db/house")
    monkeypatch.setenv("SMTP_URL", "smtp://ada:pw@mail.example")
    monkeypatch.setenv("PUBLIC_URL", "https://house.example")

    assert load_settings().env == "production"


def test_secrets_are_not_in_the_repr(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SECRET_KEY", SECRET)
    monkeypatch.setenv("DATABASE_URL", "postgresql://ada:s3cret@db/house")
    monkeypatch.setenv("SMTP_URL", "smtp://ada:s3cret@mail.example")

    shown = repr(load_settings())

    assert SECRET not in shown
    assert "s3cret" not in shown


def test_what_must_stand_in_no_log_is_known_also_where_only_libraries_read_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_URL", "postgresql://ada:s3cret%2Bword@db/house")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "of-the-bucket")
    monkeypatch.setenv("OTEL_EXPORTER_OTLP_HEADERS", "api-key=of-the-collector")

    said = load_settings().secrets

    assert {"s3cret+word", "s3cret%2Bword", "of-the-bucket", "api-key=of-the-collector"} <= set(said)


def test_a_relative_data_folder_is_seen_from_where_the_command_runs(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("MYAPP_DATA_DIR", f".{os.sep}elsewhere")

    assert load_settings().data_dir == tmp_path / "elsewhere"


def test_the_table_in_readme_names_every_variable_and_no_other() -> None:
    chapter = (ROOT / "README.md").read_text(encoding="utf-8").partition("\n## Settings\n")[2].partition("\n## ")[0]
    named = re.findall(r"^\| `([A-Z_]+)` \|", chapter, re.MULTILINE)
    assert sorted(named) == sorted(str(field.validation_alias) for field in Settings.model_fields.values())
