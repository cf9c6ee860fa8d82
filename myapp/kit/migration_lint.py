"""Refuses revisions that would stop a running site: those that lock a table while they read or rewrite it.

`squawk` reads the SQL of each revision by itself, so a table counts as new only in the revision that makes it. What it
lets through is looked for here. A revision may say why one rule does not matter to it, in the file itself:

    accepted = {"ban-drop-column": "nothing has read it since the release before"}

The safe ways (https://squawkhq.com/docs/rules): `postgresql_concurrently=True` within `autocommit_block()`;
constraints `NOT VALID`, validated in the next revision; a new column with a constant default or null.
"""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from alembic.script import Script

from myapp.kit import migrations

LOCKS = {
    "lock-table": r"LOCK (TABLE )?\w+",
    "vacuum-full": r"VACUUM \(?FULL",
    "cluster": r"CLUSTER\b",
    "truncate": r"TRUNCATE\b",
    "refresh-without-concurrently": r"REFRESH MATERIALIZED VIEW (?!CONCURRENTLY)",
}


# What stands in a function's body happens later.
BODY = re.compile(r"(\$\w*\$).*?\1", re.DOTALL)
SCHEMA = re.compile(r"(CREATE|ALTER|DROP)\b", re.IGNORECASE)
ROWS = re.compile(r"(INSERT INTO|UPDATE|DELETE FROM|WITH|MERGE INTO) +(?!alembic_version\b)", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Finding:
    """One statement that must not be; `rule` is the name that `accepted` takes."""

    rule: str
    line: str
    message: str

    def __str__(self) -> str:
        return f"{self.rule}: {self.line}: {self.message}"


def problems() -> list[str]:
    """One line for each statement of any revision that is refused."""
    return [f"{script.revision}: {found}" for script in migrations.revisions() for found in check(script)]


def check(script: Script) -> list[Finding]:
    """What is refused in one revision."""
    accepted: dict[str, str] = getattr(script.module, "accepted", {})
    start = script.down_revision or "base"
    assert isinstance(start, str)  # noqa: S101 - revisions stand in one line, `migrations.head()` sees to it
    statements = migrations.sql(start, script.revision)
    return [found for found in lint(statements) if found.rule not in accepted]


def lint(statements: str) -> list[Finding]:
    """What is refused in these SQL statements."""
    return [*_squawk(statements), *_ours(statements), *_rows(statements)]


def _squawk(statements: str) -> Iterator[Finding]:
    program = Path(sys.executable).with_name("squawk")
    command = [program, "--config", migrations.ROOT / ".squawk.toml", "--reporter", "json"]
    ran = subprocess.run(command, input=statements, capture_output=True, text=True, check=False)
    if ran.returncode not in {0, 1} or (ran.returncode == 1 and not ran.stdout):
        raise RuntimeError(f"squawk failed: {ran.stderr}")
    lines = statements.splitlines()
    found: list[dict[str, Any]] = json.loads(ran.stdout or "[]")
    for each in found:
        message = " ".join(filter(None, [each["message"], each.get("help")]))
        yield Finding(each["rule_name"], lines[int(each["line"])].strip(), message)


def _ours(statements: str) -> Iterator[Finding]:
    for line in statements.splitlines():
        for rule, pattern in LOCKS.items():
            if re.match(pattern, line.strip(), re.IGNORECASE):
                yield Finding(rule, line.strip(), "It keeps everybody else from reading or writing the table.")


def _rows(statements: str) -> Iterator[Finding]:
    """Of those that change rows: each by `migrations.in_batches`, in a revision that does nothing else."""
    split = [each.strip() for each in BODY.sub("", statements).split(";")]
    changes = [each for each in split if ROWS.match(each)]
    has_schema = any(SCHEMA.match(each) and "alembic_version" not in each for each in split)
    for each in changes:
        line = each.partition("\n")[0]
        if has_schema:
            yield Finding("rows-with-schema", line, "The schema is locked meanwhile: give it a revision of its own.")
        if not re.search(r"\bLIMIT\b", each, re.IGNORECASE):
            yield Finding("rows-at-once", line, "Take some rows with LIMIT, by `migrations.in_batches`.")
