"""Two links of one person, followed at the same moment."""

from __future__ import annotations

import asyncio

import pytest
from sqlmodel import col, select

from myapp import accounts
from myapp.accounts import LinkInvalid, User
from myapp.accounts.links import use_link
from myapp.accounts.proofs import prove_address
from myapp.accounts.schemas import TokenContext
from myapp.kit.repo import transaction
from tests.accounts.entrance import ADA, NOBODY, OTHER, SYSTEM, TWICE, link_in_the_last_mail
from tests.overlaps import blocked


async def test_the_second_waits_for_the_first_which_makes_it_worthless(real_db: str) -> None:
    """Where each has used up its own, and would then delete the other's, they wait for each other."""
    await accounts.register(NOBODY, {**ADA, **TWICE})
    await (await accounts.request_log_in_link(NOBODY, ADA["email"]))()
    to_log_in = await link_in_the_last_mail()
    await (await accounts.request_reset(NOBODY, ADA["email"]))()
    chosen = {"password": OTHER, "password_confirmation": OTHER}
    async with transaction(SYSTEM) as session:
        used = await use_link(to_log_in, TokenContext.LOG_IN)
        reset = asyncio.create_task(accounts.reset_password(NOBODY, await link_in_the_last_mail(), chosen))
        await blocked(real_db)
        await prove_address((await session.exec(select(User).where(col(User.id) == used.user_id))).one())
    with pytest.raises(LinkInvalid):
        await reset
