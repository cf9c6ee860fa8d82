"""The mails about what somebody has not read yet, and about the week."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from myapp.kit import i18n, routes
from myapp.kit.i18n import gettext, ngettext
from myapp.kit.mailer import Button, Mail, compose
from myapp.notifications.cards import NotificationCard

MOST = 10  # that are listed; the page has the rest


@dataclass(frozen=True, slots=True)
class DigestLine:
    """A post, as the mail about a week has it."""

    title: str
    author: str
    org_name: str


def digest_mail(email: str, name: str, locale: str | None, *, day: date, lines: Sequence[DigestLine]) -> Mail:
    """The week before that day, in the person's language: the first few of its posts."""
    with i18n.locale_of(i18n.negotiate(locale)):
        said = [
            gettext("“%(title)s” by %(author)s (%(organization)s)")
            % {"title": line.title, "author": line.author, "organization": line.org_name}
            for line in lines[:MOST]
        ]
        if len(lines) > MOST:
            said.append(gettext("And more."))
        return compose(
            email,
            kind="notifications.digest",
            subject=gettext("What was published this week"),
            name=name,
            paragraphs=said,
            button=Button(gettext("Look at it"), routes.home()),
            note=gettext("You can turn these mails off in your settings, under notifications."),
            key=day.isoformat(),
        )


def unread_mail(email: str, name: str, locale: str | None, cards: Sequence[NotificationCard]) -> Mail:
    """One mail for all of them, in the person's language; a single one leads straight to its place."""
    with i18n.locale_of(i18n.negotiate(locale)):
        others = len(cards) - MOST
        first, is_one = cards[0], len(cards) == 1
        lines = [f"{card.sentence} ({card.org_name})" for card in cards[:MOST]]
        if others > 0:
            lines.append(ngettext("And %(count)s more.", "And %(count)s more.", others) % {"count": others})
        many = ngettext("%(count)s piece of news for you", "%(count)s pieces of news for you", len(cards))
        return compose(
            email,
            kind="notifications.unread",
            subject=first.sentence if is_one else many % {"count": len(cards)},
            name=name,
            paragraphs=lines,
            quote=first.excerpt if is_one else "",
            button=Button(gettext("Look at it"), first.path if is_one else routes.notifications()),
            note=gettext("You can turn these mails off in your settings, under notifications."),
            key=",".join(str(card.id) for card in cards),
        )
