"""Who is here: on a topic, in every process, with every tab they have open.

    class RoomChannel(Channel):
        async def join(self, topic, params, socket):
            me = presence.track(socket, str(user.id), {"name": user.name})
            socket.assigns["presence"] = me

        async def handle_in(self, event, payload, socket):
            match event:
                case "away":
                    socket.assigns["presence"].update({"name": …, "is_away": True})

    presence.list("room:1")     # {"7": {"metas": [{"name": "Ada", "online_at": "1795212000", "phx_ref": "…"}]}}

Its clients get `presence_state` after the reply to their join and `presence_diff` from then on, which `Presence` of the
`phoenix` package turns into a list. Several tabs of one person are one entry, its key, with several metas.

What always holds: a socket that leaves, however it leaves, is untracked; of a topic each client is told at most once in
100 ms; what came and went in between is never seen. Processes that lost each other agree again as soon as they hear
each other; the people of a process that died are gone within 30 s.

`Phoenix.Presence`; how processes agree is simpler than in `Phoenix.Tracker` (docs/decisions/0015-presence.md).
"""

from __future__ import annotations

from myapp.kit.presence._tracker import SWEEP, Meta, Tracked, figures, follow, running, sweep, track
from myapp.kit.presence._tracker import list_ as list  # noqa: A004 - read as presence.list

__all__ = ["SWEEP", "Meta", "Tracked", "figures", "follow", "list", "running", "sweep", "track"]
