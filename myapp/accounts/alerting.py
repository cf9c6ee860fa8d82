"""Mail to those who run the site, when something of it is not as it should be."""

from __future__ import annotations

import sqlalchemy as sa
from sqlmodel import col, select

from myapp.accounts import mails
from myapp.accounts.schemas import User
from myapp.accounts.scopes import is_active
from myapp.kit import mailer
from myapp.kit.alerts import Alert
from myapp.kit.errors import Forbidden, Unauthenticated
from myapp.kit.query_log import repeats_allowed
from myapp.kit.repo import transaction
from myapp.kit.scope import Scope


async def mail_operators(scope: Scope, alert: Alert) -> int:
    """Write to every operator with a confirmed address, each in their language; for the system. How many that are."""
    if not scope.is_system:
        raise Forbidden if scope.user_id else Unauthenticated
    runs_the_site = sa.and_(col(User.is_operator).is_(True), col(User.confirmed_at).is_not(None), is_active())
    async with transaction(scope) as session:
        operators = (await session.exec(select(User).where(runs_the_site))).all()
        with repeats_allowed():
            for operator in operators:
                await mailer.enqueue(mails.alert(operator, alert))
    return len(operators)
