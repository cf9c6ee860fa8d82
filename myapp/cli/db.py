"""Commands for the database: `db create | migrate | rollback | reset | check`, as Ecto's mix tasks."""

from __future__ import annotations

from typing import Annotated

import typer

from myapp import database
from myapp.cli.product import migrate, seed
from myapp.cli.running import report
from myapp.config import load_settings
from myapp.kit import databases, migration_check, migrations

commands = typer.Typer(no_args_is_help=True)
commands.command("migrate", help="Bring the database up to date.")(migrate)


@commands.command()
def create() -> None:
    """Make the database if it is missing."""
    url = database.owner_address(load_settings())
    made = databases.create(url)
    typer.echo(f"The database {databases.name_of(url)} {'is made' if made else 'was there already'}.")


@commands.command()
def rollback(steps: Annotated[int, typer.Option(min=1, help="How many migrations to undo.")] = 1) -> None:
    """Undo the last migration, or the last ones."""
    migrations.downgrade(database.owner_address(load_settings()), f"-{steps}")


@commands.command()
def check() -> None:
    """Go up, down and up again on a database made for it; compare it with the models; refuse locks."""
    with databases.scratch(database.owner_address(load_settings())) as url:
        report(migration_check.problems(url))


@commands.command()
def reset(yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False) -> None:
    """Drop the database, make it again and migrate it; in development, load the demonstration."""
    settings = load_settings()
    url = database.owner_address(settings)
    if not yes:
        typer.confirm(f"Everything in {databases.name_of(url)} will be gone. Go on?", abort=True)
    databases.drop(url)
    databases.create(url)
    migrations.upgrade(url)
    if settings.env == "development":
        seed()
