"""What people wrote stays words: it adds no header, no recipient, no HTML and no line of the protocol."""

from __future__ import annotations

from email import message_from_bytes, policy
from email.message import EmailMessage
from email.policy import SMTP
from typing import cast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from myapp.kit import mailer
from myapp.kit.clock import new_id, now
from myapp.kit.i18n import locale_of
from myapp.kit.mailer import Button, Mail
from myapp.kit.mailer._mail import BadAddress, address, message

HEADERS = {
    "from", "to", "subject", "date", "message-id", "content-language", "auto-submitted", "mime-version", "content-type",
}  # fmt: skip
BREAKS = ["\r\n", "\n", "\r", "\v", "\f", "\x1c", "\x1d", "\x1e", "\x85", "\u2028", "\u2029", "\0", "\r\n\r\n"]


def travelled(mail: Mail) -> EmailMessage:
    """The message as it comes out at the other end."""
    made = message(new_id(), mail, sender="MyApp <no-reply@example.org>", moment=now())
    return cast("EmailMessage", message_from_bytes(made.as_bytes(policy=SMTP), policy=policy.default))


def compose(**changes: str) -> Mail:
    options = {"to": "ada@example.com", "subject": "Hello", "name": "Ada", "quote": "", **changes}
    to = options.pop("to")
    return mailer.compose(to, kind="test.mail", paragraphs=["Some words."], button=Button("Open", "/x"), **options)


@pytest.mark.parametrize("line_end", BREAKS, ids=repr)
def test_a_subject_is_one_line_whatever_is_in_it(line_end: str) -> None:
    found = travelled(compose(subject=f"Hello{line_end}Bcc: eve@evil.example{line_end}{line_end}<p>words"))
    assert set(map(str.lower, found.keys())) == HEADERS
    assert found["subject"] == "Hello Bcc: eve@evil.example <p>words"
    assert found["to"] == "ada@example.com"


@given(subject=st.text(max_size=300), name=st.text(max_size=100), quote=st.text(max_size=300))
def test_no_text_of_a_person_changes_the_shape_of_a_mail(subject: str, name: str, quote: str) -> None:
    found = travelled(compose(subject=subject, name=name, quote=quote))
    assert set(map(str.lower, found.keys())) == HEADERS
    assert found["to"] == "ada@example.com"
    assert [part.get_content_type() for part in found.iter_parts()] == ["text/plain", "text/html"]


@pytest.mark.parametrize("line_end", [*BREAKS, " ", ", ", ">,<", ";"], ids=repr)
def test_an_address_is_one_address(line_end: str) -> None:
    with pytest.raises(BadAddress):
        travelled(compose(to=f"ada@example.com{line_end}eve@evil.example"))


@pytest.mark.parametrize(
    "to", ["", "ada", "@example.com", "ada@", "ada@exa mple.com", "ada@-x-.com", "a da@example.com"]
)
def test_what_is_no_address_is_refused(to: str) -> None:
    with pytest.raises(BadAddress):
        address(to)


@pytest.mark.parametrize(
    ("to", "written"),
    [
        ("ada+news@example.com", "ada+news@example.com"),
        ("a,b<c>@example.com", '"a,b<c>"@example.com'),
        ("ada@bücher.example", "ada@xn--bcher-kva.example"),
    ],
)
def test_odd_addresses_are_written_as_the_standard_wants_them(to: str, written: str) -> None:
    assert address(to).addr_spec == written


def test_a_line_with_a_single_dot_does_not_end_the_mail() -> None:
    found = travelled(compose(quote="one\r\n.\r\nMAIL FROM:<eve@evil.example>"))
    assert "MAIL FROM:<eve@evil.example>" in found.get_body(("plain",)).get_content()  # type: ignore[union-attr]


def test_names_and_quotes_are_words_in_html_too() -> None:
    html = compose(name="<b>Ada</b>", subject='"><script>', quote="<img src=x onerror=alert(1)>").html
    assert "<script" not in html
    assert "<img" not in html
    assert "&lt;b&gt;Ada" not in html, "a name with a slash in it is not greeted by"


@pytest.mark.parametrize("name", ["win at evil.example", "https://evil.example", "x@evil.example", "evil.example/now"])
def test_nobody_is_greeted_by_an_address(name: str) -> None:
    assert compose(name=name).text.startswith("Hello,\n")


@pytest.mark.parametrize("name", ["Ada Lovelace", "J. R. R. Tolkien", "J.R.R. Tolkien", "Seán O’Casey", "محمد"])
def test_people_are_greeted_by_their_names(name: str) -> None:
    mail = compose(name=name)
    assert f"Hello {name}," in mail.text
    assert f"Hello {name}," in mail.html


def test_the_html_says_its_language_and_which_way_it_is_read() -> None:
    with locale_of("ar"):
        mail = compose()
    assert '<html lang="ar" dir="rtl">' in mail.html
    assert travelled(mail)["content-language"] == "ar"


def test_a_link_stays_in_one_line_however_long() -> None:
    path = f"/log-in/{'x' * 300}"
    button = Button("Open", path)
    mail = mailer.compose("ada@example.com", kind="test.mail", subject="Hello", paragraphs=["Some"], button=button)
    assert f"\nhttps://example.org{path}\n" in mail.text
    assert f'href="https://example.org{path}"' in mail.html
