"""News must not move the text under a reader's eyes: a mark at the top of a list says when they have scrolled past it.

ScrollMark.create(on_away=PostsState.scrolled)
"""

from __future__ import annotations

import reflex as rx

from myapp.web.live.scripts import linked_script


class ScrollMark(rx.Component):
    """Sends True when it has left the window at the top, False when it is back; nothing in between."""

    library = linked_script(__file__, "scrolling")
    tag = "ScrollMark"

    on_away: rx.EventHandler[rx.event.passthrough_event_spec(bool)]
