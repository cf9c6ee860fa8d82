"""Commands for the product as a whole: serve, worker, build, migrate, seed, operator, routes, messages."""

from __future__ import annotations

from typing import Annotated

import typer
from fastapi.routing import iter_route_contexts

from myapp import accounts, bundle, database, seeds, server
from myapp.cli.running import in_application, report
from myapp.config import load_settings
from myapp.kit import catalogues
from myapp.kit.errors import NotFound
from myapp.kit.scope import Scope
from myapp.worker import work

commands = typer.Typer()


@commands.command()
def serve() -> None:
    """Migrate, build the pages if they changed, and serve pages, API and sockets on one port."""
    server.serve(load_settings(), typer.echo)


@commands.command()
def worker() -> None:
    """Do periodic work and what waits in queues, beside servers with MYAPP_MODE=web."""
    work(load_settings(), typer.echo)


@commands.command()
def build() -> None:
    """Build the pages, unless they fit the sources already."""
    typer.echo("The pages are built." if bundle.build(load_settings()) else "The pages fit the sources already.")


@commands.command()
def migrate() -> None:
    """Bring the database up to date; the same as `db migrate`."""
    database.prepare(load_settings())


@commands.command()
def seed() -> None:
    """Fill an empty database with the demonstration."""
    loaded = in_application(seeds.load)
    typer.echo("The demonstration is loaded." if loaded else "There is something already: nothing was loaded.")


@commands.command()
def operator(
    username: Annotated[str, typer.Argument(help="Whose user name or mail address it is.")],
    remove: Annotated[bool, typer.Option("--remove", help="They run the site no longer.")] = False,
) -> None:
    """Let somebody run the whole site: the first operator is made here, others on the page of all people."""
    try:
        person = in_application(
            lambda: accounts.appoint_operator(Scope.system("the command line"), username, on=not remove)
        )
    except NotFound:
        raise NotFound(f"There is nobody called {username}.") from None
    typer.echo(f"{person.name} {'does not run the site any more' if remove else 'runs the site now'}.")


@commands.command()
def routes() -> None:
    """List the pages and the HTTP endpoints."""
    from myapp.myapp import api  # noqa: PLC0415 - the pages take a second to import, and only this command needs them
    from myapp.web.router import PAGES  # noqa: PLC0415

    for page in PAGES:
        typer.echo(f"{'page':8}{page.route:44}{page.guard.name.lower()}")
    for route in iter_route_contexts(api.routes):
        typer.echo(f"{','.join(sorted(route.methods or ())):8}{route.path or '':44}{route.name}")


@commands.command()
def messages(
    check: Annotated[bool, typer.Option("--check", help="Change nothing; fail if a text is missing.")] = False,
) -> None:
    """Bring the catalogues of texts up to date with the code."""
    if check:
        report(catalogues.problems())
    else:
        for path in catalogues.update():
            typer.echo(f"Changed {path}")
