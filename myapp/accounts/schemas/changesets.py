"""How people may change: what they are called, where mail reaches them, their password, profile and settings.

A changeset takes only the fields that it names: nobody becomes an operator, or confirmed, by sending so. Passwords are
virtual: they are checked here, hashed by `passwords.py`, and never part of a row.
"""

from __future__ import annotations

from myapp.accounts.schemas.people import MAX_AGE, MAX_BIO, MIN_AGE, Address, Profile, User, UserSettings
from myapp.kit.changeset import Attrs, Changeset, cast, messages
from myapp.kit.i18n import gettext_noop

MIN_PASSWORD, MAX_PASSWORD = 8, 128
NO_LOWER = gettext_noop("must have a lower-case letter")
NO_UPPER = gettext_noop("must have an upper-case letter")
NO_DIGIT = gettext_noop("must have a digit")
NOT_THE_SAME = gettext_noop("does not match password")
EMAIL = r"\A\s*[^\s@]+@[^\s@]+\s*\Z"
NOBODYS = ".invalid"  # RFC 2606
_USERNAME = r"\A\w(?:[\w.-]*\w)?\Z"  # what a mention in a text can name


def user_changeset(user: User, attrs: Attrs) -> Changeset[User]:
    """Who somebody is: address, user name, name and language."""
    return names_changeset(email_changeset(user, attrs), attrs)


def names_changeset(user: User | Changeset[User], attrs: Attrs) -> Changeset[User]:
    """User name, name and language."""
    return (
        cast(user, attrs, ["username", "name", "locale"])
        .update_change("username", str.strip)
        .update_change("name", lambda name: " ".join(name.split()))
        .validate_required("username", "name")
        .validate_length("username", min=3, max=30)
        .validate_format("username", _USERNAME)
        .validate_length("name", min=2, max=100)
        .unique_constraint("username", name="uq_users_username")
    )


def email_changeset(user: User | Changeset[User], attrs: Attrs) -> Changeset[User]:
    """The address alone: none under `.invalid`, which stands for those whom no mail reaches (`placeholders.py`)."""
    return (
        cast(user, attrs, ["email"])
        .update_change("email", str.strip)
        .validate_required("email")
        .validate_format("email", EMAIL)
        .validate_change("email", lambda email: messages.BAD_FORMAT if email.lower().endswith(NOBODYS) else None)
        .validate_length("email", max=160)
        .unique_constraint("email", name="uq_users_email")
    )


def password_changeset(user: User | Changeset[User], attrs: Attrs) -> Changeset[User]:
    """A new password, typed twice; it is the change `password`, which no column holds."""
    return (
        cast(user, attrs, [], virtual={"password": str})
        .validate_required("password")
        .validate_length("password", min=MIN_PASSWORD, max=MAX_PASSWORD)
        .validate_format("password", r"[a-z]", message=NO_LOWER)
        .validate_format("password", r"[A-Z]", message=NO_UPPER)
        .validate_format("password", r"[0-9]", message=NO_DIGIT)
        .validate_confirmation("password", required=True, message=NOT_THE_SAME)
    )


def registration_changeset(user: User, attrs: Attrs) -> Changeset[User]:
    """Everything that somebody says to become a person here."""
    return password_changeset(user_changeset(user, attrs), attrs)


def profile_changeset(profile: Profile, attrs: Attrs) -> Changeset[Profile]:
    """What somebody says of themselves."""
    return (
        cast(profile, attrs, ["bio", "age"])
        .validate_length("bio", max=MAX_BIO)
        .validate_number("age", greater_than_or_equal_to=MIN_AGE, less_than_or_equal_to=MAX_AGE)
        .cast_embed("address", address_changeset)
        .unique_constraint("user_id", name="uq_profiles_user_id")
    )


def address_changeset(address: Address, attrs: Attrs) -> Changeset[Address]:
    """A postal address, all of it."""
    changeset = (
        cast(address, attrs, ["street", "city", "state", "zip", "country"])
        .validate_required("street", "city", "state", "zip", "country")
        .validate_length("street", max=200)
        .validate_length("city", max=100)
        .validate_length("state", max=100)
        .validate_length("zip", max=20)
        .validate_format("country", r"\A[A-Z]{2}\Z")
    )
    is_american = changeset.get_field("country") == "US"
    return changeset.validate_format("zip", r"\A[0-9]{5}(-[0-9]{4})?\Z") if is_american else changeset


def settings_changeset(settings: UserSettings, attrs: Attrs) -> Changeset[UserSettings]:
    """What somebody wishes."""
    return cast(settings, attrs, ["wants_mail"]).unique_constraint("user_id", name="uq_user_settings_user_id")
