"""Mails that must never come twice: that one is handed over is written down at the last moment before it is.

By SMTP nothing can be sent exactly once: between the last byte and the server's answer the line may break, and nobody
knows. Everything up to the command that begins the mail itself may fail and be tried again; from there on what the
server does not refuse in so many words is taken for sent, or for unknown, and never tried again.
"""

from __future__ import annotations

import contextlib
import smtplib
from collections.abc import Callable
from email.message import EmailMessage
from email.utils import formataddr, parseaddr
from typing import Literal

from app.common.branding import Brand
from app.common.mail import FOLDER, Mail, file_name
from app.common.outbox import Message
from app.common.settings import Settings
from app.jobs.mailing import MailRefusedError, MailServerError, compose, connect, sender, write

Outcome = Literal["sent", "unknown", "not_now"]


class _NotNowError(Exception):
    """It may not leave any more, or somebody else has it."""


class _Line:
    """One hand-over: whether it was begun, and whether the server took it."""

    def __init__(self, server: smtplib.SMTP, begin: Callable[[], bool]) -> None:
        self._data = server.data
        self._begin = begin
        self.is_begun = False
        self.is_taken = False

    def data(self, content: bytes) -> tuple[int, bytes]:
        """In place of the server's own: what comes before it says nothing about the mail."""
        if not self._begin():
            raise _NotNowError
        self.is_begun = True
        code, answer = self._data(content)
        self.is_taken = code == 250
        return code, answer


def hand_over(
    settings: Settings, message: Message, mail: Mail, *, from_name: str, brand: Brand, begin: Callable[[], bool]
) -> Outcome:
    """Hand one mail to the mail server, at most once. ``begin`` is called at the last moment; where it says no, nothing
    leaves (``not_now``). ``unknown``: the line broke after that.

    Raises MailRefusedError where the server refuses it for good, MailServerError, ``OSError`` or ``SMTPException``
    where it certainly did not take it and another try may succeed; ``begin`` may have been called.
    """
    composed = compose(settings, mail, message_id=message.id, at=message.created_at, brand=brand)
    # In the shop's name, from the town's address: that is what mail servers know us by.
    del composed["From"]
    composed["From"] = formataddr((from_name, parseaddr(sender(settings))[1]))
    if settings.smtp_url is None:
        if not begin():
            return "not_now"
        write(settings.var / FOLDER, file_name(message.id, message.payload), composed)
        return "sent"
    return _submit(settings.smtp_url, composed, begin)


def _submit(url: str, composed: EmailMessage, begin: Callable[[], bool]) -> Outcome:
    server = connect(url)
    line = _Line(server, begin)
    server.data = line.data  # type: ignore[method-assign, assignment]
    codes: list[int] = []
    try:
        server.send_message(composed)
    except _NotNowError:
        return "not_now"
    except smtplib.SMTPRecipientsRefused as error:
        codes = sorted({code for code, _ in error.recipients.values()})
    except smtplib.SMTPResponseException as error:
        codes = [error.smtp_code]
    except (OSError, smtplib.SMTPException):
        if not line.is_begun:
            raise
        return "sent" if line.is_taken else "unknown"
    finally:
        # A farewell that goes wrong changes nothing any more.
        with contextlib.suppress(OSError, smtplib.SMTPException):
            server.quit()
        server.close()
    if not codes:
        return "sent"
    if line.is_begun and not all(400 <= code < 600 for code in codes):
        return "unknown"  # an answer that says nothing
    # The server's own words may repeat the address, which has no place in a table of errors.
    told = ", ".join(map(str, codes))
    if all(500 <= code < 600 for code in codes):
        raise MailRefusedError(f"the server refused it ({told})")
    raise MailServerError(f"the server put it off ({told})")
