"""The mails of the room, each in the language of whom it is for, where that is known.

`back` is the address that somebody wanted when they had to show who they are: the link leads on to it.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Concatenate

from myapp.accounts.schemas import User
from myapp.kit import i18n, routes
from myapp.kit.alerts import Alert
from myapp.kit.i18n import gettext
from myapp.kit.mailer import Button, Mail, compose


def _in_their_language[**P](write: Callable[Concatenate[User, P], Mail]) -> Callable[Concatenate[User, P], Mail]:
    """What is written to somebody is written in their own language, else in that of whoever has it sent."""

    @wraps(write)
    def written(user: User, *args: P.args, **named: P.kwargs) -> Mail:
        with i18n.locale_of(user.locale or i18n.get_locale()):
            return write(user, *args, **named)

    return written


@_in_their_language
def confirmation(user: User, token: str, back: str = "") -> Mail:
    """To somebody who has registered, or has another address."""
    return compose(
        user.email,
        kind="accounts.confirm",
        subject=gettext("Confirm your address"),
        name=user.name,
        paragraphs=[gettext("Somebody, probably you, has registered with this address. Confirm that it is yours.")],
        button=Button(gettext("Confirm the address"), routes.confirm(token, back=back)),
        note=gettext("The link is good for 7 days. If it was not you, do nothing."),
    )


@_in_their_language
def already_registered(user: User, back: str = "") -> Mail:
    """To somebody with whose address somebody has tried to register again: the page may not say so."""
    return compose(
        user.email,
        kind="accounts.already_registered",
        subject=gettext("You have an account already"),
        name=user.name,
        paragraphs=[
            gettext("Somebody, probably you, wanted to register with this address. You have an account with it."),
            gettext("If you do not know the password any more, choose a new one."),
        ],
        button=Button(gettext("Log in"), routes.log_in(back=back)),
        note=gettext("If it was not you, do nothing: nothing has changed."),
    )


@_in_their_language
def reset(user: User, token: str, back: str = "") -> Mail:
    """To somebody who has forgotten the password."""
    return compose(
        user.email,
        kind="accounts.reset",
        subject=gettext("Choose a new password"),
        name=user.name,
        paragraphs=[gettext("Somebody, probably you, has asked for a new password.")],
        button=Button(gettext("Choose a password"), routes.reset_password(token, back=back)),
        note=gettext("The link is good for one day, once. If it was not you, do nothing: your password stays."),
    )


@_in_their_language
def log_in_link(user: User, token: str, back: str = "") -> Mail:
    """To somebody who wants to come in without a password."""
    return compose(
        user.email,
        kind="accounts.log_in",
        subject=gettext("Your link to log in"),
        name=user.name,
        paragraphs=[gettext("Somebody, probably you, wants to log in. The link does that without a password.")],
        button=Button(gettext("Log in"), routes.log_in_link(token, back=back)),
        note=gettext("The link is good for 15 minutes, once. If it was not you, do nothing."),
    )


@_in_their_language
def change_of_address(user: User, email: str, token: str) -> Mail:
    """To the new address of somebody who changes it."""
    return compose(
        email,
        kind="accounts.change_email",
        subject=gettext("Confirm your new address"),
        name=user.name,
        paragraphs=[gettext("You want mail to reach you at this address from now on. Confirm that it is yours.")],
        button=Button(gettext("Confirm the address"), routes.confirm(token)),
        note=gettext("The link is good for one day. If it was not you, do nothing."),
    )


@_in_their_language
def address_changed(user: User, former: str) -> Mail:
    """To the former address: whoever did not want this is to know of it."""
    return compose(
        former,
        kind="accounts.email_changed",
        subject=gettext("Your address has changed"),
        name=user.name,
        paragraphs=[
            gettext("Mail of your account goes to another address from now on."),
            gettext("If you did not want that, answer to this mail."),
        ],
    )


@_in_their_language
def password_changed(user: User) -> Mail:
    """To somebody whose password is another one now."""
    return compose(
        user.email,
        kind="accounts.password_changed",
        subject=gettext("Your password has changed"),
        name=user.name,
        paragraphs=[
            gettext("Your account has a new password, and you are logged out everywhere else."),
            gettext("If you did not do that, choose a new one at once."),
        ],
        button=Button(gettext("Choose a password"), routes.reset()),
    )


def invitation(to: str, token: str, *, organization: str, inviter: str, locale: str | None) -> Mail:
    """Somebody is asked to join an organisation. `locale` is theirs, where it is known; else it is the inviter's."""
    words = {"organization": organization, "inviter": inviter}
    with i18n.locale_of(locale or i18n.get_locale()):
        asked = (
            gettext("%(inviter)s asks you to join “%(organization)s” at MyApp.")
            if inviter
            else gettext("You are asked to join “%(organization)s” at MyApp.")
        )
        return compose(
            to,
            kind="accounts.invitation",
            subject=gettext("Join “%(organization)s”") % words,
            paragraphs=[
                asked % words,
                gettext("The link is for you alone: it is good for seven days, once, and only with this mail address."),
            ],
            button=Button(gettext("Look at the invitation"), routes.invitation(token)),
            note=gettext("You get this mail because somebody entered your address. If you expected none, ignore it."),
        )


@_in_their_language
def alert(operator: User, about: Alert) -> Mail:
    """To somebody who runs the site. The words of an alert are for those who know the machine: they stay English."""
    paragraphs = [about.what]
    if about.since_last:
        more = i18n.ngettext(
            "It happened %(count)s more time since the last mail about it.",
            "It happened %(count)s more times since the last mail about it.",
            about.since_last,
        )
        paragraphs.append(more % {"count": about.since_last})
    return compose(
        operator.email,
        kind=f"accounts.alert.{about.kind}",
        subject=gettext("Alert: %(what)s") % {"what": about.what},
        name=operator.name,
        paragraphs=paragraphs,
        quote="\n".join(f"{name}: {value}" for name, value in about.details.items()),
        note=gettext("You get this mail because you run this site. Of each kind there is one in 15 minutes."),
        key=about.kind,
    )
