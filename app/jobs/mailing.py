"""Sending mails: by SMTP, or as ``.eml`` files where no server is set."""

from __future__ import annotations

import base64
import os
import smtplib
import ssl
from datetime import datetime
from email.message import EmailMessage
from email.policy import EmailPolicy
from email.utils import format_datetime, formataddr, parseaddr
from pathlib import Path
from urllib.parse import unquote, urlsplit

from app.common.branding import Brand
from app.common.mail import FOLDER, Mail, file_name, open_mail
from app.common.outbox import Message
from app.common.settings import Settings

_TIMEOUT_SECONDS = 20
_LINKS = {"List-Unsubscribe"}
_LOOPBACK = {"127.0.0.1", "::1", "localhost"}


class _Unbroken(EmailPolicy):
    """Leaves headers that hold a link in one line: what is too long for a line would be encoded word by word, and no
    mail program finds a link in that."""

    def fold(self, name: str, value: str) -> str:
        return f"{name}: {value}{self.linesep}" if name in _LINKS else super().fold(name, value)

    def fold_binary(self, name: str, value: str) -> bytes:
        return self.fold(name, value).encode() if name in _LINKS else super().fold_binary(name, value)


class MailRefusedError(Exception):
    """The mail server refused it for good: trying again changes nothing."""


class MailServerError(Exception):
    """The mail server can't be used as it is set."""


_POLICY = _Unbroken()


def deliver(settings: Settings, message: Message, *, now: datetime, brand: Brand | None = None) -> bool:
    """Send the mail of an outbox message, in the name of the town whose brand it is. False where its time is over and
    it was not sent.

    Raises :class:`MailRefusedError` for a recipient that does not exist, ``OSError`` or ``SMTPException`` where another
    try may succeed. A repeat sends it again under the same Message-ID; the file of a ``.eml`` is written anew.
    """
    mail, until = open_mail(settings.keys.data, message.payload, brand)
    if now > until:
        return False
    composed = compose(settings, mail, message_id=message.id, at=message.created_at, brand=brand)
    if settings.smtp_url is None:
        write(settings.var / FOLDER, file_name(message.id, message.payload), composed)
    else:
        _submit(settings.smtp_url, composed)
    return True


def sender(settings: Settings) -> str:
    """The address that mails come from."""
    host = urlsplit(settings.public_url).hostname or "localhost"
    return settings.mail_from or f"zegel@{host}"


def compose(
    settings: Settings, mail: Mail, *, message_id: str, at: datetime, brand: Brand | None = None
) -> EmailMessage:
    """The mail as it goes out. Raises ``ValueError`` for line breaks in an address or subject."""
    host = urlsplit(settings.public_url).hostname or "localhost"
    composed = EmailMessage(policy=_POLICY)
    composed["From"] = _named(sender(settings), brand)
    composed["To"] = mail.to
    composed["Subject"] = mail.subject
    composed["Date"] = format_datetime(at)
    composed["Message-ID"] = f"<{message_id}@{host}>"
    # What a person wrote says so itself.
    for name, value in {"Auto-Submitted": "auto-generated", **mail.headers}.items():
        composed[name] = value
    if brand is not None and brand.reply_to and "Reply-To" not in composed:
        composed["Reply-To"] = brand.reply_to
    composed.set_content(mail.text)
    if mail.html is not None:
        composed.add_alternative(mail.html, subtype="html")
    for name, content in mail.files.items():
        composed.add_attachment(base64.b64decode(content), maintype="application", subtype="pdf", filename=name)
    return composed


def _named(address: str, brand: Brand | None) -> str:
    """The sender with the town's name before it; one that the settings name stays."""
    known, plain = parseaddr(address)
    if brand is None or known or not plain or not (brand.sender_name or brand.is_own):
        return address
    return formataddr((brand.sender_name or brand.name, plain))


def connect(url: str) -> smtplib.SMTP:
    """A session with the mail server, encrypted and signed in as its URL says.

    ``smtps://`` is encrypted from the first byte; ``smtp://`` as soon as the server offers it, and a password is never
    sent in clear except to this machine itself. Raises ``OSError``, ``SMTPException`` or :class:`MailServerError`.
    """
    parts = urlsplit(url)
    host = parts.hostname or "localhost"
    if parts.scheme == "smtps":
        server: smtplib.SMTP = smtplib.SMTP_SSL(
            host, parts.port or 465, timeout=_TIMEOUT_SECONDS, context=ssl.create_default_context()
        )
    else:
        server = smtplib.SMTP(host, parts.port or 25, timeout=_TIMEOUT_SECONDS)
    try:
        server.ehlo_or_helo_if_needed()
        is_encrypted = parts.scheme == "smtps"
        if not is_encrypted and server.has_extn("starttls"):
            server.starttls(context=ssl.create_default_context())
            server.ehlo()
            is_encrypted = True
        if parts.username:
            if not is_encrypted and host not in _LOOPBACK:
                raise MailServerError("the mail server offers no encryption, so the password was not sent")
            server.login(unquote(parts.username), unquote(parts.password or ""))
    except BaseException:
        server.close()
        raise
    return server


def _submit(url: str, composed: EmailMessage) -> None:
    with connect(url) as server:
        try:
            server.send_message(composed)
        except smtplib.SMTPRecipientsRefused as error:
            codes = sorted({code for code, _ in error.recipients.values()})
        except smtplib.SMTPResponseException as error:
            codes = [error.smtp_code]
        else:
            return
    # The server's own words may repeat the address, which has no place in a table of errors.
    told = ", ".join(map(str, codes))
    if all(500 <= code < 600 for code in codes):
        raise MailRefusedError(f"the server refused it ({told})")
    raise MailServerError(f"the server put it off ({told})")


def write(folder: Path, name: str, composed: EmailMessage) -> None:
    """Write a mail as a file, whole or not at all; a repeat writes it anew."""
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    made = folder / f".{name}.part"
    made.write_bytes(bytes(composed))
    os.replace(made, folder / f"{name}.eml")
