"""A person's own settings, as the browser drives them: one's own alone, live in every tab, nothing lost."""

from __future__ import annotations

from typing import Any

import pytest

from myapp import accounts
from myapp.accounts import Device
from myapp.accounts.links import make_link
from myapp.accounts.schemas import TokenContext
from myapp.kit import i18n
from myapp.kit.errors import NotFound, Unauthenticated
from myapp.kit.repo import transaction
from myapp.kit.scope import Scope
from myapp.web.accounts.settings import page
from myapp.web.accounts.settings.account import EmailForm, PasswordForm
from myapp.web.accounts.settings.data import LeavingForm
from myapp.web.accounts.settings.keys_state import KeysState, NewKeyForm
from myapp.web.accounts.settings.profile_state import ProfileForm
from myapp.web.accounts.settings.sessions import SessionsState
from myapp.web.layout import bars
from myapp.web.live.again import AgainState
from myapp.web.shell import ShellState
from tests.factories import SYSTEM
from tests.factories.accounts import make_session
from tests.live import Tab
from tests.web.blog.conftest import Site

PAGES = ["/settings", "/settings/account", "/settings/sessions", "/settings/api-keys", "/settings/data"]


async def open_settings(site: Site, path: str, scope: Scope | None) -> Tab:
    return await site.live.open(path, cookies=await site.cookies_of(scope))


def flashes(tab: Tab) -> list[str]:
    return [each["text"] for each in tab.get(ShellState.flashes)]


def fields(tab: Tab, **changes: str) -> dict[str, str]:
    return {**tab.get(ProfileForm.values), **changes}


@pytest.mark.parametrize("path", PAGES)
async def test_settings_are_for_who_is_logged_in(site: Site, path: str) -> None:
    with pytest.raises(Unauthenticated):
        await open_settings(site, path, None)
    await open_settings(site, path, site.member)


async def test_a_new_name_is_in_the_persons_other_tabs_at_once(site: Site) -> None:
    tab, other = await open_settings(site, "/settings", site.member), await site.open("/posts", site.member)
    await tab.send(ProfileForm.save, fields(tab, name="Augusta King", bio="Counts tides."))
    await other.until(lambda: other.get(ShellState.person_name) == "Augusta King")
    await tab.until(lambda: tab.get(ShellState.person_name) == "Augusta King")
    assert tab.get(ProfileForm.values)["bio"] == "Counts tides."


async def test_what_is_wrong_is_said_while_one_types(site: Site) -> None:
    tab = await open_settings(site, "/settings", site.member)
    wrong = fields(tab, age="7", **{"address.zip": "1"})
    await tab.send(ProfileForm.validate, wrong, ["age"])
    assert tab.get(ProfileForm.errors) == {"age": "must be greater than or equal to 13"}
    await tab.send(ProfileForm.save, wrong)
    assert {"age", "address.zip", "address.city"} <= tab.get(ProfileForm.errors).keys()


async def test_a_tab_that_is_behind_is_told_and_shows_what_is_there(site: Site) -> None:
    first, second = [await open_settings(site, "/settings", site.member) for _ in range(2)]
    behind = fields(second, bio="From the second.")
    await first.send(ProfileForm.save, fields(first, bio="From the first."))
    await second.send(ProfileForm.save, behind)
    assert "another window" in flashes(second)[0]
    assert second.get(ProfileForm.values)["bio"] == "From the first."
    await second.send(ProfileForm.save, behind)
    assert (await accounts.get_profile(site.member)).bio == "From the second."


async def test_sessions_are_shown_in_words_and_end_here_and_in_every_list(site: Site) -> None:
    tab = await open_settings(site, "/settings/sessions", site.member)
    assert [row["is_current"] for row in tab.get(SessionsState.sessions)] == [True]
    await make_session(site.member.user_id)  # logs in elsewhere
    await tab.until(lambda: len(tab.get(SessionsState.sessions)) == 2)
    [elsewhere] = [row for row in tab.get(SessionsState.sessions) if not row["is_current"]]
    await tab.send(SessionsState.end, elsewhere["id"])
    assert [row["is_current"] for row in tab.get(SessionsState.sessions)] == [True]


async def test_everything_else_is_ended_at_once(site: Site) -> None:
    tab = await open_settings(site, "/settings/sessions", site.member)
    for _ in range(2):
        await make_session(site.member.user_id)
    await accounts.create_token_family(site.member, Device())
    await tab.send(SessionsState.end_others)
    assert [row["is_current"] for row in tab.get(SessionsState.sessions)] == [True]
    assert (tab.get(SessionsState.programs), tab.get(SessionsState.has_others)) == ([], False)
    assert flashes(tab) == ["Everywhere else you are logged out."]


async def test_a_program_alone_is_somewhere_else(site: Site) -> None:
    await accounts.create_token_family(site.member, Device())
    tab = await open_settings(site, "/settings/sessions", site.member)
    assert tab.get(SessionsState.has_others)


async def test_one_logs_out_everywhere_and_here(site: Site) -> None:
    tab = await open_settings(site, "/settings/sessions", site.member)
    other, theirs = await site.open("/posts", site.member), await site.open("/posts", site.owner)
    await accounts.create_token_family(site.member, Device())
    await tab.send(SessionsState.end_all)
    for each in (tab, other):
        await each.until(lambda each=each: each.redirects)
        assert each.redirects[0].startswith("/log-in?back=")
    assert await accounts.list_programs(site.member) == []
    assert theirs.redirects == []


async def test_the_address_is_the_new_one_once_its_link_was_followed_elsewhere(site: Site) -> None:
    tab = await open_settings(site, "/settings/account", site.member)
    assert site.member.user_id is not None
    async with transaction(SYSTEM):
        link = await make_link(site.member.user_id, TokenContext.CHANGE_EMAIL, sent_to="new@example.com")
    await accounts.confirm(Scope.anonymous(), link)
    await tab.until(lambda: tab.get(EmailForm.email) == "new@example.com")


def test_a_language_is_chosen_where_there_is_more_than_one(monkeypatch: pytest.MonkeyPatch) -> None:
    places = (lambda: str(page._about()), lambda: str(bars._person()))
    monkeypatch.setattr(i18n, "languages", lambda: ("en",))
    assert [name in made() for made, name in zip(places, ("locale", "LanguageChoice"), strict=True)] == [False, False]
    monkeypatch.setattr(i18n, "languages", lambda: ("en", "de"))
    assert [name in made() for made, name in zip(places, ("locale", "LanguageChoice"), strict=True)] == [True, True]


async def test_programs_are_listed_and_logged_out(site: Site) -> None:
    await accounts.create_token_family(site.member, Device("192.0.2.7", "curl/8.5"))
    tab = await open_settings(site, "/settings/sessions", site.member)
    [program] = tab.get(SessionsState.programs)
    assert (program["device"], program["ip"]) == ("curl", "192.0.2.7")
    await tab.send(SessionsState.end_program, program["id"])
    assert tab.get(SessionsState.programs) == []


async def test_nobody_ends_what_is_anothers(site: Site) -> None:
    theirs = await accounts.create_token_family(site.owner, Device())
    token = await make_session(site.owner.user_id)
    session_id = str((await accounts.scope_for_session(token)).session_id)
    tab = await open_settings(site, "/settings/sessions", site.member)
    for handler, named in ((SessionsState.end, session_id), (SessionsState.end_program, str(theirs.family_id))):
        with pytest.raises(NotFound):
            await tab.send(handler, named)
    assert (await accounts.scope_for_session(token)).user_id == site.owner.user_id


async def test_a_key_is_shown_once_and_revoked_after_a_question(site: Site) -> None:
    tab = await open_settings(site, "/settings/api-keys", site.member)
    await tab.send(NewKeyForm.save, {"name": "Backup", "write": True, "manage": False, "lasts": "30"})
    key = tab.get(KeysState.shown_key)
    assert (await accounts.scope_for_api_key(key)).user_id == site.member.user_id
    [row] = tab.get(KeysState.keys)
    assert (row["name"], row["may_write"], row["may_manage"], bool(row["expires_at"])) == ("Backup", True, False, True)

    again = await open_settings(site, "/settings/api-keys", site.member)
    assert again.get(KeysState.shown_key) == ""
    await again.send(KeysState.choose, row["id"])
    assert again.get(KeysState.chosen_name) == "Backup"
    await again.send(KeysState.revoke)
    await tab.until(lambda: tab.get(KeysState.keys) == [])
    with pytest.raises(accounts.InvalidKey):
        await accounts.scope_for_api_key(key)


async def test_a_key_needs_a_name_and_one_that_never_ends_says_so(site: Site) -> None:
    tab = await open_settings(site, "/settings/api-keys", site.member)
    await tab.send(NewKeyForm.save, {"name": " ", "lasts": "30"})
    assert tab.get(NewKeyForm.errors) == {"name": "can't be blank"}
    await tab.send(NewKeyForm.save, {"name": "For ever", "lasts": "never"})
    assert [row["expires_at"] for row in tab.get(KeysState.keys)] == [""]


async def test_who_was_not_asked_lately_is_asked_before_a_key_is_made(site: Site) -> None:
    tab = await open_settings(site, "/settings/api-keys", site.member)
    async with transaction(SYSTEM) as session:
        await (await session.connection()).exec_driver_sql("UPDATE sessions SET sudo_at = NULL")
    for form, given in (
        (NewKeyForm, {"name": "Backup", "lasts": "30"}),
        (EmailForm, {"email": "new@example.com"}),
        (PasswordForm, {"password": "Low-water-at-4", "password_confirmation": "Low-water-at-4"}),
        (LeavingForm, {"confirmation": "x", "posts": "keep"}),
    ):
        deltas = await tab.send(form.save, given)
        assert "'open_dialog'" in str(deltas)
        assert not tab.get(form.is_saving)
        async with tab.server_state(AgainState) as waiting:
            assert (waiting._state, waiting._handler) == (form.get_full_name(), "")
    assert await accounts.list_api_keys(site.member) == []


async def test_anothers_key_is_neither_chosen_nor_revoked(site: Site) -> None:
    owner = await accounts.scope_for_session(await make_session(site.owner.user_id))
    made = await accounts.create_api_key(owner, {"name": "Theirs", "scopes": ["read"]})
    tab = await open_settings(site, "/settings/api-keys", site.member)
    await tab.send(KeysState.choose, str(made.card.id))
    assert tab.get(KeysState.chosen_id) == ""
    with pytest.raises(NotFound):
        await tab.send(KeysState.revoke)


async def test_the_account_goes_after_the_username_was_typed_and_the_tab_is_nobodys(site: Site) -> None:
    tab = await open_settings(site, "/settings/data", site.member)
    wrong: dict[str, Any] = {"confirmation": "somebody", "posts": "keep"}
    await tab.send(LeavingForm.save, wrong)
    assert tab.get(LeavingForm.errors) == {"confirmation": "is not your username"}
    await tab.send(LeavingForm.save, {**wrong, "confirmation": tab.get(ShellState.person_username)})
    said = [
        each for delta in tab.deltas for each in delta.get(ShellState.get_full_name(), {}).get("pushes_rx_state_", [])
    ]
    assert [(each["name"], each["detail"]) for each in said] == [("load", "/")]
    await tab.navigate("/")
    assert tab.redirects == [], "nobody is asked to log in again who has just gone"
    assert flashes(tab) == ["Your account is deleted. Farewell."]
    assert tab.get(ShellState.person_username) == ""
    assert site.member.user_id is not None
    assert await accounts.scope_for(site.member.user_id) == Scope.anonymous()


async def test_the_only_owner_is_told_to_hand_over_first(site: Site) -> None:
    tab = await open_settings(site, "/settings/data", site.owner)
    assert tab.get(LeavingForm.owned) == site.organization.name
