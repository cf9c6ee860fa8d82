"""An organisation's settings, a new one, and the page behind an invitation's link."""

from __future__ import annotations

from contextlib import suppress
from typing import Any

import pytest

from myapp import accounts
from myapp.accounts import LastOwner, WrongPerson
from myapp.kit.errors import AppError, Forbidden, NotFound, Unauthenticated
from myapp.kit.scope import Role, Scope
from myapp.web.accounts.invitation.state import InvitationState
from myapp.web.accounts.new_organization.state import NewOrganizationForm
from myapp.web.accounts.organization_settings.groups import GroupsState, NewGroupForm, RenameGroupForm
from myapp.web.accounts.organization_settings.state import DeleteOrganizationForm, OrganizationForm, SettingsState
from myapp.web.accounts.organization_settings.transfer import TransferOrganizationForm
from tests.factories import SYSTEM
from tests.factories.accounts import make_member, make_organization, make_session, make_user
from tests.factories.mails import link_to
from tests.live import Tab
from tests.web.blog.conftest import Site

RIGHTS: dict[str, object] = {
    "update": SettingsState.can_update,
    "invite": SettingsState.can_invite,
    "groups": SettingsState.can_manage_groups,
    "delete": SettingsState.can_delete,
    "leave": SettingsState.is_member,
}
FIELDS = {"name": "Another name", "visibility": "private", "language": "german"}


def rights(tab: Tab) -> set[str]:
    return {name for name, right in RIGHTS.items() if tab.get(right)}


async def here(site: Site) -> accounts.Organization:
    return await accounts.get_organization(SYSTEM, site.organization.id)


async def test_each_role_is_offered_what_it_may_do(site: Site) -> None:
    admin = await make_member(site.organization, Role.ADMIN)
    offered = {
        "owner": rights(await site.open("/settings", site.owner)),
        "admin": rights(await site.open("/settings", admin)),
        "member": rights(await site.open("/settings", site.member)),
    }
    assert offered == {
        "owner": set(RIGHTS),
        "admin": {"update", "invite", "groups", "leave"},
        "member": {"leave"},
    }


async def test_it_is_renamed_moved_and_made_private_and_the_way_goes_on_at_the_new_address(site: Site) -> None:
    tab, reader = await site.open("/settings", site.owner), await site.open("/settings", site.member)
    assert tab.get(OrganizationForm.values)["slug"] == site.slug
    await tab.send(OrganizationForm.validate({**FIELDS, "slug": "No slug"}, ["slug"]))
    assert tab.get(OrganizationForm.errors) == {"slug": "has invalid format"}
    await tab.submit(OrganizationForm.save, {**FIELDS, "slug": "moved"})
    assert tab.redirects == ["/o/moved/settings"]
    saved = await here(site)
    assert (saved.name, saved.slug, saved.visibility, saved.language) == ("Another name", "moved", "private", "german")
    await reader.until(lambda: reader.get(SettingsState.name) == "Another name")


async def test_a_former_address_leads_to_the_same_page_at_the_present_one(site: Site) -> None:
    await accounts.update_organization(SYSTEM, site.organization.id, {"slug": "moved"})
    tab = await site.open("/people?q=mia", site.member)
    assert tab.redirects == ["/o/moved/people?q=mia"]


async def test_groups_are_made_renamed_and_deleted_live(site: Site) -> None:
    owner, member = await site.open("/settings", site.owner), await site.open("/settings", site.member)
    await owner.submit(NewGroupForm.save, {"name": ""})
    assert owner.get(NewGroupForm.errors) == {"name": "can't be blank"}
    await owner.submit(NewGroupForm.save, {"name": "Board"})
    await member.until(lambda: [each["name"] for each in member.get(GroupsState.groups)] == ["Board"])
    [row] = owner.get(GroupsState.groups)
    await owner.navigate(f"/o/{site.slug}/settings?group={row['id']}")
    assert owner.get(RenameGroupForm.values) == {"name": "Board"}
    await owner.submit(RenameGroupForm.save, {"name": "The board"})
    await member.until(lambda: [each["name"] for each in member.get(GroupsState.groups)] == ["The board"])
    await owner.send(GroupsState.delete)
    await member.until(lambda: not member.get(GroupsState.groups))


async def test_a_member_leaves_and_the_last_owner_is_told_why_not(site: Site) -> None:
    member, owner = await site.open("/settings", site.member), await site.open("/settings", site.owner)
    assert (member.get(SettingsState.is_last_owner), owner.get(SettingsState.is_last_owner)) == (False, True)
    await member.send(SettingsState.leave)
    assert member.redirects == ["/"]
    assert (await accounts.scope_for(site.member.user_id, site.slug)).role is None
    with pytest.raises(LastOwner):
        await owner.send(SettingsState.leave)


async def test_it_is_deleted_by_an_owner_who_types_its_name(site: Site) -> None:
    tab = await site.open("/settings", site.owner)
    await tab.submit(DeleteOrganizationForm.save, {"name": "Something else"})
    assert tab.get(DeleteOrganizationForm.errors) == {"name": "is not its name"}
    await tab.submit(DeleteOrganizationForm.save, {"name": site.organization.name})
    assert tab.redirects == ["/"]
    with pytest.raises(NotFound):
        await here(site)


async def test_an_owner_finds_a_member_and_hands_it_over(site: Site) -> None:
    tab, member = await site.open("/settings", site.owner), await site.open("/settings", site.member)
    await tab.send(TransferOrganizationForm.suggest("m", "1"))
    found = {each["name"]: each["value"] for each in tab.get(TransferOrganizationForm.suggestions)}
    assert found.keys() == {"Mia Member", "Mo Moderator"}
    await tab.submit(TransferOrganizationForm.save, {"user_id": ""})
    assert tab.get(TransferOrganizationForm.errors) == {"user_id": "choose from the list"}
    await tab.submit(TransferOrganizationForm.save, {"user_id": found["Mia Member"]})
    await member.until(lambda: member.get(SettingsState.can_delete))
    await tab.until(lambda: not tab.get(SettingsState.can_delete))
    await member.send(TransferOrganizationForm.suggest("m", "1"))
    await tab.send(TransferOrganizationForm.suggest("m", "2"))
    assert tab.get(TransferOrganizationForm.suggestions) == []


HANDLERS: dict[str, tuple[Any, ...]] = {
    "save": (OrganizationForm.save, {**FIELDS, "slug": "taken-over"}),
    "validate": (OrganizationForm.validate, {"name": "x"}, ["name"]),
    "make a group": (NewGroupForm.save, {"name": "Mine"}),
    "rename a group": (RenameGroupForm.save, {"name": "Mine"}),
    "delete a group": (GroupsState.delete,),
    "hand over": (TransferOrganizationForm.save, {"user_id": "me"}),
    "delete": (DeleteOrganizationForm.save, {"name": "name"}),
}


@pytest.mark.parametrize("name", HANDLERS)
async def test_no_handler_does_anything_for_who_may_not(site: Site, name: str) -> None:
    group = await accounts.create_group(site.owner, {"name": "Board"})
    stranger = await make_member(await make_organization())
    before = (await here(site)).model_dump()
    handler, *arguments = HANDLERS[name]
    given = [{"name": site.organization.name} if each == {"name": "name"} else each for each in arguments]
    for scope in (site.member, site.moderator, stranger, None):
        tab = await site.open("", scope)
        with suppress(AppError):
            await tab.navigate(f"/o/{site.slug}/settings")
        async with tab.server_state(GroupsState) as state:
            state.group_id = str(group.id)
        mine = [{"user_id": str(scope and scope.user_id)} if each == {"user_id": "me"} else each for each in given]
        with suppress(Forbidden, NotFound, Unauthenticated):
            await tab.send(handler, *mine)
        assert (await here(site)).model_dump() == before
        assert [each.name for each in await accounts.list_groups(site.owner)] == ["Board"]


async def test_somebody_makes_an_organisation_and_is_led_to_its_people(site: Site) -> None:
    tab = await site.live.open("/organizations/new", cookies=await site.cookies_of(site.member))
    await tab.send(NewOrganizationForm.validate({"name": "Tea Club", "slug": ""}, ["name"]))
    assert tab.get(NewOrganizationForm.address) == "/o/tea-club"
    await tab.send(NewOrganizationForm.validate({"name": "x", "slug": ""}, ["name"]))
    assert tab.get(NewOrganizationForm.errors) == {"name": "should be at least 2 character(s)"}
    await tab.submit(NewOrganizationForm.save, {"name": "Tea Club", "slug": "", "visibility": "private"})
    assert tab.redirects == ["/o/tea-club/people"]
    assert (await accounts.scope_for(site.member.user_id, "tea-club")).role is Role.OWNER
    with pytest.raises(Unauthenticated):
        await site.live.open("/organizations/new")


async def invited(site: Site, email: str) -> str:
    await accounts.create_invitation(site.owner, {"email": email, "role": "moderator"})
    return await link_to(email)


async def test_who_is_invited_sees_to_what_and_joins_with_a_button(site: Site) -> None:
    mei = await make_user("Mei")
    link = await invited(site, mei.email)
    tab = await site.live.open(link, cookies=await site.cookies_of(Scope(mei.id)))
    assert tab.get(InvitationState.org_name) == site.organization.name
    assert tab.get(InvitationState.is_for_reader)
    assert (await accounts.scope_for(mei.id, site.slug)).role is None
    await tab.send(InvitationState.accept)
    assert tab.redirects == [f"/o/{site.slug}"]
    assert (await accounts.scope_for(mei.id, site.slug)).role is Role.MODERATOR
    again = await site.live.open(link, cookies=await site.cookies_of(Scope(mei.id)))
    assert again.get(InvitationState.is_closed)


async def test_somebody_else_and_a_visitor_are_told_what_to_do_and_cannot_join(site: Site) -> None:
    link = await invited(site, "new@example.com")
    stranger, visitor = await make_user(), None
    cookies = {"session": await make_session(stranger.id)}
    for who, refusal in ((cookies, WrongPerson), (visitor, Unauthenticated)):
        tab = await site.live.open(link, cookies=who)
        assert not tab.get(InvitationState.is_for_reader)
        with pytest.raises(refusal):
            await tab.send(InvitationState.accept)
    assert "new@example.com" not in str(tab.deltas)


async def test_a_link_that_never_was_leads_to_nothing(site: Site) -> None:
    with pytest.raises(NotFound):
        await site.live.open("/invitations/made-up")
