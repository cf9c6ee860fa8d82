"""A notification as its person reads it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime
from html import unescape
from uuid import UUID

from myapp.kit.i18n import gettext, gettext_noop
from myapp.notifications.schemas import Kind

EXCERPT = 200  # characters
_TAG = re.compile(r"<[^>]*>")
_BREAK = re.compile(r"<(?:br|/p|/li|/blockquote|/pre)\b")


@dataclass(frozen=True, slots=True)
class NotificationCard:
    """Who did what, where. `place_name` is the room's, the post's, the
    imported file's or, of an export, the organisation's; `path` leads there."""

    id: UUID
    org_id: UUID
    org_slug: str
    org_name: str
    kind: Kind
    actor_name: str
    place_id: UUID
    place_name: str
    excerpt: str
    path: str
    inserted_at: datetime
    is_read: bool

    @property
    def sentence(self) -> str:
        """What happened, in the language of the running task."""
        names = {"name": self.actor_name or gettext("Somebody"), "place": self.place_name}
        return gettext(_SENTENCES[self.kind]) % names


_SENTENCES = {
    Kind.CHAT_MENTION: gettext_noop("%(name)s mentioned you in %(place)s"),
    Kind.COMMENT_MENTION: gettext_noop("%(name)s mentioned you under “%(place)s”"),
    Kind.COMMENT_REPLY: gettext_noop("%(name)s replied to you under “%(place)s”"),
    Kind.POST_COMMENT: gettext_noop("%(name)s commented on “%(place)s”"),
    Kind.IMPORT_DONE: gettext_noop("The import of %(place)s is done"),
    Kind.IMPORT_FAILED: gettext_noop("The import of %(place)s has failed"),
    Kind.EXPORT_DONE: gettext_noop("Your export of %(place)s is ready"),
    Kind.EXPORT_FAILED: gettext_noop("Your export of %(place)s has failed"),
}


def excerpt_of(html: str) -> str:
    """The beginning of somebody's words, as text in one line.

    >>> excerpt_of("<p>Is 1 &lt; <strong>2</strong>?<br>Yes.</p>")
    'Is 1 < 2? Yes.'
    """
    words = " ".join(unescape(_TAG.sub("", _BREAK.sub(" <", html))).split())
    return words if len(words) <= EXCERPT else f"{words[: EXCERPT - 1].rsplit(' ', 1)[0]}…"
