"""The pages of notifications: for people, and each for their own."""

from __future__ import annotations

import pytest

from myapp import accounts
from myapp.kit.errors import Unauthenticated
from myapp.web.notifications.settings import NotificationSettingsState
from myapp.web.shell import ShellState
from tests.web.blog.conftest import Site


@pytest.mark.parametrize("path", ["/notifications", "/settings/notifications"])
async def test_a_visitor_is_asked_who_it_is_and_led_back(site: Site, path: str) -> None:
    tab = await site.live.open("/")
    with pytest.raises(Unauthenticated):
        await tab.navigate(path)
    await tab.until(lambda: tab.redirects)
    assert tab.redirects[0].endswith(f"?back={path.replace('/', '%2F')}")


async def test_a_tab_knows_whose_bell_it_rings(site: Site) -> None:
    tab = await site.live.open("/notifications", cookies=await site.cookies_of(site.member))
    assert tab.get(ShellState.person_id) == str(site.member.user_id)
    assert (await site.open("")).get(ShellState.person_id) == ""


async def test_the_wish_for_mail_is_shown_and_kept(site: Site) -> None:
    tab = await site.live.open("/settings/notifications", cookies=await site.cookies_of(site.member))
    assert tab.get(NotificationSettingsState.wants_mail) is True
    await tab.send(NotificationSettingsState.choose_mail, False)
    assert tab.get(NotificationSettingsState.wants_mail) is False
    assert [each["text"] for each in tab.get(ShellState.flashes)] == ["You get no mails about news."]
    assert (await accounts.get_settings(site.member)).wants_mail is False
    assert (await accounts.get_settings(site.owner)).wants_mail is True


async def test_a_visitor_wishes_for_nothing(site: Site) -> None:
    tab = await site.open("")
    with pytest.raises(Unauthenticated):
        await tab.send(NotificationSettingsState.choose_mail, False)
