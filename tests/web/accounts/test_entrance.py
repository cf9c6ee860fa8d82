"""The pages where people come in: what they say while one types, and what they never keep."""

from __future__ import annotations

import pytest

from myapp import accounts
from myapp.accounts import SudoRequired
from myapp.kit.repo import transaction
from myapp.kit.scope import Role, Scope
from myapp.web.accounts.log_in.state import LogInState
from myapp.web.accounts.register.state import RegisterState
from myapp.web.accounts.reset.state import NewPasswordState
from myapp.web.accounts.state import EntranceState
from myapp.web.accounts.sudo import SudoState
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


async def test_a_page_that_a_mail_leads_to_uses_nothing_up(site: Site):
    tab = await site.live.open("/confirm/some-link")
    assert tab.get(EntranceState.link) == "some-link"
    await tab.navigate("/log-in?back=//evil.example&sent=1")
    assert (tab.get(EntranceState.link), tab.get(EntranceState.back)) == ("", "/")
    assert tab.get(EntranceState.news) == "sent"


async def test_the_people_of_the_demonstration_are_offered_in_development_only(
    site: Site, monkeypatch: pytest.MonkeyPatch
):
    ada = await accounts.create_user(SYSTEM, {"email": "ada@demo.example", "username": "demo-ada", "name": "Ada"})
    await accounts.create_membership(SYSTEM, site.organization.id, ada.id, Role.MEMBER)
    assert [each["name"] for each in (await site.live.open("/log-in")).get(EntranceState.people)] == ["Ada"]
    monkeypatch.setenv("MYAPP_ENV", "production")
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
