"""People, organisations and who belongs where: the front door."""

from myapp.accounts.events import (
    MEMBERSHIPS,
    MembershipCreated,
    MembershipDeleted,
    MembershipEvent,
    MembershipUpdated,
    OrganizationCreated,
    OrganizationUpdated,
)
from myapp.accounts.memberships import create_membership, delete_membership, update_membership
from myapp.accounts.organizations import (
    Member,
    OrganizationCard,
    create_organization,
    fetch_organizations,
    find_members,
    get_organization,
    get_organization_by_slug,
    is_member,
    list_members,
    list_organizations,
    list_own_organizations,
    scope_for,
    update_organization,
)
from myapp.accounts.placeholders import ForeignAuthor, MatchedAuthor, ensure_authors
from myapp.accounts.queries import DEMO_DOMAIN
from myapp.accounts.schemas import Activity, Membership, Organization, User, Visibility
from myapp.accounts.users import (
    DemoUser,
    create_user,
    get_user,
    list_activities,
    list_demo_users,
    record_activity,
)

__all__ = [
    "DEMO_DOMAIN",
    "MEMBERSHIPS",
    "Activity",
    "DemoUser",
    "ForeignAuthor",
    "MatchedAuthor",
    "Member",
    "Membership",
    "MembershipCreated",
    "MembershipDeleted",
    "MembershipEvent",
    "MembershipUpdated",
    "Organization",
    "OrganizationCard",
    "OrganizationCreated",
    "OrganizationUpdated",
    "User",
    "Visibility",
    "create_membership",
    "create_organization",
    "create_user",
    "delete_membership",
    "ensure_authors",
    "fetch_organizations",
    "find_members",
    "get_organization",
    "get_organization_by_slug",
    "get_user",
    "is_member",
    "list_activities",
    "list_demo_users",
    "list_members",
    "list_organizations",
    "list_own_organizations",
    "record_activity",
    "scope_for",
    "update_membership",
    "update_organization",
]
