"""What can happen to a post besides what can happen to anything."""

from __future__ import annotations

from typing import ClassVar

from myapp.blog.cards import PostDetail
from myapp.kit.errors import Conflict, NotFound
from myapp.kit.i18n import gettext_noop


class MovedSlug(NotFound):
    """The post is found under another slug now; who does not look at `slug` sees a post that does not exist."""

    def __init__(self, slug: str) -> None:
        super().__init__()
        self.slug = slug


class PostConflict(Conflict):
    """Somebody else changed the post first. `stored` is the post as it is: save again with its version, or take it."""

    message: ClassVar[str] = gettext_noop("Somebody else changed this post in the meantime.")

    def __init__(self, stored: PostDetail) -> None:
        super().__init__()
        self.stored = stored
