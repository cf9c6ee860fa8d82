"""The operations are for operators and the system, and for nobody else, by whichever function."""

from __future__ import annotations

import inspect
from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from sqlalchemy.ext.asyncio import AsyncConnection

from myapp import ops
from myapp.kit.clock import new_id
from myapp.kit.errors import Forbidden, Unauthenticated
from myapp.kit.scope import Grant, Role, Scope
from tests.ops.calls import CALLS

OPERATOR = Scope(new_id(), is_operator=True)
OWNER = Scope(new_id(), new_id(), Role.OWNER)

type Call = Callable[[Scope], Awaitable[object]]


def test_every_function_that_waits_has_a_case() -> None:
    waiting = {name for name in ops.__all__ if inspect.iscoroutinefunction(getattr(ops, name))}
    assert waiting == CALLS.keys()


@pytest.mark.parametrize("name", CALLS)
@pytest.mark.parametrize(
    ("who", "refusal"),
    [
        (Scope.anonymous(), Unauthenticated),
        (Scope(new_id()), Forbidden),
        (OWNER, Forbidden),
        (Scope.system("a job of one organisation", new_id()), Forbidden),
        (OPERATOR.limited_to(frozenset({Grant.READ, Grant.WRITE})), Forbidden),
    ],
    ids=["a visitor", "a person", "an owner", "an organisation's job", "an operator's key"],
)
async def test_others_are_refused_by_every_function(
    name: str, who: Scope, refusal: type[Exception], db: AsyncConnection
) -> None:
    with pytest.raises(refusal):
        await CALLS[name](who)


def test_an_operator_acts_over_all_organisations_wherever_they_look() -> None:
    looking: Any = ops.authorise(Scope(OPERATOR.user_id, new_id(), is_operator=True), "see_operations")
    assert looking == OPERATOR
