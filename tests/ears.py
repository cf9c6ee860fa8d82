"""Handlers of telemetry that note what they are told."""

from __future__ import annotations

from collections.abc import Generator
from contextlib import contextmanager
from typing import Any, NamedTuple

from myapp.kit import telemetry
from myapp.kit.telemetry import Measurements, Metadata


class Told(NamedTuple):
    """One event."""

    event: str
    measurements: dict[str, float]
    metadata: dict[str, Any]


class Ear:
    """Attach it to what is to be heard."""

    def __init__(self) -> None:
        self.heard: list[Told] = []

    def __call__(self, event: str, measurements: Measurements, metadata: Metadata) -> None:
        self.heard.append(Told(event, dict(measurements), dict(metadata)))

    @property
    def events(self) -> list[str]:
        return [told.event for told in self.heard]

    def of(self, event: str, **metadata: object) -> list[Told]:
        """What was told of an event, with these among its metadata."""
        return [each for each in self.heard if each.event == event and each.metadata == {**each.metadata, **metadata}]


@contextmanager
def hearing(*events: str) -> Generator[Ear]:
    """An ear that hears these within the block."""
    ear = Ear()
    with telemetry.attached("ear", events, ear):
        yield ear
