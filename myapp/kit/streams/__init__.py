"""Lists that many people look at: the list stays in the database, and only what happens to it travels.

    class Posts:                                            # a `Source`: what a topic shows to one audience
        topics = (blog.topic_posts(org_id),)

        def touched(self, event):                           # an event is a reason to look at these rows
            return [str(event.post_id)] if isinstance(event, blog.PostEvent) else ALL

        async def load(self, ids): …                        # those of them that are in the list, as they are now
        async def page(self, *, after=None, before=None): … # a page by keyset

A `Feed` turns that into numbered diffs for everybody who follows the topic; a `Replica` is what a client makes of them,
and its `Window` the part of the list that is shown. `Operation`s and `Window` are pure. Phoenix has `stream/4` in
LiveView for it, where the server forgets the rows, too, but every process renders and sends its own diff.

How many processes, losses and restarts end in the same list for all: docs/decisions/0014-streams.md.
"""

from __future__ import annotations

from myapp.kit.pubsub import Position
from myapp.kit.streams.feed import Feed
from myapp.kit.streams.log import Diff, Log
from myapp.kit.streams.operations import (
    Change,
    Delete,
    Insert,
    Key,
    Operation,
    Place,
    Reset,
    Row,
    Update,
    from_wire,
    key_of,
    sort_value,
    to_wire,
)
from myapp.kit.streams.replica import Replica
from myapp.kit.streams.source import ALL, All, Page, ShowsPeople, Source
from myapp.kit.streams.window import End, Window

__all__ = [
    "ALL",
    "All",
    "Change",
    "Delete",
    "Diff",
    "End",
    "Feed",
    "Insert",
    "Key",
    "Log",
    "Operation",
    "Page",
    "Place",
    "Position",
    "Replica",
    "Reset",
    "Row",
    "ShowsPeople",
    "Source",
    "Update",
    "Window",
    "from_wire",
    "key_of",
    "sort_value",
    "to_wire",
]
