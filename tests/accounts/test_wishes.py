"""Everybody wishes for themselves."""

from __future__ import annotations

import asyncio

import pytest

from myapp import accounts
from myapp.kit.errors import Forbidden, Unauthenticated
from myapp.kit.scope import Scope
from tests.factories.accounts import make_member, make_organization


async def test_who_has_chosen_nothing_wishes_for_mail(ada: Scope) -> None:
    assert (await accounts.get_settings(ada)).wants_mail


async def test_a_wish_is_kept_and_is_ones_own(ada: Scope, mei: Scope) -> None:
    for wanted in (False, True, False):
        await accounts.update_settings(ada, {"wants_mail": wanted})
        assert (await accounts.get_settings(ada)).wants_mail == wanted
    assert (await accounts.get_settings(mei)).wants_mail


async def test_nobody_wishes_for_anybody_else(ada: Scope, mei: Scope) -> None:
    await accounts.update_settings(mei, {"wants_mail": False, "user_id": str(ada.user_id)})
    assert (await accounts.get_settings(ada)).wants_mail


async def test_two_windows_at_once_leave_one_wish(real_db: str) -> None:
    scope = await make_member(await make_organization())
    await asyncio.gather(*(accounts.update_settings(scope, {"wants_mail": False}) for _ in range(4)))
    assert not (await accounts.get_settings(scope)).wants_mail


@pytest.mark.parametrize(
    ("scope", "refusal"),
    [(Scope.anonymous(), Unauthenticated), (Scope.system("a test"), Forbidden)],
    ids=["a visitor", "the system"],
)
async def test_who_is_nobody_wishes_for_nothing(db: object, scope: Scope, refusal: type[Exception]) -> None:
    for call in (accounts.get_settings(scope), accounts.update_settings(scope, {"wants_mail": False})):
        with pytest.raises(refusal):
            await call
