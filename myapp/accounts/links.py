"""Links that are sent by mail to prove who somebody is: made, and used once.

    token = await make_link(user.id, TokenContext.RESET, sent_to=user.email)     # within a transaction; for the mail
    used = await use_link(token, TokenContext.RESET)                             # LinkInvalid, or whose it is

What always holds: a link is good for one thing, for its time, once, and while the person has the address that it was
sent to; a newer one makes older ones of its kind worthless. Of two who use one at the same moment one succeeds, as
using it deletes its row.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from typing import cast as typed
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import col

from myapp.accounts.schemas import TokenContext, User, UserToken
from myapp.accounts.scopes import is_active
from myapp.accounts.tokens import digest, new_token
from myapp.kit.clock import now
from myapp.kit.errors import AppError, Forbidden, Unauthenticated
from myapp.kit.i18n import gettext_noop
from myapp.kit.repo import current_session, transaction
from myapp.kit.scope import Scope

GOOD_FOR = {
    TokenContext.CONFIRM: timedelta(days=7),
    TokenContext.RESET: timedelta(days=1),
    TokenContext.CHANGE_EMAIL: timedelta(days=1),
    TokenContext.LOG_IN: timedelta(minutes=15),
}


class LinkInvalid(AppError):
    """It was used, is too old, or never was one: which of them is nobody's business."""

    status = 410
    message = gettext_noop("This link was used already, or is too old. Ask for another one.")


@dataclass(frozen=True, slots=True)
class UsedLink:
    """Whose link it was, and which address has proved to be theirs."""

    user_id: UUID
    sent_to: str
    context: TokenContext


async def make_link(user_id: UUID, context: TokenContext, *, sent_to: str) -> str:
    """What the mail is to hold; in the open transaction."""
    token = new_token()
    session = current_session()
    older = sa.delete(UserToken).where(col(UserToken.user_id) == user_id, col(UserToken.context) == context)
    await session.exec(older.execution_options(synchronize_session=False))
    session.add(UserToken(user_id=user_id, context=context, hashed_token=digest(token) or b"", sent_to=sent_to))
    await session.flush()
    return token


async def use_link(token: str, *contexts: TokenContext) -> UsedLink:
    """Use it up for one of these, in the open transaction. Raises LinkInvalid.

    Its person stays as they are until that ends. They are locked first: of two links of one person each makes the other
    worthless, and would wait for the other.
    """
    await require_link(token, *contexts, locks=True)
    statement = (
        sa.delete(UserToken)
        .where(_is_this(token, contexts))
        .returning(col(UserToken.user_id), col(UserToken.sent_to), col(UserToken.context))
        .execution_options(synchronize_session=False)
    )
    result: sa.Result[Any] = await current_session().exec(statement)
    row = result.one_or_none()
    if row is None:
        raise LinkInvalid
    return UsedLink(row[0], row[1], TokenContext(row[2]))


async def require_link(token: str, *contexts: TokenContext, locks: bool = False) -> None:
    """Raise LinkInvalid unless it is good for one of these now; it stays so. In the open transaction."""
    known = sa.select(col(UserToken.id)).join(User, sa.true()).where(_is_this(token, contexts))
    if locks:
        known = known.with_for_update(of=User, key_share=True)
    found: sa.Result[Any] = await typed("Any", current_session()).exec(known)
    if found.one_or_none() is None:
        raise LinkInvalid


def _is_this(token: str, contexts: Collection[TokenContext]) -> sa.ColumnElement[bool]:
    """Whether a row is of this link, which is good for one of these, and its person may act."""
    same_address = sa.func.lower(col(User.email)) == sa.func.lower(col(UserToken.sent_to))
    return sa.and_(
        col(UserToken.hashed_token) == digest(token),
        sa.or_(*[_is_good(context) for context in contexts]),
        col(UserToken.user_id) == col(User.id),
        is_active(),
        sa.or_(col(UserToken.context) == TokenContext.CHANGE_EMAIL, same_address),
    )


def _is_good(context: TokenContext) -> sa.ColumnElement[bool]:
    return sa.and_(col(UserToken.context) == context, col(UserToken.inserted_at) > now() - GOOD_FOR[context])


async def delete_links_of(user_id: UUID) -> None:
    """Make all of a person's worthless, in the open transaction: after a new password, a new address, a farewell."""
    gone = sa.delete(UserToken).where(col(UserToken.user_id) == user_id)
    await current_session().exec(gone.execution_options(synchronize_session=False))


async def delete_old_links(scope: Scope) -> int:
    """Clear away what nobody can use any more; for the system. How many that were."""
    if not scope.is_system:
        raise Forbidden if scope.user_id else Unauthenticated
    good = sa.or_(*[_is_good(context) for context in TokenContext])
    async with transaction(scope) as session:
        statement = sa.delete(UserToken).where(~good).returning(col(UserToken.id))
        result: sa.Result[Any] = await session.exec(statement.execution_options(synchronize_session=False))
        return len(result.all())
