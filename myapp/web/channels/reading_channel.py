"""Who has a post open right now: `reading:<post>`.

The join is answered with `{user_id}`; then come `presence_state` (by the people's ids) and `presence_diff`. Members of
the post's organisation see each other. Visitors are neither seen nor told: what somebody reads is not for everybody.
Operators, who belong to no organisation, see and are not seen. Whoever may no longer read the post is shown out.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, override
from uuid import UUID

from myapp import accounts, blog
from myapp.accounts import Principal
from myapp.kit import presence
from myapp.kit.channels import Channel, Payload, Socket
from myapp.kit.errors import AppError, Forbidden, NotFound
from myapp.kit.pubsub import Resync
from myapp.kit.scope import Role, Scope
from myapp.web.blog.audience import place_of_post
from myapp.web.channels.admission import Admission
from myapp.web.channels.presences import show_again, shown_as

TOPIC = "reading"


class ReadingChannel(Channel):
    """Answers for all posts."""

    def __init__(self) -> None:
        self._admission = Admission(_reader)

    @override
    async def join(self, topic: str, params: Mapping[str, Any], socket: Socket) -> Payload:
        self._admission.watch(socket)
        post, scope = await place_of_post(socket.assigns["who"], topic.partition(":")[2])
        socket.subscribe(blog.topic_posts(post.org_id))  # first, too
        await _require_reader(scope, post.id)
        if scope.is_member and scope.user_id:
            person = await accounts.get_face(scope, scope.user_id)
            socket.assigns["presence"] = presence.track(socket, str(person.user_id), shown_as(person))
            socket.subscribe(accounts.topic_person(person.user_id))
        else:
            presence.follow(socket)
        return {"user_id": scope.user_id}

    @override
    async def handle_info(self, event: object, socket: Socket) -> None:
        if isinstance(event, accounts.PersonUpdated):
            await show_again(socket)
        is_about_it = isinstance(event, blog.PostEvent) and socket.topic == f"{TOPIC}:{event.post_id}"
        if is_about_it or isinstance(event, Resync):
            try:
                await _reader(socket.assigns["who"], socket.topic)
            except AppError:
                socket.close()

    @override
    def close(self) -> None:
        self._admission.close()


async def _reader(who: Principal, topic: str) -> Scope:
    """What the person is in the organisation of the post. Raises NotFound for who may not read it, and Forbidden."""
    post, scope = await place_of_post(who, topic.partition(":")[2])
    await _require_reader(scope, post.id)
    return scope


async def _require_reader(scope: Scope, post_id: UUID) -> None:
    if await blog.fetch_card(scope, post_id) is None:
        raise NotFound
    if not scope.at_least(Role.MEMBER):
        raise Forbidden
