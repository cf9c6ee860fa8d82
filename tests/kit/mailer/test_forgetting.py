"""What is taken out of mails to others when somebody goes."""

from __future__ import annotations

from myapp.kit import mailer
from myapp.kit.mailer import Mail
from myapp.kit.repo import transaction
from tests.factories import SYSTEM
from tests.factories.mails import mails_to


async def test_what_somebody_was_called_leaves_other_peoples_links_as_they_are(db: object) -> None:
    """One may be called by any words, and go: mails that wait for others have to lead where they led."""
    words = ["confirm", "https", "you", "Anna Maria", "a&b", "Tom"]
    text = "Tom, you: Anna\nMaria and a&b; Tomorrow.\nhttps://example.org/confirm/tok-Tom?you=https"
    html = "<p>a&amp;b, Anna Maria</p><a href='https://example.org/confirm/Tom'>"
    async with transaction(SYSTEM):
        await mailer.enqueue(Mail("mei@example.com", "Tom and Anna Maria", text, html, "a.kind", "en"))
        await mailer.forget("ada@example.com", *words)
    [row] = await mails_to("mei@example.com")
    assert row.subject == "[…] and […]"
    assert row.text == "[…], […]: […] and […]; Tomorrow.\nhttps://example.org/confirm/tok-Tom?you=https"
    assert row.html == "<p>[…], […]</p><a href='https://example.org/confirm/Tom'>"
