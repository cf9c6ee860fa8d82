"""Invitations by mail: who may send them, and that nobody but the right person takes one, once."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import timedelta
from uuid import UUID

import pytest
import sqlalchemy as sa
from sqlmodel import select

from myapp import accounts
from myapp.accounts import Invitation, InvitationClosed, Organization, User, Visibility, WrongPerson
from myapp.accounts.invitations import INVITE
from myapp.kit import audit
from myapp.kit.audit import AuditLog
from myapp.kit.clock import now
from myapp.kit.errors import Forbidden, Invalid, NotFound, RateLimited, Unauthenticated
from myapp.kit.pubsub import PubSub
from myapp.kit.query_log import repeats_allowed
from myapp.kit.repo import transaction
from myapp.kit.scope import Role, Scope
from tests.factories import SYSTEM
from tests.factories.accounts import make_member, make_organization, make_user
from tests.factories.mails import link_to, mails_to


def person(user: User) -> Scope:
    return Scope(user.id)


async def invite(scope: Scope, user: User, role: Role = Role.MEMBER) -> Invitation:
    return await accounts.create_invitation(scope, {"email": user.email.upper(), "role": role.value})


async def token_for(user: User) -> str:
    """What is in the link of the last mail to somebody."""
    return (await link_to(user.email.upper())).rpartition("/")[2]


async def age(invitation: Invitation, **span: float) -> None:
    async with transaction(SYSTEM) as session:
        older = sa.update(Invitation).where(Invitation.id == invitation.id)  # pyright: ignore[reportArgumentType]
        await session.exec(older.values(expires_at=now() - timedelta(**span)))


@pytest.fixture
async def boss(organization: Organization) -> Scope:
    await make_member(organization, Role.OWNER)
    return await make_member(organization, Role.ADMIN, name="Bo Boss")


async def test_who_is_invited_joins_with_the_role_and_all_is_told_and_written_down(
    organization: Organization, boss: Scope, hub: PubSub
) -> None:
    mei = await make_user("Mei")
    told: list[object] = []
    hub.subscribe(accounts.topic_people(organization.id), lambda _topic, event: told.append(event))
    await invite(boss, mei, Role.MODERATOR)
    offer = await accounts.get_offer(person(mei), await token_for(mei))
    assert (offer.org_name, offer.role, offer.inviter) == (organization.name, Role.MODERATOR, "Bo Boss")
    assert (offer.is_for_reader, offer.is_member) == (True, False)
    await accounts.accept_invitation(person(mei), await token_for(mei))
    assert (await accounts.scope_for(mei.id, organization.slug)).role is Role.MODERATOR
    changed = accounts.InvitationsChanged(organization.id)
    assert told == [changed, accounts.MembershipCreated(organization.id, mei.id), changed]
    async with transaction(SYSTEM) as session:
        deeds = (await session.exec(select(AuditLog.action).order_by(AuditLog.id))).all()  # pyright: ignore[reportArgumentType]
    assert deeds == ["accounts.invitation.created", "accounts.membership.created", "accounts.invitation.accepted"]


async def test_an_invitation_is_taken_once(organization: Organization, boss: Scope) -> None:
    mei = await make_user()
    await invite(boss, mei)
    token = await token_for(mei)
    await accounts.accept_invitation(person(mei), token)
    await accounts.delete_membership(boss, organization.id, mei.id)
    for act in (accounts.accept_invitation, accounts.get_offer):
        with pytest.raises(InvitationClosed):
            await act(person(mei), token)


async def test_who_takes_one_has_confirmed_the_address(boss: Scope) -> None:
    mei = await make_user()
    async with transaction(SYSTEM) as session:
        await session.exec(sa.update(User).where(User.id == mei.id).values(confirmed_at=None))  # pyright: ignore[reportArgumentType]
    await invite(boss, mei)
    await accounts.accept_invitation(person(mei), await token_for(mei))
    async with transaction(SYSTEM) as session:
        confirmed = select(User.confirmed_at).where(User.id == mei.id)
        assert (await session.exec(confirmed)).one() is not None


async def test_of_two_tabs_that_take_it_at_once_one_is_told_that_it_is_taken(real_db: str) -> None:
    organization = await make_organization()
    owner, mei = await make_member(organization, Role.OWNER), await make_user()
    await invite(owner, mei)
    token = await token_for(mei)
    taken = await asyncio.gather(
        *(accounts.accept_invitation(person(mei), token) for _ in range(2)), return_exceptions=True
    )
    assert sorted(type(each).__name__ for each in taken) == ["InvitationClosed", "Organization"]


async def test_an_invitation_is_good_for_a_week(boss: Scope) -> None:
    mei = await make_user()
    invitation = await invite(boss, mei)
    assert timedelta(days=7) - (invitation.expires_at - now()) < timedelta(minutes=1)
    await age(invitation, seconds=1)
    with pytest.raises(InvitationClosed):
        await accounts.accept_invitation(person(mei), await token_for(mei))


async def test_nobody_else_takes_it_and_nobody_is_asked_to_log_in_by_a_made_up_one(boss: Scope) -> None:
    mei, thief = await make_user(), await make_user()
    await invite(boss, mei, Role.MODERATOR)
    token = await token_for(mei)
    assert not (await accounts.get_offer(person(thief), token)).is_for_reader
    assert not (await accounts.get_offer(Scope.anonymous(), token)).is_for_reader
    with pytest.raises(WrongPerson):
        await accounts.accept_invitation(person(thief), token)
    with pytest.raises(Unauthenticated):
        await accounts.accept_invitation(Scope.anonymous(), token)
    for made_up in ("", "x", token[:-1], f"{token}x", "\x00", "ü" * 43, "\ud800"):
        for act in (accounts.get_offer, accounts.accept_invitation):
            with pytest.raises(NotFound):
                await act(person(mei), made_up)


async def test_sent_again_the_first_link_is_worth_nothing(boss: Scope) -> None:
    mei = await make_user()
    invitation = await invite(boss, mei)
    first = await token_for(mei)
    await age(invitation, days=1)
    await accounts.resend_invitation(boss, invitation.id)
    assert len(await mails_to(mei.email.upper())) == 2
    with pytest.raises(NotFound):
        await accounts.get_offer(person(mei), first)
    assert (await accounts.get_offer(person(mei), await token_for(mei))).is_for_reader


async def test_a_mail_is_not_sent_again_at_once_nor_without_end_by_an_organisation(boss: Scope) -> None:
    invitation = await invite(boss, await make_user())
    await accounts.resend_invitation(boss, invitation.id)
    with pytest.raises(RateLimited) as refusal:
        await accounts.resend_invitation(boss, invitation.id)
    assert 0 < refusal.value.retry_after <= 60
    with repeats_allowed():
        for _ in range(INVITE.count - 2):
            await invite(boss, await make_user())
    with pytest.raises(RateLimited) as refusal:
        await invite(boss, await make_user())
    assert 0 < refusal.value.retry_after <= 3600
    await invite(await make_member(await make_organization(), Role.OWNER), await make_user())


async def test_a_revoked_invitation_is_worth_nothing(boss: Scope) -> None:
    mei = await make_user()
    invitation = await invite(boss, mei)
    await accounts.revoke_invitation(boss, invitation.id)
    assert (await accounts.list_invitations(boss)).entries == []
    with pytest.raises(InvitationClosed):
        await accounts.accept_invitation(person(mei), await token_for(mei))
    for act in (accounts.revoke_invitation, accounts.resend_invitation):
        with pytest.raises(NotFound):
            await act(boss, invitation.id)


async def test_what_somebody_may_no_longer_give_is_not_to_be_had_from_them(
    organization: Organization, boss: Scope
) -> None:
    mei, yusuf, sam = [await make_user() for _ in range(3)]
    owner = await make_member(organization, Role.OWNER)
    await invite(boss, mei)
    await invite(owner, yusuf, Role.OWNER)
    await invite(owner, sam, Role.MODERATOR)
    assert boss.user_id is not None
    assert owner.user_id is not None
    await accounts.update_membership(SYSTEM, organization.id, owner.user_id, Role.ADMIN)
    await accounts.delete_membership(SYSTEM, organization.id, boss.user_id)
    for lost in (mei, yusuf):
        with pytest.raises(InvitationClosed):
            await accounts.accept_invitation(person(lost), await token_for(lost))
    await accounts.accept_invitation(person(sam), await token_for(sam))


async def test_a_member_who_takes_one_keeps_the_role(organization: Organization, boss: Scope) -> None:
    mei = await make_user()
    await invite(boss, mei)
    await accounts.create_membership(SYSTEM, organization.id, mei.id, Role.ADMIN)
    token = await token_for(mei)
    assert (await accounts.get_offer(person(mei), token)).is_member
    await accounts.accept_invitation(person(mei), token)
    assert (await accounts.scope_for(mei.id, organization.slug)).role is Role.ADMIN


@pytest.mark.parametrize("who", Role)
async def test_everybody_invites_to_the_roles_below_their_own(organization: Organization, who: Role) -> None:
    await make_member(organization, Role.OWNER)
    scope = await make_member(organization, who)
    for role in Role:
        may = who is Role.OWNER or (who is Role.ADMIN and role.rank < who.rank)
        if may:
            await invite(scope, await make_user(), role)
        else:
            with pytest.raises(Invalid if who is Role.ADMIN else Forbidden):
                await invite(scope, await make_user(), role)


async def complaints(scope: Scope, **attrs: str) -> dict[str, list[str]]:
    return (await accounts.change_invitation(scope, {"role": "member", **attrs})).error_messages()


async def test_what_is_wrong_with_an_invitation_is_said_while_it_is_written(
    organization: Organization, boss: Scope
) -> None:
    member = await accounts.get_person(boss, (await make_member(organization)).user_id or organization.id)
    assert await complaints(boss, email="no address") == {"email": ["has invalid format"]}
    assert await complaints(boss, email="") == {"email": ["can't be blank"]}
    assert await complaints(boss, email="a@example.com", role="owner") == {"role": ["is invalid"]}
    assert await complaints(boss, email=member.email) == {"email": ["already belongs to the organisation"]}
    mei = await make_user()
    invitation = await invite(boss, mei)
    assert await complaints(boss, email=mei.email) == {"email": ["has already been invited"]}
    await age(invitation, seconds=1)
    assert await complaints(boss, email=mei.email) == {}
    await invite(boss, mei)
    assert len((await accounts.list_invitations(boss)).entries) == 1


async def test_nobody_learns_from_inviting_whether_an_address_has_an_account(boss: Scope) -> None:
    mei = await make_user()
    known, unknown = mei.email, "nobody-has-this@example.com"
    for email in (known, unknown):
        assert await complaints(boss, email=email) == {}
        await accounts.create_invitation(boss, {"email": email, "role": "member"})
    cards = {card.email: card for card in (await accounts.list_invitations(boss)).entries}
    assert {type(card) for card in cards.values()} == {accounts.InvitationCard}
    mails = [(await mails_to(email))[0] for email in (known, unknown)]
    assert mails[0].subject == mails[1].subject


async def test_a_mail_is_in_the_language_of_whom_it_is_for(boss: Scope) -> None:
    mei = await make_user()
    async with transaction(SYSTEM) as session:
        await session.exec(sa.update(User).where(User.id == mei.id).values(locale="en-GB"))  # pyright: ignore[reportArgumentType]
    await invite(boss, mei)
    assert (await mails_to(mei.email.upper()))[0].locale == "en-GB"


async def test_the_token_is_in_the_mail_and_nowhere_else(boss: Scope, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    mei = await make_user()
    invitation = await invite(boss, mei)
    token = await token_for(mei)
    await accounts.get_offer(person(mei), token)
    await accounts.accept_invitation(person(mei), token)
    with pytest.raises(InvitationClosed):
        await accounts.accept_invitation(person(mei), token)
    assert token not in caplog.text
    assert token not in repr(invitation)
    async with transaction(SYSTEM) as session:
        rows = (await session.exec(select(audit.AuditLog))).all()
    assert token not in repr(rows)


@pytest.mark.parametrize("visibility", Visibility)
async def test_invitations_of_another_organisation_are_not_there(db: object, visibility: Visibility) -> None:
    place = await make_organization(visibility)
    owner, stranger = await make_member(place, Role.OWNER), await make_member(await make_organization(), Role.OWNER)
    invitation = await invite(owner, await make_user())
    assert (await accounts.list_invitations(stranger)).entries == []
    for act in (accounts.revoke_invitation, accounts.resend_invitation):
        with pytest.raises(NotFound):
            await act(stranger, invitation.id)


async def test_a_page_of_invitations_costs_one_query(
    boss: Scope, assert_queries: Callable[[int], AbstractContextManager[list[str]]]
) -> None:
    with repeats_allowed():
        for _ in range(3):
            await invite(boss, await make_user())
    with assert_queries(1):
        page = await accounts.list_invitations(boss)
    assert [card.inviter for card in page.entries] == ["Bo Boss"] * 3
    ids: list[UUID] = [card.id for card in page.entries]
    assert ids == sorted(ids, reverse=True)
