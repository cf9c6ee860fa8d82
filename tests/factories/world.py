"""An organisation with something of everything, every text of it holding one word that must not get out."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Collection, Mapping
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert

from myapp import accounts, blog
from myapp.accounts import Group, Invitation, Organization, Visibility
from myapp.blog import Attachment, Comment, Export, ExportStatus, FileKind, Import, ImportKind, Post
from myapp.chat import ChatRoom, MessageCard
from myapp.kit import schema, storage
from myapp.kit.clock import now
from myapp.kit.errors import AppError, Invalid
from myapp.kit.repo import transaction
from myapp.kit.scope import Role, Scope
from myapp.notifications import Kind, Notification
from tests.factories import SYSTEM
from tests.factories.accounts import make_member, make_organization
from tests.factories.blog import make_comment, make_post
from tests.factories.chat import make_message, make_room

SECRET = "sesame"

type Call = Callable[[Scope, World], Awaitable[object]]


@dataclass(frozen=True, slots=True)
class World:
    """What there is to be kept from strangers."""

    organization: Organization
    owner: Scope
    member: Scope
    post: Post
    attachment: Attachment
    draft: Post
    comment: Comment
    reply: Comment
    import_: Import
    export: Export
    file: Path
    room: ChatRoom
    private_room: ChatRoom
    message: MessageCard
    group: Group
    invitation: Invitation

    def knows(self, thing: object) -> list[str]:
        """What of this world can be read from a result: its word or one of its ids."""
        ids = [self.organization.id, self.owner.user_id, self.member.user_id, self.post.id, self.draft.id]
        ids += [self.comment.id, self.reply.id, self.import_.id, self.export.id]
        ids += [self.room.id, self.private_room.id, self.message.id, self.group.id, self.invitation.id]
        text = repr(thing)
        return [word for word in (SECRET, *map(repr, ids)) if word in text]


async def make_world(file: Path, visibility: Visibility = Visibility.PRIVATE) -> World:
    """A world; `file` is written, for what reads files."""
    organization = await make_organization(visibility)
    owner = await make_member(organization, Role.OWNER, name=f"Owner {SECRET}")
    member = await make_member(organization, Role.MEMBER, name=f"Member {SECRET}")
    body = f"A body with {SECRET} in it."
    post = await make_post(owner, title=f"Public {SECRET}", body=body, tags=f"tag {SECRET}", meta={"word": SECRET})
    post = await blog.update_post(owner, post.id, {"slug": f"new-{SECRET}"})
    attachment = Attachment(
        org_id=organization.id,
        post_id=post.id,
        user_id=owner.user_id,
        kind=FileKind.ATTACHMENT,
        key=storage.new_key("attachments", "txt"),
        filename=f"{SECRET}.txt",
        content_type="text/plain",
        size=1,
    )
    draft = await make_post(owner, title=f"Draft {SECRET}", body=body, status="draft")
    later = now() + timedelta(days=1)
    await make_post(owner, title=f"Later {SECRET}", body=body, status="scheduled", published_at=later)
    comment = await make_comment(member, post, f"Comment {SECRET}")
    comment = await blog.update_comment(member, comment.id, {"tags": f"tag {SECRET}"})
    reply = await make_comment(owner, post, f"Reply {SECRET}", parent_id=comment.id)
    await accounts.record_activity(owner, _id(owner), "post.received", "post", post.id, {"word": SECRET})
    file.write_text(f"---\ntitle: {SECRET}\n---\nThe body.\n", encoding="utf-8")
    import_ = Import(
        org_id=organization.id, user_id=owner.user_id, kind=ImportKind.MARKDOWN, filename=SECRET, path=str(file)
    )
    key = storage.new_key("exports", "zip")
    export = Export(
        org_id=organization.id, user_id=owner.user_id, status=ExportStatus.DONE, key=key, size=1, expires_at=later
    )
    async with transaction(SYSTEM) as session:
        session.add_all([import_, export, attachment])
        told = insert(Notification).values(_notification(owner, comment).model_dump())
        await session.exec(told.on_conflict_do_nothing())  # where the room reacts, it is there already
    room = await make_room(owner, name=f"Room {SECRET}", purpose=SECRET)
    private_room = await make_room(owner, Visibility.PRIVATE, name=f"Private {SECRET}")
    named = await accounts.get_user(owner, _id(owner))
    message = await make_message(member, room, f"Message {SECRET} @{named.username}")
    await make_message(owner, private_room, f"Whispered {SECRET}")
    group = await accounts.create_group(owner, {"name": f"Group {SECRET}"})
    await accounts.add_to_group(owner, group.id, _id(member))
    invitation = await accounts.create_invitation(owner, {"email": f"{SECRET}@example.com", "role": "member"})
    return World(
        organization, owner, member, post, attachment, draft, comment, reply, import_, export, file, room, private_room,
        message, group, invitation,
    )  # fmt: skip


def _notification(owner: Scope, comment: Comment) -> Notification:
    return Notification(
        user_id=_id(owner), org_id=_org(owner), kind=Kind.POST_COMMENT, actor_id=comment.author_id,
        subject_id=comment.id, place_id=comment.post_id, details={"word": SECRET},
    )  # fmt: skip


async def everything_of(organization_id: UUID) -> dict[str, str]:
    """A digest of all rows of an organisation, by table."""
    digests = [
        f"SELECT '{name}' AS name, md5(string_agg(t::text, '' ORDER BY t::text)) AS digest FROM {name} t"  # noqa: S608
        " WHERE org_id = :org"
        for name, table in schema.metadata.tables.items()
        if "org_id" in table.c
    ]
    async with transaction(SYSTEM) as session:
        connection = await session.connection()
        rows = await connection.execute(sa.text(" UNION ALL ".join(digests)), {"org": organization_id})
        return {row.name: row.digest for row in rows}


async def stranger(who: str, world: World) -> Scope:
    """Somebody whom the world is none of the business of: scopes an edge would make, and some it never would."""
    elsewhere = await make_organization(Visibility.PUBLIC)
    owner = await make_member(elsewhere, Role.OWNER)
    return {
        "a visitor": Scope.anonymous(),
        "a visitor who says the organisation": Scope.anonymous(world.organization.id),
        "the owner of another organisation": owner,
        "somebody without an organisation": Scope(owner.user_id),
        "somebody who says the organisation": Scope(owner.user_id, world.organization.id),
        "the system in another organisation": Scope.system("a job", elsewhere.id),
    }[who]


STRANGERS = [
    "a visitor",
    "a visitor who says the organisation",
    "the owner of another organisation",
    "somebody without an organisation",
    "somebody who says the organisation",
    "the system in another organisation",
]


def _id(scope: Scope) -> UUID:
    assert scope.user_id is not None
    return scope.user_id


def _org(scope: Scope) -> UUID:
    assert scope.org_id is not None
    return scope.org_id


async def walk(calls: Mapping[str, Call], scope: Scope, world: World, *, who: str, but: Collection[str] = ()) -> None:
    """Call each function as a stranger: it must tell and change nothing. Those in `but` may change something."""
    before = await everything_of(world.organization.id)
    for name, call in calls.items():
        try:
            result = await call(scope, world)
        except AppError as refusal:
            result = refusal.errors if isinstance(refusal, Invalid) else [refusal.args, vars(refusal)]
        assert not world.knows(result), f"{who} learned something from {name}"
        after = await everything_of(world.organization.id)
        assert after == before or name in but, f"{who} changed something by {name}"
        before = after
