"""`python -m myapp attach`: look into a process that runs on this machine, as its user."""

from __future__ import annotations

import ast
import codeop
import sys
from typing import Annotated

import typer

from myapp.config import load_settings
from myapp.kit.console import Connection, ConsoleError, processes

commands = typer.Typer()


@commands.command()
def attach(
    code: Annotated[str | None, typer.Option("--eval", "-e", help="Run this, show what comes of it, and go.")] = None,
    pid: Annotated[int | None, typer.Option(help="Which process, where there are several.")] = None,
) -> None:
    """Type Python that runs in the running application: help() says what there is. Everything typed is logged."""
    data_dir = load_settings().data_dir
    with Connection(data_dir, _chosen(pid, processes(data_dir))) as connection:
        if code is not None or not sys.stdin.isatty():
            _once(connection, sys.stdin.read() if code is None else code)
        else:
            _converse(connection)


def _chosen(pid: int | None, found: list[int]) -> int:
    if pid is not None:
        return pid
    if not found:
        raise ConsoleError("no process runs here: MYAPP_DATA_DIR says where to look")
    if len(found) > 1:
        raise ConsoleError(f"several processes run here, choose one by --pid: {', '.join(map(str, found))}")
    return found[0]


def _once(connection: Connection, code: str) -> None:
    answer = connection.ask(code)
    typer.echo(answer["text"], err=answer["is_error"])
    if answer["is_error"]:
        raise typer.Exit(1)


def _converse(connection: Connection) -> None:
    import readline  # noqa: F401, PLC0415 - gives `input` its keys, where there is somebody to press them

    typer.echo(f"Attached to process {connection.pid}. help() says what there is; Ctrl-D goes.")
    while (code := _typed()) is not None:
        if code.strip():
            answer = connection.ask(code)
            typer.echo(answer["text"], err=answer["is_error"])


def _typed() -> str | None:
    """A line, or several where it goes on; None at the end."""
    lines: list[str] = []
    while True:
        try:
            lines.append(input("... " if lines else ">>> "))
        except EOFError:
            typer.echo()
            return None
        code = "\n".join(lines)
        if is_whole(code):
            return code


def is_whole(code: str) -> bool:
    """Whether it can be run as it is, or never; else more lines are to come.

    >>> is_whole("await health.report()"), is_whole("for each in logs.errors():")
    (True, False)
    """
    compiler = codeop.CommandCompiler()
    compiler.compiler.flags |= ast.PyCF_ALLOW_TOP_LEVEL_AWAIT
    try:
        return compiler(code, "<attached>") is not None
    except (SyntaxError, ValueError, OverflowError):
        return True
