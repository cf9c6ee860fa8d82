"""Every select of the room, filtered by what the scope may see."""

from __future__ import annotations

from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import array
from sqlalchemy.orm import aliased
from sqlalchemy.sql.elements import ColumnElement
from sqlmodel import col, select
from sqlmodel.sql.expression import Select, SelectOfScalar

from myapp.accounts.schemas import Activity, Group, Invitation, Membership, Organization, User, Visibility
from myapp.kit.errors import Forbidden, Unauthenticated
from myapp.kit.scope import Role, Scope
from myapp.kit.types import StringArray

DEMO_DOMAIN = "demo.example"


def sees_all(scope: Scope) -> bool:
    """The system and operators, unless they look at one organisation."""
    return scope.is_system or scope.is_operator


def site_wide(scope: Scope) -> Scope:
    """The same one, looking at no organisation of all: whoever sees all then does."""
    return scope.outside


def require_site_wide(scope: Scope) -> None:
    """Raise Forbidden, or Unauthenticated when nobody is logged in, for a scope that does not see all."""
    if not sees_all(scope):
        raise Forbidden if scope.user_id else Unauthenticated


def person(scope: Scope) -> UUID:
    """Who it is that acts. Raises Unauthenticated for a visitor, and Forbidden for the system."""
    if scope.user_id is None:
        raise Forbidden if scope.is_system else Unauthenticated
    return scope.user_id


def holder(scope: Scope) -> UUID:
    """The same for keys, tokens and sessions. Raises Forbidden, too, for who acts by a key: no key sees to others."""
    if scope.grants is not None:
        raise Forbidden
    return person(scope)


def require_own(scope: Scope, user_id: UUID) -> None:
    """Raise Forbidden, or Unauthenticated, for anybody but this person, the system and operators."""
    if not sees_all(scope) and holder(scope) != user_id:
        raise Forbidden


def is_public() -> ColumnElement[bool]:
    """Whether an organisation shows visitors what it published."""
    return col(Organization.visibility) == Visibility.PUBLIC


def visible_organizations(scope: Scope) -> ColumnElement[bool]:
    """Public ones, and those the person belongs to."""
    if sees_all(scope):
        return sa.true()
    if scope.user_id is None:
        return is_public()
    own = select(Membership.org_id).where(col(Membership.user_id) == scope.user_id)
    return sa.or_(is_public(), col(Organization.id).in_(own))


def at_slug(slug: str | ColumnElement[str]) -> ColumnElement[bool]:
    """Whether an organisation stands, or stood before, under this slug: a present one comes first."""
    other = aliased(Organization)
    was_there = col(other.former_slugs).contains(sa.cast(array([slug]), StringArray))
    present = sa.select(col(other.id)).where(col(other.slug) == slug).scalar_subquery()
    former = sa.select(col(other.id)).where(was_there).limit(1).scalar_subquery()
    return col(Organization.id) == sa.func.coalesce(present, former)


def organizations(scope: Scope) -> SelectOfScalar[Organization]:
    return select(Organization).where(visible_organizations(scope))


def organizations_with_role(scope: Scope) -> Select[Organization, Role]:
    """What the scope sees, with the person's role in each."""
    mine = sa.and_(col(Membership.org_id) == col(Organization.id), col(Membership.user_id) == scope.user_id)
    return select(Organization, col(Membership.role)).outerjoin(Membership, mine).where(visible_organizations(scope))


def users(scope: Scope) -> SelectOfScalar[User]:
    """Oneself, and for a member everybody of the organisation at hand."""
    if sees_all(scope):
        return select(User)
    fellows = select(Membership.user_id).where(col(Membership.org_id) == scope.org_id)
    allowed = col(User.id) == scope.user_id
    if scope.is_member:
        allowed = sa.or_(allowed, col(User.id).in_(fellows))
    return select(User).where(allowed)


def members(scope: Scope) -> Select[User, Role]:
    """People of the organisation at hand with their roles, by name. Only its members see them."""
    return (
        select(User, col(Membership.role))
        .join(Membership, col(Membership.user_id) == col(User.id))
        .where(col(Membership.org_id) == scope.org_id, sa.true() if _may_see_members(scope) else sa.false())
        .order_by(col(User.name), col(User.id))
    )


def groups(scope: Scope) -> SelectOfScalar[Group]:
    """The groups of the organisation at hand, for its people."""
    may = sa.true() if _may_see_members(scope) else sa.false()
    return select(Group).where(col(Group.org_id) == scope.org_id, may)


def invitations(scope: Scope) -> SelectOfScalar[Invitation]:
    """The open invitations of the organisation at hand, for who may invite."""
    return select(Invitation).where(is_visible_invitation(scope))


def is_visible_invitation(scope: Scope) -> ColumnElement[bool]:
    """See `invitations`."""
    may = sa.true() if scope.at_least(Role.ADMIN) else sa.false()
    return sa.and_(col(Invitation.org_id) == scope.org_id, is_open_invitation(), may)


def is_open_invitation() -> ColumnElement[bool]:
    """Whether an invitation was neither accepted nor revoked; it may be too old."""
    return sa.and_(col(Invitation.accepted_at).is_(None), col(Invitation.revoked_at).is_(None))


def _may_see_members(scope: Scope) -> bool:
    return scope.is_member or sees_all(scope)


def activities(scope: Scope, user_id: UUID) -> SelectOfScalar[Activity]:
    """A person's history in the organisation at hand, newest first: one's own, and everybody's for its admins."""
    mine = scope.is_member and scope.user_id == user_id
    allowed = mine or (scope.org_id is not None and scope.at_least(Role.ADMIN))
    return (
        select(Activity)
        .where(
            col(Activity.user_id) == user_id,
            col(Activity.org_id) == scope.org_id,
            sa.true() if allowed else sa.false(),
        )
        .order_by(col(Activity.id).desc())
    )


def demo_users() -> Select[User, Role, Organization]:
    """The people of the demonstration with the places they hold, the highest role first."""
    ranks = {role.value: role.rank for role in Role}
    return (
        select(User, col(Membership.role), Organization)
        .join(Membership, col(Membership.user_id) == col(User.id))
        .join(Organization, col(Organization.id) == col(Membership.org_id))
        .where(col(User.email).endswith(f"@{DEMO_DOMAIN}", autoescape=True))
        .order_by(sa.case(ranks, value=col(Membership.role)).desc(), col(User.name))
    )
