"""The site at a glance: its versions, and whether this process is well."""

from __future__ import annotations

import platform
from dataclasses import dataclass
from importlib.metadata import version

from myapp.kit import health
from myapp.kit.scope import Scope
from myapp.ops import policy

_LIBRARIES = ("reflex", "uvicorn", "sqlalchemy", "sqlmodel", "psycopg", "pydantic", "oban")


@dataclass(frozen=True, slots=True)
class Version:
    """A part that this process is made of."""

    name: str
    version: str


@dataclass(frozen=True, slots=True)
class CheckResult:
    """What one check of the process's health said; `reason` is empty where all is well."""

    name: str
    reason: str
    seconds: float


async def list_versions(scope: Scope) -> list[Version]:
    """What this process is made of. Raises Forbidden, Unauthenticated."""
    policy.authorise(scope, "see_operations")
    here = [Version("Python", platform.python_version()), Version(platform.system(), platform.release())]
    return here + [Version(name, version(name)) for name in _LIBRARIES]


async def list_checks(scope: Scope) -> list[CheckResult]:
    """Whether this process can do its work, check by check. Raises Forbidden, Unauthenticated."""
    policy.authorise(scope, "see_operations")
    report = await health.report()
    return [CheckResult(each.name, each.reason, each.milliseconds / 1000) for each in report.outcomes]
