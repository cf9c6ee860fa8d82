"""What somebody who invites may not get by hurrying, or by making more organisations."""

from __future__ import annotations

import pytest

from myapp import accounts
from myapp.accounts import Invitation, InvitationClosed, Organization, User
from myapp.accounts.invitations import INVITE
from myapp.kit.errors import Forbidden, RateLimited
from myapp.kit.query_log import repeats_allowed
from myapp.kit.scope import Role, Scope
from tests.factories import SYSTEM
from tests.factories.accounts import make_member, make_user
from tests.factories.mails import link_to


async def invite(scope: Scope, user: User) -> Invitation:
    return await accounts.create_invitation(scope, {"email": user.email, "role": Role.MEMBER.value})


async def test_nobody_has_more_mails_sent_by_making_more_organisations(db: object) -> None:
    user = await make_user()

    async def invite_to_another(number: int, people: int) -> None:
        made = await accounts.create_organization(Scope(user.id), {"name": f"Spam {number}"})
        owner = await accounts.scope_for(user.id, org_id=made.id)
        for _ in range(people):
            await invite(owner, await make_user())

    with repeats_allowed():
        for number in range(5):
            await invite_to_another(number, INVITE.count // 5)
        with pytest.raises(RateLimited):
            await invite_to_another(5, 1)


@pytest.mark.parametrize("gone", ["demoted", "taken out"])
async def test_a_role_that_was_taken_away_meanwhile_invites_nobody(organization: Organization, gone: str) -> None:
    admin = await make_member(organization, Role.ADMIN)
    former = await invite(await make_member(organization, Role.OWNER), await make_user())
    assert admin.user_id is not None
    if gone == "demoted":
        await accounts.update_membership(SYSTEM, organization.id, admin.user_id, Role.MEMBER)
    else:
        await accounts.delete_membership(SYSTEM, organization.id, admin.user_id)
    with pytest.raises(Forbidden):
        await invite(admin, await make_user())
    with pytest.raises(Forbidden):
        await accounts.resend_invitation(admin, former.id)


async def test_whom_an_operator_keeps_out_lets_nobody_in(organization: Organization) -> None:
    admin, friend = await make_member(organization, Role.ADMIN), await make_user()
    assert admin.user_id is not None
    await invite(admin, friend)
    token = (await link_to(friend.email)).rpartition("/")[2]
    await accounts.deactivate_user(SYSTEM, admin.user_id)
    for act in (accounts.get_offer, accounts.accept_invitation):
        with pytest.raises(InvitationClosed):
            await act(Scope(friend.id), token)
    await accounts.reactivate_user(SYSTEM, admin.user_id)
    assert (await accounts.accept_invitation(Scope(friend.id), token)).id == organization.id
