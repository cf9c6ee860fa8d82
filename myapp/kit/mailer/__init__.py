"""Mail: written in the transaction of the deed, delivered after its commit.

    async with transaction(scope):
        token = await create_token(user)
        await mailer.enqueue(mails.reset(user, token))

A room builds its mails in `<room>/mails.py`, in the recipient's language, with links from `kit/routes.py`:

    with i18n.locale_of(user.locale or i18n.get_locale()):
        return mailer.compose(
            user.email,
            kind="accounts.reset",
            subject=_("Choose a new password"),
            name=user.name,
            paragraphs=[_("Somebody, probably you, asked for a new password.")],
            button=Button(_("Choose a password"), routes.reset(token)),
        )

What always holds: no mail leaves for a deed that was rolled back, and none of a committed deed is forgotten, whatever
dies in between: row and job are written with the deed. Of several processes one claims a mail, and the others leave it
alone while that one tries. Nothing that people wrote can add a header or a recipient. Words that were delivered are not
kept. A mail may arrive twice when a process dies between the server's answer and the note of it; both copies then have
the same Message-ID.

Oban and Swoosh in a Phoenix application: a transactional outbox, an adapter, and a mailbox for development.
"""

from myapp.kit.mailer._delivery import deliver, enqueue, running
from myapp.kit.mailer._layout import Button, compose, use_site
from myapp.kit.mailer._mail import Mail
from myapp.kit.mailer._outbox import KEEP_DAYS, MailRow, forget, get_kept, list_kept, prune
from myapp.kit.mailer._transport import Kept, Smtp, Transport

__all__ = [
    "KEEP_DAYS",
    "Button",
    "Kept",
    "Mail",
    "MailRow",
    "Smtp",
    "Transport",
    "compose",
    "deliver",
    "enqueue",
    "forget",
    "get_kept",
    "list_kept",
    "prune",
    "running",
    "use_site",
]
