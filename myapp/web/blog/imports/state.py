"""The imports of an organisation while they run, and what came of those that are over."""

from __future__ import annotations

from typing import Any

import reflex as rx

from myapp import blog
from myapp.blog import ImportProgressed
from myapp.kit.i18n import gettext as _
from myapp.web.blog.imports.rows import ImportRow, import_row
from myapp.web.events import event, server_event
from myapp.web.ids import as_id
from myapp.web.live.subscriptions import follow
from myapp.web.session import path_of, scope_of
from myapp.web.shell import push


class ImportsState(rx.State):
    """The newest imports, each as far as it is."""

    path: str = ""
    imports: list[ImportRow] = []

    @server_event
    async def load(self) -> None:
        """Only who may import gets past the first line of this."""
        scope = await scope_of(self)
        cards = await blog.list_imports(scope)
        if scope.org_id is not None:
            follow(self, blog.topic_imports(scope.org_id), ImportsState.imports_changed)
        self.imports = [import_row(card) for card in cards]
        self.path = path_of(self)

    @server_event
    async def imports_changed(self, events: list) -> Any:
        """An import is further: read those that are, each once."""
        scope = await scope_of(self)
        wanted = {each.import_id for each in events if isinstance(each, ImportProgressed)}
        if len(wanted) != 1 or str(next(iter(wanted))) not in {row["id"] for row in self.imports}:
            self.imports = [import_row(card) for card in await blog.list_imports(scope)]
            return None
        card = await blog.get_import(scope, wanted.pop())
        self.imports = [import_row(card) if row["id"] == str(card.id) else row for row in self.imports]
        return push("announce", _("The import is over.")) if card.is_over else None

    @event
    async def resume(self, import_id: str) -> None:
        """Go on with an import that was interrupted."""
        card = await blog.resume_import(await scope_of(self), as_id(import_id))
        self.imports = [import_row(card) if row["id"] == str(card.id) else row for row in self.imports]
