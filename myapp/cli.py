"""The command line, `python -m myapp serve | build | migrate | seed | db …`: a command reads the settings and acts.

What always holds: what a person got wrong is one line on the error stream, with exit code 2 for settings and 1 for the
rest; anything else is a bug and keeps its traceback.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from typing import Annotated, Any

import typer
from fastapi.routing import iter_route_contexts

from myapp import application, bundle, database, seeds, server
from myapp.config import ConfigError, load_settings
from myapp.kit import catalogues, databases, migration_check, migrations
from myapp.kit.databases import DatabaseError
from myapp.kit.errors import AppError

app = typer.Typer(add_completion=False, no_args_is_help=True, pretty_exceptions_enable=False, help="MyApp")
db = typer.Typer(no_args_is_help=True, help="Make, migrate and drop the database.")
app.add_typer(db, name="db")


def main() -> None:
    """Run the command that the arguments name."""
    try:
        app()
    except ConfigError as error:
        _fail(str(error), 2)
    except (DatabaseError, server.ServeError, AppError) as error:
        _fail(str(error), 1)


def _in_application[T](work: Callable[[], Coroutine[Any, Any, T]]) -> T:
    """Run `work` with the database and PubSub, as a page's handler has them."""

    async def run() -> T:
        async with application.running(load_settings(), "command"):
            return await work()

    return asyncio.run(run())


def _fail(sentence: str, code: int) -> None:
    typer.echo(sentence, err=True)
    raise SystemExit(code)


@app.command()
def serve() -> None:
    """Migrate, build the pages if they changed, and serve pages, API and sockets on one port."""
    server.serve(load_settings(), typer.echo)


@app.command()
def build() -> None:
    """Build the pages, unless they fit the sources already."""
    typer.echo("The pages are built." if bundle.build(load_settings()) else "The pages fit the sources already.")


@app.command()
def migrate() -> None:
    """Bring the database up to date; the same as `db migrate`."""
    database.prepare(load_settings())


@app.command()
def seed() -> None:
    """Fill an empty database with the demonstration."""
    loaded = _in_application(seeds.load)
    typer.echo("The demonstration is loaded." if loaded else "There is something already: nothing was loaded.")


@app.command()
def routes() -> None:
    """List the pages and the HTTP endpoints."""
    from myapp.myapp import api  # noqa: PLC0415 - the pages take a second to import, and only this command needs them
    from myapp.web.router import PAGES  # noqa: PLC0415

    for page in PAGES:
        typer.echo(f"{'page':8}{page.route:44}{page.guard.name.lower()}")
    for route in iter_route_contexts(api.routes):
        typer.echo(f"{','.join(sorted(route.methods or ())):8}{route.path or '':44}{route.name}")


@db.command("create")
def create_database() -> None:
    """Make the database if it is missing."""
    url = database.address(load_settings())
    made = databases.create(url)
    typer.echo(f"The database {databases.name_of(url)} {'is made' if made else 'was there already'}.")


@db.command("migrate")
def migrate_database() -> None:
    """Bring the database up to date."""
    migrate()


@db.command("rollback")
def roll_back(steps: Annotated[int, typer.Option(min=1, help="How many migrations to undo.")] = 1) -> None:
    """Undo the last migration."""
    migrations.downgrade(database.address(load_settings()), f"-{steps}")


@db.command("check")
def check_migrations() -> None:
    """Go up, down and up again on a database made for it; compare it with the models; refuse locks."""
    with databases.scratch(database.address(load_settings())) as url:
        _report(migration_check.problems(url))


@app.command()
def messages(
    check: Annotated[bool, typer.Option("--check", help="Change nothing; fail if a text is missing.")] = False,
) -> None:
    """Bring the catalogues of texts up to date with the code."""
    if check:
        _report(catalogues.problems())
    else:
        for path in catalogues.update():
            typer.echo(f"Changed {path}")


def _report(problems: list[str]) -> None:
    for problem in problems:
        typer.echo(problem, err=True)
    if problems:
        raise typer.Exit(1)


@db.command("reset")
def reset(
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
) -> None:
    """Drop the database, make it again and migrate it; in development, load the demonstration."""
    settings = load_settings()
    url = database.address(settings)
    if not yes:
        typer.confirm(f"Everything in {databases.name_of(url)} will be gone. Go on?", abort=True)
    databases.drop(url)
    databases.create(url)
    migrations.upgrade(url)
    if settings.env == "development":
        seed()
