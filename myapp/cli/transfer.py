"""Commands that bring posts in and take them out: `import wordpress | markdown`, `export markdown`."""

from __future__ import annotations

import asyncio
import sys
from contextlib import suppress
from pathlib import Path
from typing import Annotated

import typer

from myapp import accounts, blog, seeds
from myapp.blog import ImportCard, ImportKind, ImportProgressed
from myapp.cli.running import in_application
from myapp.config import load_settings
from myapp.kit.errors import AppError, NotFound
from myapp.kit.names import NameLost, NamesUnreachable
from myapp.kit.scope import Scope

REASON = "command line"

import_commands = typer.Typer(no_args_is_help=True)
export_commands = typer.Typer(no_args_is_help=True)

Organization = Annotated[str, typer.Option("--org", help="The organisation, as its address has it: demo")]


@import_commands.command("wordpress")
def import_wordpress(
    file: Annotated[Path, typer.Argument(exists=True, dir_okay=False, help="An export of WordPress (WXR, .xml).")],
    org: Organization,
) -> None:
    """Import posts, pages, comments, tags and authors of a WordPress site."""
    _import(file, ImportKind.WORDPRESS, org)


@import_commands.command("markdown")
def import_markdown(
    path: Annotated[Path, typer.Argument(exists=True, help="A folder or a zip of Markdown files.")],
    org: Organization,
) -> None:
    """Import Markdown files with front matter."""
    _import(path, ImportKind.MARKDOWN, org)


@export_commands.command("markdown")
def export_markdown(
    org: Organization,
    to: Annotated[
        Path | None, typer.Option(dir_okay=False, help="Where to write the zip; <organisation>.zip if not given.")
    ] = None,
) -> None:
    """Write every post into a zip of Markdown files, which `import markdown` reads back."""
    target = to or Path(f"{org}.zip")
    in_application(lambda: _export(org, target))
    typer.echo(f"Wrote {target}")


def _import(path: Path, kind: ImportKind, org: str) -> None:
    card = in_application(lambda: _run_import(path, kind, org))
    _tell(card)
    if card.failure:
        raise typer.Exit(1)


async def _run_import(path: Path, kind: ImportKind, org: str) -> ImportCard:
    scope = await _scope(org)
    show = _show_progress if sys.stderr.isatty() else None
    try:
        return await blog.import_file(scope, path.absolute(), kind=kind, on_progress=show)
    except (NameLost, NamesUnreachable) as error:
        raise AppError(f"It was cut off, and what came in stays: import it again to go on. {error}.") from None


async def _export(org: str, target: Path) -> None:
    """Into a file beside the target first: what is there stays until the new one is whole."""
    scope = await _scope(org)
    part = target.with_name(f"{target.name}.part")
    try:
        with part.open("wb") as file:
            async for chunk in blog.export_markdown(scope):
                await asyncio.to_thread(file.write, chunk)
        part.replace(target)
    except OSError as error:
        raise AppError(f"{target} cannot be written: {error.strerror}.") from None
    finally:
        with suppress(OSError):
            part.unlink(missing_ok=True)


async def _scope(org: str) -> Scope:
    """The command line acts for the organisation itself. A developer's empty database gets its demonstration first."""
    if load_settings().env == "development":
        await seeds.load()
    try:
        organization = await accounts.get_organization_by_slug(Scope.system(REASON), org)
    except NotFound:
        raise NotFound(f"There is no organisation called {org}.") from None
    return Scope.system(REASON, organization.id)


def _show_progress(event: ImportProgressed) -> None:
    typer.echo(f"\r{event.done} of {event.total} ", nl=False, err=True)


def _tell(card: ImportCard) -> None:
    """What came in, what stayed out, and why."""
    typer.echo(f"{card.filename}: {card.status}")
    for name, count in card.counts.items():
        typer.echo(f"  {count:>8}  {name.replace('_', ' ')}")
    for reason in card.reasons:
        typer.echo(f"  {reason.count:>8}  × {reason.why}")
    for title, lines in (("Left out", card.skipped), ("Came in, but", card.warnings)):
        if lines:
            typer.echo(f"{title}:")
        for line in lines:
            typer.echo(f"  {line.item}: {line.why}")
    if card.failure:
        typer.echo(card.failure, err=True)
