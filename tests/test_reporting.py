"""Whom the settings name is sent what the running application does."""

from __future__ import annotations

import asyncio
import socket

import pytest
from sqlmodel import select

from myapp.application import running
from myapp.config import ConfigError, Settings, load_settings
from myapp.kit import telemetry
from myapp.kit.audit import AuditLog
from myapp.kit.repo import transaction
from tests.factories import SYSTEM


@pytest.fixture
def settings(database_url: str, monkeypatch: pytest.MonkeyPatch) -> Settings:
    monkeypatch.setenv("DATABASE_URL", database_url)
    monkeypatch.setenv("MYAPP_ENV", "test")
    return load_settings()


async def ask() -> None:
    async with transaction(SYSTEM) as session:
        await session.exec(select(AuditLog.id))


def heard_by(server: socket.socket, words: str) -> str:
    """The packet that has these words in it; those before it are of something else."""
    while words not in (packet := server.recv(65536).decode()):
        pass
    return packet


async def test_statsd_hears_of_the_queries_of_the_application(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as server:
        server.bind(("127.0.0.1", 0))
        server.settimeout(10)
        monkeypatch.setenv("STATSD_URL", f"statsd://127.0.0.1:{server.getsockname()[1]}")
        async with running(load_settings(), "command"):
            await ask()
        heard = await asyncio.to_thread(heard_by, server, "myapp.repo.query.duration.audit_logs.select:")
    assert heard.startswith("myapp.")


async def test_a_collector_has_traces_only_where_one_is_named(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with running(settings, "command"):
        assert not telemetry.is_attached("http.request.start")
    monkeypatch.setenv("OTEL_EXPORTER_OTLP_ENDPOINT", "http://127.0.0.1:9")
    async with running(load_settings(), "command"):
        assert telemetry.is_attached("http.request.start")
    assert not telemetry.is_attached("http.request.start")


async def test_what_the_running_application_does_is_there_for_charts(settings: Settings) -> None:
    async with running(settings, "command"):
        await ask()
        whole = telemetry.store().tracks["repo.query.duration"].whole()
    assert ("audit_logs", "select") in whole


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("STATSD_URL", "http://statsd:8125"),
        ("STATSD_URL", "statsd://"),
        ("OTEL_EXPORTER_OTLP_ENDPOINT", "collector:4318"),
        ("METRICS_TOKEN", "short"),
    ],
)
def test_what_cannot_be_right_is_one_line_that_names_it(monkeypatch: pytest.MonkeyPatch, name: str, value: str) -> None:
    monkeypatch.setenv(name, value)
    with pytest.raises(ConfigError, match=name):
        load_settings()
