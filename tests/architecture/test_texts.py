"""Every text a person reads is in the catalogues."""

from __future__ import annotations

from myapp.kit import catalogues


def test_the_catalogues_are_complete() -> None:
    assert catalogues.problems() == [], "run: python -m myapp messages extract"
