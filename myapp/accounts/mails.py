"""The mails of the room, in the language of whom they are for."""

from __future__ import annotations

from myapp.kit import i18n, mailer, routes
from myapp.kit.i18n import gettext as _
from myapp.kit.mailer import Button, Mail


def invitation(to: str, token: str, *, organization: str, inviter: str, locale: str | None) -> Mail:
    """Somebody is asked to join an organisation. `locale` is theirs, where it is known; else it is the inviter's."""
    words = {"organization": organization, "inviter": inviter}
    with i18n.locale_of(locale or i18n.get_locale()):
        asked = (
            _("%(inviter)s asks you to join “%(organization)s” at MyApp.")
            if inviter
            else _("You are asked to join “%(organization)s” at MyApp.")
        )
        return mailer.compose(
            to,
            kind="accounts.invitation",
            subject=_("Join “%(organization)s”") % words,
            paragraphs=[
                asked % words,
                _("The link is for you alone: it is good for seven days, once, and only with this mail address."),
            ],
            button=Button(_("Look at the invitation"), routes.invitation(token)),
            note=_("You get this mail because somebody entered your address. If you expected none, ignore it."),
        )
