"""Where a developer reads the mails that leave by no server: `/dev/mailbox`. In production there is no such page.

A mail's HTML is shown in a frame of its own that runs no script and belongs to no origin, so that a page of ours stays
whole whatever a mail holds; its links open in a new tab. What Phoenix has in `Swoosh`'s mailbox preview.
"""

from __future__ import annotations

import re
from collections.abc import AsyncGenerator
from html import escape
from pathlib import Path
from string import Template

from fastapi import APIRouter, Depends, HTTPException, Request
from fastapi.responses import HTMLResponse

from myapp.kit import mailer, routes
from myapp.kit.errors import NotFound
from myapp.kit.i18n import format_datetime, get_locale, gettext, negotiate, ngettext, set_locale
from myapp.kit.mailer import MailRow
from myapp.web.ids import as_id

_PAGE = Template(Path(__file__).with_name("mailbox.html").read_text(encoding="utf-8"))
_LINK = re.compile(r"https?://[^\s<>\"]+")
_SANDBOX = "allow-popups allow-popups-to-escape-sandbox"


async def in_the_readers_language(request: Request) -> AsyncGenerator[None]:
    """Each request is a task of its own."""
    set_locale(negotiate(None, request.headers.get("accept-language", "")))
    yield


def mailbox_router() -> APIRouter:
    """The two pages."""
    router = APIRouter(dependencies=[Depends(in_the_readers_language)], default_response_class=HTMLResponse)
    router.get(routes.MAILBOX, include_in_schema=False)(show_mails)
    router.get(routes.MAILBOX + "/{mail_id}", include_in_schema=False)(show_mail)
    return router


async def show_mails() -> str:
    """The last mails, newest first."""
    mails = await mailer.list_kept()
    title = gettext("Mailbox")
    about = gettext("Without SMTP_URL no mail leaves this machine: what would be sent is kept here for a week.")
    if not mails:
        items = f"<p>{escape(gettext('No mail yet. Register, or ask for a link to log in, and it is here.'))}</p>"
    else:
        count = ngettext("%(count)s mail", "%(count)s mails", len(mails)) % {"count": len(mails)}
        items = f'<p class="quiet">{escape(count)}</p><ul>{"".join(map(_item, mails))}</ul>'
    return _page(title, f'<main><h1>{escape(title)}</h1><p class="quiet">{escape(about)}</p>{items}</main>')


async def show_mail(mail_id: str) -> str:
    """One mail as its recipient sees it, then as words."""
    try:
        mail = await mailer.get_kept(as_id(mail_id))
    except NotFound as error:
        raise HTTPException(error.status, str(error)) from None
    back = f'<nav><a href="{routes.mailbox()}">{escape(gettext("Mailbox"))}</a></nav>'
    facts = [
        (gettext("To"), mail.recipient),
        (gettext("Sent"), _when(mail)),
        (gettext("Kind"), mail.kind),
        (gettext("Language"), mail.locale),
    ]
    rows = "".join(f"<dt>{escape(name)}</dt><dd>{escape(value)}</dd>" for name, value in facts)
    frame = mail.html.replace("<head>", '<head><base target="_blank">', 1)
    body = (
        f"{back}<main><h1>{escape(mail.subject)}</h1><dl>{rows}</dl>"
        f'<iframe title="{escape(gettext("The mail"))}" sandbox="{_SANDBOX}" srcdoc="{escape(frame)}"></iframe>'
        f"<h2>{escape(gettext('As text'))}</h2><pre tabindex='0'>{_with_links(mail.text)}</pre></main>"
    )
    return _page(mail.subject, body)


def _item(mail: MailRow) -> str:
    link = f'<a href="{routes.mailbox(str(mail.id))}">{escape(mail.subject)}</a>'
    return f'<li>{link}<p class="quiet">{escape(mail.recipient)} · {escape(_when(mail))}</p></li>'


def _when(mail: MailRow) -> str:
    return format_datetime(mail.inserted_at)


def _with_links(text: str) -> str:
    parts: list[str] = []
    end = 0
    for found in _LINK.finditer(text):
        link = escape(found[0])
        parts += [escape(text[end : found.start()]), f'<a href="{link}" target="_blank" rel="noopener">{link}</a>']
        end = found.end()
    return "".join([*parts, escape(text[end:])])


def _page(title: str, body: str) -> str:
    return _PAGE.substitute(lang=escape(get_locale()), title=escape(title), body=body)
