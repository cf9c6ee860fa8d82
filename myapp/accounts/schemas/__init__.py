"""The tables of people, of what proves who they are, and of organisations."""

from myapp.accounts.schemas.groups import Group, GroupMember
from myapp.accounts.schemas.invitations import Invitation
from myapp.accounts.schemas.keys import ApiKey, RefreshToken, TokenFamily, api_key_changeset
from myapp.accounts.schemas.organizations import Activity, Membership, Organization, Visibility
from myapp.accounts.schemas.people import Address, Profile, User, UserSettings
from myapp.accounts.schemas.sessions import Session, TokenContext, UserToken

__all__ = [
    "Activity",
    "Address",
    "ApiKey",
    "Group",
    "GroupMember",
    "Invitation",
    "Membership",
    "Organization",
    "Profile",
    "RefreshToken",
    "Session",
    "TokenContext",
    "TokenFamily",
    "User",
    "UserSettings",
    "UserToken",
    "Visibility",
    "api_key_changeset",
]
