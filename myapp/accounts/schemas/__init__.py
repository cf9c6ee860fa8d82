"""The tables of people, of what proves who they are, and of organisations."""

from myapp.accounts.schemas.groups import Group, GroupMember
from myapp.accounts.schemas.invitations import Invitation
from myapp.accounts.schemas.organizations import Activity, Membership, Organization, Visibility
from myapp.accounts.schemas.people import Address, Profile, User, UserSettings
from myapp.accounts.schemas.sessions import Session, TokenContext, UserToken

__all__ = [
    "Activity",
    "Address",
    "Group",
    "GroupMember",
    "Invitation",
    "Membership",
    "Organization",
    "Profile",
    "Session",
    "TokenContext",
    "User",
    "UserSettings",
    "UserToken",
    "Visibility",
]
