"""The server's half of a live form: what was touched is checked, saving says what is wrong, nothing is trusted."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from typing import Any, ClassVar, override

import pytest
import reflex as rx
from pydantic import BaseModel

from myapp.config import Settings
from myapp.kit.changeset import Attrs, Changeset, cast
from myapp.kit.errors import Forbidden, Invalid
from myapp.web import session
from myapp.web.door import Door
from myapp.web.live.forms import FormState, live_form
from myapp.web.session import SessionCookie
from tests.live import Live, Tab, own_app


class Guest(BaseModel):
    """What the form is about."""

    name: str = ""
    seats: int = 1
    is_host: bool = False


def guest_changeset(attrs: Attrs) -> Changeset[Guest]:
    return cast(Guest(), attrs, ["name", "seats"]).validate_required("name").validate_length("name", min=3)


class GuestForm(FormState, rx.State):
    """A form whose saving can be made to fail."""

    written: ClassVar[list[Guest]] = []
    trouble: ClassVar[list[Exception]] = []

    @override
    async def _change(self, attrs: Attrs) -> Changeset[Any]:
        return guest_changeset(attrs)

    @override
    async def _save(self, attrs: Attrs) -> Any:
        if self.trouble:
            raise self.trouble.pop()
        changeset = guest_changeset(attrs)
        if not changeset.valid:
            raise Invalid(changeset)
        self.written.append(changeset.apply())
        return rx.redirect("/form")


@pytest.fixture(scope="module")
def app() -> rx.App:
    session.use(SessionCookie(Settings.model_validate({})))
    app = own_app()
    app.add_page(lambda: live_form(GuestForm, rx.el.input(name="name"), name="guest"), route="/form")
    Door(app)
    return app


@pytest.fixture
async def tab(app: rx.App) -> AsyncGenerator[Tab]:
    GuestForm.written.clear()
    GuestForm.trouble.clear()
    async with Live(app) as live:
        yield await live.open("/form")


async def test_only_touched_fields_show_their_errors(tab: Tab):
    await tab.send(GuestForm.validate({"name": "", "seats": "none"}, ["seats"]))
    assert tab.get(GuestForm.errors) == {"seats": "is invalid"}
    await tab.send(GuestForm.validate({"name": "Al", "seats": "none"}, ["seats", "name"]))
    assert tab.get(GuestForm.errors) == {"seats": "is invalid", "name": "should be at least 3 character(s)"}
    await tab.send(GuestForm.validate({"name": "Ada", "seats": "2"}, ["seats", "name"]))
    assert tab.get(GuestForm.errors) == {}


async def test_saving_shows_every_error_and_sends_the_focus_there(tab: Tab):
    await tab.send(GuestForm.save({"name": "", "seats": "none"}))
    assert tab.get(GuestForm.errors) == {"name": "can't be blank", "seats": "is invalid"}
    assert tab.get(GuestForm.refused) == 1
    assert tab.get(GuestForm.saved) == 0
    assert GuestForm.written == []


async def test_a_saved_form_forgets_its_draft_and_goes_on(tab: Tab):
    await tab.send(GuestForm.validate({"name": ""}, ["name"]))
    await tab.send(GuestForm.save({"name": "Ada", "seats": "2"}))
    assert GuestForm.written == [Guest(name="Ada", seats=2)]
    assert tab.get(GuestForm.errors) == {}
    assert tab.get(GuestForm.saved) == 1
    assert tab.redirects == ["/form"]


async def test_the_button_is_busy_while_it_saves(tab: Tab):
    deltas = await tab.send(GuestForm.save({"name": "Ada"}))
    name = GuestForm.get_full_name()
    busy = [delta[name]["is_saving_rx_state_"] for delta in deltas if "is_saving_rx_state_" in delta.get(name, {})]
    assert busy == [True, False]


@pytest.mark.parametrize("trouble", [Forbidden(), RuntimeError("the disk is full")])
async def test_a_save_that_fails_leaves_the_form_usable(tab: Tab, trouble: Exception):
    GuestForm.trouble.append(trouble)
    with pytest.raises(type(trouble)):
        await tab.send(GuestForm.save({"name": "Ada"}))
    await tab.send(GuestForm.save({"name": "Ada"}))
    assert not tab.get(GuestForm.is_saving)
    assert len(GuestForm.written) == 1


async def test_fields_nobody_named_change_nothing(tab: Tab):
    await tab.send(GuestForm.save({"name": "Ada", "is_host": True, "__class__": "x", "seats": {"$gt": 0}}))
    assert GuestForm.written == [Guest(name="Ada", seats=1, is_host=False)]


@pytest.mark.parametrize("fields", [None, [], "text", 7, {"name": None}, {"name": ["a"]}, {"name": {"a": "b"}}])
async def test_a_browser_may_send_anything(tab: Tab, fields: object):
    await tab.send_raw(f"{GuestForm.get_full_name()}.validate", {"fields": fields, "touched": fields})
    await tab.send(GuestForm.save({"name": "Ada"}))
    assert len(GuestForm.written) == 1


async def test_values_from_the_server_draw_the_fields_anew(tab: Tab):
    await tab.send(GuestForm.validate({"name": ""}, ["name"]))
    async with tab.server_state(GuestForm) as form:
        form._fill({"name": "Grace", "seats": 3, "note": None})
    assert tab.get(GuestForm.values) == {"name": "Grace", "seats": "3", "note": ""}
    assert tab.get(GuestForm.errors) == {}
    assert tab.get(GuestForm.revision) == 1
