"""The pages where people come in: what they say while one types, and what they never keep."""

from __future__ import annotations

import re
from typing import cast
from uuid import UUID

import pytest
from sqlmodel import col, select

from myapp import accounts
from myapp.accounts import SudoRequired, User
from myapp.kit.mailer import MailRow
from myapp.kit.repo import transaction
from myapp.kit.scope import Role, Scope
from myapp.web.accounts.confirm.page import ConfirmAgainState, ConfirmState
from myapp.web.accounts.log_in.state import LinkState, LogInState
from myapp.web.accounts.register.state import RegisterState
from myapp.web.accounts.reset.state import NewPasswordState, ResetState
from myapp.web.accounts.settings.account import EmailForm
from myapp.web.accounts.settings.keys_state import NewKeyForm
from myapp.web.accounts.state import EntranceState
from myapp.web.accounts.sudo import SudoState
from myapp.web.accounts.unconfirmed import UnconfirmedState
from myapp.web.accounts.users.state import UsersState
from myapp.web.live.again import AgainState
from myapp.web.shell import ShellState
from tests.factories.accounts import make_session
from tests.live import Tab
from tests.web.blog.conftest import Site

SYSTEM = Scope.system("a test")
PASSWORD = "Correct horse 1"
TWICE = {"password": PASSWORD, "password_confirmation": PASSWORD}


async def register_tab(site: Site) -> Tab:
    return await site.live.open("/register")


async def test_what_is_wrong_is_said_while_one_types_and_only_of_what_was_touched(site: Site):
    tab = await register_tab(site)
    fields = {"name": "E", "username": "", "email": "", "password": "short", "password_confirmation": ""}
    await tab.send(RegisterState.validate, fields, ["name", "password"])
    assert tab.get(RegisterState.errors) == {
        "name": "should be at least 2 character(s)",
        "password": "should be at least 8 character(s)",
    }


async def test_a_user_name_is_said_to_be_taken_and_an_address_never(site: Site):
    taken = await accounts.create_user(SYSTEM, {"email": "ada@example.com", "username": "ada-o", "name": "Ada"})
    tab = await register_tab(site)
    fields = {"name": "Eve", "username": "ADA-o", "email": taken.email, **TWICE}
    await tab.send(RegisterState.validate, fields, list(fields))
    assert tab.get(RegisterState.errors) == {"username": "has already been taken"}


@pytest.mark.parametrize(
    ("path", "state"), [("/log-in", LogInState), ("/register", RegisterState), ("/reset/x", NewPasswordState)]
)
async def test_a_password_is_nowhere_in_the_states(site: Site, path: str, state: type):
    tab = await site.live.open(path)
    await tab.send(state.validate, {"email": "a@b.example", **TWICE}, ["email", "password"])
    async with tab.server_state(state) as kept:
        assert PASSWORD not in repr(vars(kept))
    assert PASSWORD not in str(tab.deltas)


async def test_what_the_browser_reports_is_shown_to_itself_and_cut(site: Site):
    tab = await site.live.open("/log-in")
    await tab.send(LogInState.refuse, {}, "x" * 9000)
    assert len(tab.get(LogInState.problem)) == 500
    await tab.send(LogInState.refuse, {f"field{number}": "y" * 9000 for number in range(90)}, "")
    assert len(str(tab.get(LogInState.errors))) < 15_000
    await tab.send(LogInState.refuse, ["no", "fields"], {"no": "text"})


@pytest.mark.parametrize(
    ("path", "state"),
    [
        ("/log-in", LogInState),
        ("/log-in/x", LinkState),
        ("/register", RegisterState),
        ("/confirm", ConfirmAgainState),
        ("/confirm/x", ConfirmState),
        ("/reset", ResetState),
        ("/reset/x", NewPasswordState),
    ],
)
async def test_what_was_wrong_is_not_said_of_the_page_when_it_is_opened_again(site: Site, path: str, state: type):
    tab = await site.live.open(path)
    await tab.send(state.refuse, {}, "Too many tries. Try again in 5 minutes.")
    await tab.navigate(f"{path}?sent=1")
    assert tab.get(state.problem) == ""
    await tab.send(state.refuse, {"email": "has invalid format"}, "")
    await tab.navigate(path)
    assert tab.get(state.errors) == {}


async def test_a_page_that_a_mail_leads_to_uses_nothing_up(site: Site):
    tab = await site.live.open("/confirm/some-link")
    assert tab.get(EntranceState.link) == "some-link"
    await tab.navigate("/log-in?back=//evil.example&sent=1")
    assert (tab.get(EntranceState.link), tab.get(EntranceState.back)) == ("", "/")
    assert tab.get(EntranceState.news) == "sent"


async def test_every_page_of_the_entrance_leads_on_to_what_was_wanted(site: Site):
    back = "%2Fo%2Fdemo%2Fposts%3Fq%3Da"
    tab = await site.live.open(f"/log-in?back={back}")
    for path in ("/register", "/reset", "/confirm", "/log-in/some-link", "/reset/some-link", "/confirm/some-link"):
        await tab.navigate(f"{path}?back={back}")
        assert tab.get(EntranceState.back) == "/o/demo/posts?q=a", path
        assert tab.get(EntranceState.log_in_url) == f"/log-in?back={back}"
        assert tab.get(EntranceState.register_url) == f"/register?back={back}"
        assert tab.get(EntranceState.reset_url) == f"/reset?back={back}"
        assert tab.get(EntranceState.confirm_url) == f"/confirm?back={back}"
        await tab.navigate(f"{path}?back=%2F%2Fevil.example")
        assert (tab.get(EntranceState.back), tab.get(EntranceState.register_url)) == ("/", "/register")


async def test_who_has_yet_to_confirm_sees_it_sends_it_again_and_no_more_once_it_is_done(site: Site):
    await accounts.register(Scope.anonymous(), {"email": "eve@example.com", "username": "eve", "name": "Eve", **TWICE})
    async with transaction(SYSTEM) as database:
        user_id = (await database.exec(select(User.id).where(User.username == "eve"))).one()
    tab = await site.live.open("/", cookies={"session": await make_session(user_id)})
    assert tab.get(ShellState.person_unconfirmed) == "eve@example.com"
    for _ in range(6):
        await tab.send(UnconfirmedState.send_again)
    said = [each["text"] for each in tab.get(ShellState.flashes)]
    assert said[0].startswith("A link is on its way")
    assert said[-1] == "Too many tries. Try again in 5 minutes."
    async with transaction(SYSTEM) as database:
        confirming = select(MailRow.text).where(MailRow.kind == "accounts.confirm").order_by(col(MailRow.id))
        sent = (await database.exec(confirming)).all()
    assert len(sent) == 6
    found = re.search(r"/confirm/([\w-]{43})", sent[-1])
    assert found is not None
    await accounts.confirm(Scope.anonymous(), found[1])
    await tab.until(lambda: tab.get(ShellState.person_unconfirmed) == "")


async def test_the_people_of_the_demonstration_are_offered_in_development_only(
    site: Site, monkeypatch: pytest.MonkeyPatch
):
    ada = await accounts.create_user(SYSTEM, {"email": "ada@demo.example", "username": "demo-ada", "name": "Ada"})
    await accounts.create_membership(SYSTEM, site.organization.id, ada.id, Role.MEMBER)
    assert [each["name"] for each in (await site.live.open("/log-in")).get(EntranceState.people)] == ["Ada"]
    monkeypatch.setenv("MYAPP_ENV", "production")
    monkeypatch.setenv("PUBLIC_URL", "https://house.example")
    monkeypatch.setenv("SECRET_KEY", "s" * 40)
    monkeypatch.setenv("DATABASE_URL", "postgresql://localhost/x")
    monkeypatch.setenv("SMTP_URL", "smtp://mail.example")
    assert (await site.live.open("/log-in")).get(EntranceState.people) == []


async def sudo_tab(site: Site) -> tuple[Tab, Scope]:
    """Somebody who has logged in an hour ago."""
    user = await accounts.create_user(SYSTEM, {"email": "eve@example.com", "username": "eve", "name": "Eve", **TWICE})
    token = await make_session(user.id)
    scope = await accounts.scope_for_session(token)
    async with transaction(SYSTEM) as database:
        await (await database.connection()).exec_driver_sql("UPDATE sessions SET sudo_at = now() - interval '1 hour'")
    return await site.live.open("/", cookies={"session": token}), scope


async def test_the_dialog_takes_the_right_password_and_closes(site: Site):
    tab, scope = await sudo_tab(site)
    with pytest.raises(SudoRequired):
        await accounts.require_sudo(scope)
    await tab.submit(SudoState.save, {"password": PASSWORD})
    await accounts.require_sudo(scope)
    name = ShellState.get_full_name()
    said = [push["name"] for delta in tab.deltas for push in delta.get(name, {}).get("pushes_rx_state_", [])]
    assert "close_dialog" in said
    assert PASSWORD not in str(tab.deltas)


async def test_the_form_that_was_refused_for_it_is_sent_again_once_and_no_other(site: Site):
    tab, _ = await sudo_tab(site)
    await tab.navigate("/settings/api-keys")
    await tab.send(NewKeyForm.save, {"name": "Backup", "lasts": "30"})
    async with tab.server_state(AgainState) as waiting:
        assert "Backup" not in repr(vars(waiting)), "what was typed stays in the browser"
    for _ in range(2):
        await tab.submit(SudoState.save, {"password": PASSWORD})
    assert (tab.get(NewKeyForm.again), tab.get(EmailForm.again)) == (1, 0)
    assert [each["text"] for each in tab.get(ShellState.flashes)] == ["Thank you. Go on now."]


async def test_the_button_that_was_refused_for_it_does_its_work_once_the_password_was_right(site: Site):
    tab, scope = await sudo_tab(site)
    await accounts.set_operator(SYSTEM, cast("UUID", scope.user_id), on=True)
    await tab.navigate(f"/admin/users?of={site.member.user_id}")
    for handler, is_one in ((UsersState.make_operator, True), (UsersState.make_no_operator, False)):
        async with transaction(SYSTEM) as database:
            await (await database.connection()).exec_driver_sql("UPDATE sessions SET sudo_at = NULL")
        await tab.send(handler)
        assert tab.get(UsersState.is_operator) is not is_one
        await tab.submit(SudoState.save, {"password": "Wrong horse 1"})
        assert tab.get(UsersState.is_operator) is not is_one
        await tab.submit(SudoState.save, {"password": PASSWORD})
        await tab.until(lambda is_one=is_one: tab.get(UsersState.is_operator) is is_one)


async def test_the_dialog_says_that_a_password_is_wrong_and_after_five_when_to_try_again(site: Site):
    tab, scope = await sudo_tab(site)
    await tab.submit(SudoState.save, {"password": ""})
    assert tab.get(SudoState.errors) == {"password": "can't be blank"}
    for _ in range(5):
        await tab.submit(SudoState.save, {"password": "Wrong horse 1"})
        assert tab.get(SudoState.errors) == {"password": "The password is wrong."}
    await tab.submit(SudoState.save, {"password": PASSWORD})
    assert [each["text"] for each in tab.get(ShellState.flashes)] == ["Too many tries. Try again in 5 minutes."]
    with pytest.raises(SudoRequired):
        await accounts.require_sudo(scope)
