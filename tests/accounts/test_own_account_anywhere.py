"""One's own account is the same from within an organisation, and none of the organisation's business."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

import pytest
import sqlalchemy as sa

from myapp import accounts, personal_data
from myapp.accounts import Device
from myapp.kit.repo import transaction
from myapp.kit.scope import Role, Scope
from tests.accounts.entrance import HERE, OTHER, PASSWORD, SYSTEM, ada, hashes, log_in
from tests.factories.accounts import make_organization

__all__ = ["hashes"]

type Act = Callable[[Scope], Awaitable[object]]


async def _key_made_and_revoked(scope: Scope) -> None:
    made = await accounts.create_api_key(scope, {"name": "Backup", "scopes": ["read"]})
    await accounts.delete_api_key(scope, made.card.id)


async def _program_logged_in_and_out(scope: Scope) -> None:
    tokens = await accounts.create_token_family(scope, Device())
    await accounts.delete_program(scope, tokens.family_id)


ACTS: dict[str, Act] = {
    "another password": lambda s: accounts.change_password(s, {"password": OTHER, "password_confirmation": OTHER}),
    "another address": lambda s: accounts.request_email_change(s, {"email": "new@example.com"}),
    "the password again": lambda s: accounts.confirm_password(s, PASSWORD),
    "the mail again": accounts.request_confirmation,
    "a key": _key_made_and_revoked,
    "a program": _program_logged_in_and_out,
    "the profile": lambda s: accounts.update_profile(s, {"bio": "Counts tides."}),
    "no picture": accounts.delete_avatar,
    "wishes": lambda s: accounts.update_settings(s, {"wants_mail": False}),
    "other sessions": accounts.delete_other_sessions,
    "all sessions": accounts.delete_sessions,
    "out elsewhere": accounts.log_out_elsewhere,
    "out everywhere": accounts.log_out_everywhere,
    "out": accounts.log_out,
    "another log-in": lambda s: accounts.log_in(s, {"email": "ada@example.com", "password": PASSWORD}, HERE),
    "gone": lambda s: personal_data.delete_account(s, {"confirmation": "ada-o", "posts": "keep"}),
}


@pytest.mark.parametrize("act", ACTS)
async def test_what_one_does_to_ones_own_account_works_within_an_organisation_and_is_not_written_there(act: str):
    user, organization = await ada(), await make_organization()
    await accounts.create_membership(SYSTEM, organization.id, user.id, Role.MEMBER)
    here = await log_in()
    await log_in()
    inside = await accounts.scope_for_session(here.session_id, organization.slug)
    assert (inside.org_id, inside.role) == (organization.id, Role.MEMBER)
    before = await _written(organization.id)
    await ACTS[act](inside)
    assert await _written(organization.id) - before <= {"accounts.membership.deleted"}


async def _written(organization_id: object) -> set[str]:
    """The deeds that the organisation's record knows."""
    async with transaction(SYSTEM) as session:
        connection = await session.connection()
        found = sa.text("SELECT action FROM audit_logs WHERE org_id = :org")
        return {row.action for row in await connection.execute(found, {"org": organization_id})}
