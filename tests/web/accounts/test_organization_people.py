"""The page of an organisation's people: what each role is shown and does, live, and that others do nothing by it."""

from __future__ import annotations

from contextlib import suppress
from time import process_time
from typing import Any

import pytest

from myapp import accounts
from myapp.accounts import ForeignAuthor, LastOwner
from myapp.accounts.schemas import Profile
from myapp.kit.errors import AppError, Forbidden, NotFound, RateLimited, Unauthenticated
from myapp.kit.query_log import repeats_allowed
from myapp.kit.repo import transaction
from myapp.kit.scope import Role, Scope
from myapp.web.accounts.organization_people.group import GroupPeopleForm
from myapp.web.accounts.organization_people.inviting import InviteForm
from myapp.web.accounts.organization_people.person import PersonForm
from myapp.web.accounts.organization_people.state import OrgPeopleState
from myapp.web.shell import ShellState
from tests.factories import SYSTEM
from tests.factories.accounts import make_member, make_organization, make_user
from tests.factories.mails import mails_to
from tests.live import Tab
from tests.web.blog.conftest import Site

type Row = dict[str, Any]


def named(tab: Tab) -> list[str]:
    return [each["name"] for each in tab.get(OrgPeopleState.people)]


async def role_of(site: Site, scope: Scope) -> Role | None:
    return (await accounts.scope_for(scope.user_id, site.slug)).role


async def of(site: Site, scope: Scope, who: Scope, **query: str) -> Tab:
    """The page with somebody's dialog open."""
    return await site.open(f"/people?of={who.user_id}", scope)


async def test_everybody_of_it_sees_who_is_in_it_and_only_its_admins_more(site: Site) -> None:
    for scope, is_admin in ((site.owner, True), (site.moderator, False), (site.member, False)):
        tab = await site.open("/people", scope)
        assert named(tab) == ["Mia Member", "Mo Moderator", "Olga Owner"]
        assert tab.get(OrgPeopleState.can_invite) is is_admin
        rows: list[Row] = tab.get(OrgPeopleState.people)
        assert {bool(row["email"]) for row in rows} == {is_admin}
        assert {bool(row["url"]) for row in rows} == {is_admin}
        assert [row["is_self"] for row in rows].count(True) == 1


async def test_who_was_imported_has_no_address_to_be_shown(site: Site) -> None:
    found = await accounts.ensure_authors(site.owner, [ForeignAuthor("grace", "grace@example.org", "Grace Guest")])
    tab = await site.open(f"/people?of={found['grace'].user_id}", site.owner)
    assert {row["name"]: row["is_placeholder"] for row in tab.get(OrgPeopleState.people)} == {
        "Grace Guest": True, "Mia Member": False, "Mo Moderator": False, "Olga Owner": False,
    }  # fmt: skip
    assert (tab.get(PersonForm.name), tab.get(PersonForm.is_placeholder)) == ("Grace Guest", True)


async def test_it_is_not_for_guests_nor_for_visitors(site: Site) -> None:
    stranger = await make_member(await make_organization())
    for scope, refusal in ((stranger, Forbidden), (None, Unauthenticated)):
        tab = await site.open("", scope)
        with pytest.raises(refusal):
            await tab.navigate(f"/o/{site.slug}/people")
        assert "Mia Member" not in str(tab.deltas)


async def test_a_search_and_a_page_are_the_address(site: Site) -> None:
    with repeats_allowed():
        for number in range(43):
            await make_member(site.organization, name=f"Zed {number:02}")
    tab = await site.open("/people?q=zed&page=2", site.owner)
    assert named(tab) == [f"Zed {number:02}" for number in range(20, 40)]
    assert (tab.get(OrgPeopleState.page), tab.get(OrgPeopleState.pages), tab.get(OrgPeopleState.total)) == (2, 3, 43)
    assert tab.get(OrgPeopleState.previous) == f"/o/{site.slug}/people?q=zed"
    assert tab.get(OrgPeopleState.next) == f"/o/{site.slug}/people?q=zed&page=3"
    await tab.navigate(f"/o/{site.slug}/people?q=zed&page=99")
    assert tab.get(OrgPeopleState.page) == 3
    await tab.navigate(f"/o/{site.slug}/people?q=nobody&page=x")
    assert (named(tab), tab.get(OrgPeopleState.pages)) == ([], 1)


async def test_who_comes_goes_or_is_promoted_is_shown_in_every_open_page(site: Site) -> None:
    owner, member = await site.open("/people", site.owner), await site.open("/people", site.member)
    new = await make_user("Nora New")
    await accounts.create_membership(SYSTEM, site.organization.id, new.id, Role.MEMBER)
    for tab in (owner, member):
        await tab.until(lambda tab=tab: "Nora New" in named(tab))
    await accounts.update_membership(SYSTEM, site.organization.id, site.member.user_id or new.id, Role.ADMIN)
    await member.until(lambda: member.get(OrgPeopleState.can_invite))
    await member.until(lambda: member.get(ShellState.is_admin) and not member.get(ShellState.is_loading))
    await accounts.delete_membership(SYSTEM, site.organization.id, new.id)
    await owner.until(lambda: "Nora New" not in named(owner))


async def test_who_is_taken_out_while_the_page_is_open_is_shown_that_it_is_not_for_them(site: Site) -> None:
    tab = await site.open("/people", site.member)
    await accounts.delete_membership(SYSTEM, site.organization.id, site.member.user_id or site.organization.id)
    with suppress(Forbidden):
        await tab.until(lambda: tab.get(ShellState.problem) == "forbidden")
    assert tab.get(OrgPeopleState.people)
    assert tab.get(ShellState.problem) == "forbidden"


async def test_the_address_opens_the_dialog_of_a_person_for_admins(site: Site) -> None:
    tab = await of(site, site.owner, site.member)
    assert (tab.get(PersonForm.name), tab.get(PersonForm.role)) == ("Mia Member", "member")
    assert (tab.get(PersonForm.can_change_role), tab.get(PersonForm.can_remove)) == (True, True)
    own = await of(site, site.owner, site.owner)
    assert (own.get(PersonForm.is_self), own.get(PersonForm.can_remove)) == (True, False)
    for scope, who in ((site.member, site.owner), (site.owner, await make_member(await make_organization()))):
        closed = await of(site, scope, who)
        assert (closed.get(PersonForm.person_id), closed.get(PersonForm.name)) == ("", "")
    for nobody in ("x", "", "0"):
        closed = await site.open(f"/people?of={nobody}", site.owner)
        assert closed.get(PersonForm.person_id) == ""


async def test_a_role_and_groups_are_changed_together(site: Site) -> None:
    group = await accounts.create_group(site.owner, {"name": "Board"})
    tab = await of(site, site.owner, site.member)
    field = f"group-{group.id}"
    assert tab.get(PersonForm.groups) == [{"name": "Board", "field": field, "is_in": False}]
    await tab.submit(PersonForm.save, {"role": "klingon", field: True})
    assert tab.get(PersonForm.errors) == {"role": "is invalid"}
    await tab.submit(PersonForm.save, {"role": "moderator", field: True})
    assert await role_of(site, site.member) is Role.MODERATOR
    assert (await accounts.get_group(site.owner, group.id)).member_count == 1
    filtered = await site.open(f"/people?group={group.id}", site.member)
    assert named(filtered) == ["Mia Member"]


async def test_the_last_owner_is_not_demoted_and_the_form_stays(site: Site) -> None:
    tab = await of(site, site.owner, site.owner)
    with pytest.raises(LastOwner):
        await tab.submit(PersonForm.save, {"role": "member"})
    assert await role_of(site, site.owner) is Role.OWNER
    assert not tab.get(PersonForm.is_saving)


async def test_a_person_is_taken_out(site: Site) -> None:
    tab = await of(site, site.owner, site.member)
    await tab.send(PersonForm.remove)
    assert await role_of(site, site.member) is None
    assert "Mia Member does not belong" in str(tab.get(ShellState.flashes))
    await tab.until(lambda: "Mia Member" not in named(tab))


async def test_somebody_is_invited_again_and_no_longer(site: Site) -> None:
    owner, other = await site.open("/people", site.owner), await site.open("/people?show=invited", site.owner)
    await owner.send(InviteForm.validate({"email": "no address", "role": "member"}, ["email"]))
    assert owner.get(InviteForm.errors) == {"email": "has invalid format"}
    await owner.submit(InviteForm.save, {"email": "new@example.com", "role": "admin"})
    await other.until(lambda: other.get(OrgPeopleState.invited))
    [row] = other.get(OrgPeopleState.invited)
    assert (row["email"], row["role"], row["inviter"]) == ("new@example.com", "admin", "Olga Owner")
    await owner.until(lambda: owner.get(OrgPeopleState.invited_total) == 1)
    await other.send(InviteForm.resend(row["id"]))
    with pytest.raises(RateLimited):
        await other.send(InviteForm.resend(row["id"]))
    assert len(await mails_to("new@example.com")) == 2
    await other.navigate(f"/o/{site.slug}/people?show=invited&of={row['id']}")
    assert other.get(InviteForm.revoked_email) == "new@example.com"
    await other.send(InviteForm.revoke)
    await other.until(lambda: not other.get(OrgPeopleState.invited))


HANDLERS: dict[str, tuple[Any, ...]] = {
    "save": (PersonForm.save, {"role": "member"}),
    "validate": (PersonForm.validate, {"role": "member"}, ["role"]),
    "remove": (PersonForm.remove,),
    "invite": (InviteForm.save, {"email": "a@example.com", "role": "member"}),
    "try": (InviteForm.validate, {"email": "a@example.com", "role": "member"}, ["email"]),
    "resend": (InviteForm.resend, "invitation"),
    "revoke": (InviteForm.revoke,),
}


@pytest.mark.parametrize("name", HANDLERS)
async def test_no_handler_does_anything_for_who_may_not(site: Site, name: str) -> None:
    """Members, somebody of another organisation, and a visitor; also where the state still holds what they once saw."""
    invitation = await accounts.create_invitation(site.owner, {"email": "b@example.com", "role": "member"})
    stranger = await make_member(await make_organization())
    handler, *arguments = HANDLERS[name]
    given = [str(invitation.id) if each == "invitation" else each for each in arguments]
    for scope in (site.member, site.moderator, stranger, None):
        tab = await site.open("", scope)
        with suppress(AppError):
            await tab.navigate(f"/o/{site.slug}/people?of={site.owner.user_id}")
        async with tab.server_state(PersonForm) as state:
            state.person_id, state.can_change_role = str(site.owner.user_id), True
        async with tab.server_state(InviteForm) as form:
            form.revoked_id = str(invitation.id)
        with pytest.raises((Forbidden, NotFound, Unauthenticated)):
            await tab.send(handler, *given)
        assert await role_of(site, site.owner) is Role.OWNER
        assert [each.id for each in (await accounts.list_invitations(site.owner)).entries] == [invitation.id]
        assert len(await mails_to("b@example.com")) == 1


async def test_a_thousand_people_cost_as_many_queries_and_hardly_more_time_than_three(site: Site) -> None:
    await site.open("/people", site.owner)
    with site.queries() as few:
        began = process_time()
        await site.open("/people", site.owner)
        took_few = process_time() - began
    with repeats_allowed():
        async with transaction(SYSTEM):
            for number in range(1000):
                await make_member(site.organization, name=f"Person Number {number}")
    with site.queries() as many:
        began = process_time()
        tab = await site.open("/people", site.owner)
        took = process_time() - began
    assert (tab.get(OrgPeopleState.total), tab.get(OrgPeopleState.pages)) == (1003, 51)
    assert len(many) <= len(few) + 1  # beside the page, how many there are
    assert took < 5 * took_few + 0.1  # what makes a thousand rows takes a second


async def test_a_group_is_filled_from_its_own_list_and_emptied(site: Site) -> None:
    group = await accounts.create_group(site.owner, {"name": "Board"})
    tab = await site.open(f"/people?group={group.id}", site.owner)
    assert (named(tab), tab.get(OrgPeopleState.manages_group)) == ([], True)
    await tab.send(GroupPeopleForm.suggest, "mi", "1")
    [mia] = tab.get(GroupPeopleForm.suggestions)
    assert mia["name"] == "Mia Member"
    await tab.send(GroupPeopleForm.add, mia["value"])
    await tab.until(lambda: named(tab) == ["Mia Member"])
    await tab.send(GroupPeopleForm.suggest, "mi", "2")
    assert tab.get(GroupPeopleForm.suggestions) == []
    await tab.send(GroupPeopleForm.remove, mia["value"])
    await tab.until(lambda: named(tab) == [])


async def test_who_does_not_lead_fills_no_group(site: Site) -> None:
    group = await accounts.create_group(site.owner, {"name": "Board"})
    tab = await site.open(f"/people?group={group.id}", site.member)
    assert not tab.get(OrgPeopleState.manages_group)
    for handler, given in ((GroupPeopleForm.suggest, ("m", "1")), (GroupPeopleForm.add, (str(site.member.user_id),))):
        with pytest.raises(Forbidden):
            await tab.send(handler, *given)
    assert (await accounts.get_group(site.owner, group.id)).member_count == 0


async def test_a_name_that_somebody_changes_is_there_in_the_open_lists_of_others(site: Site) -> None:
    lists = [await site.open("/people", who) for who in (site.owner, site.moderator)]
    await accounts.update_profile(site.member, {"name": "Augusta King"})
    for tab in lists:
        await tab.until(lambda tab=tab: named(tab) == ["Augusta King", "Mo Moderator", "Olga Owner"])


async def test_so_is_a_picture_and_it_goes_again(site: Site) -> None:
    tab = await site.open("/people", site.owner)
    async with transaction(SYSTEM) as session:
        assert site.member.user_id is not None
        session.add(Profile(user_id=site.member.user_id, avatar_key="avatars/x.webp"))
    await accounts.update_profile(site.member, {"name": "Mia M."})
    await tab.until(lambda: "/avatars/x.webp" in [row["avatar"] for row in tab.get(OrgPeopleState.people)])
    dialog = await of(site, site.owner, site.member)
    assert dialog.get(PersonForm.avatar) == "/avatars/x.webp"
