"""What goes over the wire in the clear, and what does not."""

from __future__ import annotations

import shutil
import ssl
import subprocess
from pathlib import Path

import pytest
from aiosmtpd.smtp import AuthResult

from myapp.kit import mailer
from myapp.kit.mailer import Smtp
from myapp.kit.mailer._transport import _start_tls
from myapp.kit.repo import transaction
from tests.factories import SYSTEM
from tests.factories.mails import mails_to, make_mail
from tests.kit.mailer.smtp import smtp_server
from tests.queue import drain

pytestmark = pytest.mark.usefixtures("queue")

ADA = "ada@example.com"


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A certificate for this machine, which signs itself, and its key in the same file."""
    program = shutil.which("openssl")
    if program is None:
        pytest.skip("there is no openssl on this machine")
    made = tmp_path_factory.mktemp("tls") / "both.pem"
    names = ["-subj", "/CN=localhost", "-addext", "subjectAltName=IP:127.0.0.1,DNS:localhost"]
    key = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-keyout", str(made)]
    command = [program, "req", "-x509", "-days", "2", *key, "-out", f"{made}.crt", *names]
    subprocess.run(command, check=True, capture_output=True)
    with made.open("a") as file:
        file.write(Path(f"{made}.crt").read_text())
    return made


@pytest.fixture
def tls(certificate: Path) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    return context


@pytest.fixture
def trusted(certificate: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", f"{certificate}.crt")


async def deliver(transport: Smtp) -> str | None:
    """Why the mail did not go."""
    async with transaction(SYSTEM):
        await mailer.enqueue(make_mail(ADA))
    async with mailer.running(transport, sender="no-reply@example.org", site="https://example.org"):
        await drain("mailers")
    [row] = await mails_to(ADA)
    return row.last_error


@pytest.fixture
def _elsewhere(monkeypatch: pytest.MonkeyPatch) -> None:
    """The test's server is taken for one on another machine."""
    monkeypatch.setattr("myapp.kit.mailer._transport._is_here", lambda _host: False)


@pytest.mark.usefixtures("trusted", "_elsewhere")
async def test_the_connection_changes_to_tls_where_that_is_offered(db: object, tls: ssl.SSLContext) -> None:
    async with smtp_server(tls_context=tls, require_starttls=True) as inbox:
        assert await deliver(Smtp(inbox.url)) is None
        assert inbox.subjects == ["Hello"]


@pytest.mark.usefixtures("_elsewhere")
async def test_a_certificate_that_nobody_trusts_gets_no_mail(db: object, tls: ssl.SSLContext) -> None:
    async with smtp_server(tls_context=tls) as inbox:
        assert "CERTIFICATE_VERIFY_FAILED" in (await deliver(Smtp(inbox.url)) or "")
        assert inbox.mails == []


@pytest.mark.usefixtures("trusted", "_elsewhere")
async def test_who_we_are_is_said_after_the_change(db: object, tls: ssl.SSLContext) -> None:
    said: list[tuple[str, str]] = []

    def authenticate(_server: object, _session: object, _envelope: object, _how: str, data: object) -> AuthResult:
        said.append((data.login.decode(), data.password.decode()))  # type: ignore[attr-defined]
        return AuthResult(success=True)

    async with smtp_server(tls_context=tls, authenticator=authenticate, auth_required=True) as inbox:
        url = inbox.url.replace("//", "//ada%40example.com:a%2Fb%3Ac@")
        assert await deliver(Smtp(url)) is None
        assert said == [("ada@example.com", "a/b:c")]
        assert inbox.subjects == ["Hello"]


@pytest.mark.usefixtures("_elsewhere")
async def test_a_password_is_never_said_in_the_clear(db: object) -> None:
    said: list[object] = []

    def authenticate(*about: object) -> AuthResult:
        said.append(about)
        return AuthResult(success=True)

    async with smtp_server(authenticator=authenticate, auth_require_tls=False) as inbox:
        error = await deliver(Smtp(inbox.url.replace("//", "//ada:secret@")))
    assert (said, inbox.mails) == ([], [])
    assert error is not None
    assert "secret" not in error


@pytest.mark.parametrize(
    ("host", "needed", "expected"),
    [
        ("mail.example", True, True),
        ("mail.example", False, None),
        ("localhost", True, False),
        ("127.0.0.1", False, False),
        ("::1", True, False),
        ("localhost.evil.example", True, True),
    ],
)
def test_only_to_this_machine_words_go_in_the_clear_on_purpose(host: str, needed: bool, expected: bool | None) -> None:
    assert _start_tls(host, needed=needed) is expected
