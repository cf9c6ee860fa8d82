"""People, organisations and who belongs where: the front door."""

from myapp.accounts.schemas import Activity, Membership, Organization, User, Visibility

__all__ = ["Activity", "Membership", "Organization", "User", "Visibility"]
