"""The command line: `python -m myapp serve | worker | db … | import …`. A command reads the settings and acts.

What always holds: what a person got wrong is one line on the error stream, with exit code 2 for settings and 1 for the
rest; anything else is a bug and keeps its traceback.
"""

from __future__ import annotations

from typing import NoReturn

import typer

from myapp.cli import attach, db, product, transfer
from myapp.config import ConfigError
from myapp.kit.console import ConsoleError
from myapp.kit.databases import DatabaseError
from myapp.kit.errors import AppError
from myapp.kit.listening import NoPortError
from myapp.kit.supervisor import GaveUp
from myapp.server import ServeError

app = typer.Typer(add_completion=False, no_args_is_help=True, pretty_exceptions_enable=False, help="MyApp")
app.add_typer(product.commands)
app.add_typer(attach.commands)
app.add_typer(db.commands, name="db", help="Make, migrate, check and drop the database.")
app.add_typer(transfer.import_commands, name="import", help="Bring posts in; what is in already stays as it is.")
app.add_typer(transfer.export_commands, name="export", help="Take posts out.")


def main() -> NoReturn:
    """Run the command that the arguments name."""
    try:
        app()
    except ConfigError as error:
        _fail(str(error), 2)
    except (ConsoleError, DatabaseError, NoPortError, ServeError, GaveUp, AppError) as error:
        _fail(str(error), 1)
    except KeyboardInterrupt:
        _fail("Stopped.", 130)
    raise SystemExit(0)


def _fail(sentence: str, code: int) -> NoReturn:
    typer.echo(sentence, err=True)
    raise SystemExit(code)
