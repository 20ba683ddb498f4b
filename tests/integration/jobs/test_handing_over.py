"""One mail to one mail server, at most once: what may be tried again, and what may not."""

from __future__ import annotations

import email.policy
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from aiosmtpd.smtp import SMTP, Envelope, Session

import config
from app.common.branding import Brand
from app.common.mail import Mail
from app.common.outbox import Message
from app.jobs.handing_over import hand_over
from app.jobs.mailing import MailRefusedError, MailServerError
from tests.conftest import ENVIRONMENT
from tests.integration.jobs.test_mailing import Sink, listening

LINK = "<https://card.example/unsubscribe/" + "a" * 120 + ">"
MAIL = Mail(
    to="an@home.test", subject="Tulpen — nu", text="Hallo,\n", html="<p>Hallo</p>", headers={"List-Unsubscribe": LINK}
)
MESSAGE = Message(
    "01981d7e-0000-7000-8000-000000000001", "news.mail", None, {"member_id": "m"}, datetime(2026, 3, 4, tzinfo=UTC), 1
)


class Dropping(Sink):
    """Reads the mail and hangs up."""

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        await super().handle_DATA(server, session, envelope)
        assert server.transport is not None
        server.transport.close()
        return "250 OK"


class Try:
    """Hands a mail over, and counts how often it was about to."""

    def __init__(self, var: Path, url: str | None) -> None:
        told = {**ENVIRONMENT, "ZEGEL_VAR": str(var), "DATABASE_URL": f"sqlite:///{var}/none.sqlite3"}
        self.settings = config.load(told | ({} if url is None else {"SMTP_URL": url}))
        self.begun = 0
        self.may = True

    def begin(self) -> bool:
        self.begun += 1
        return self.may

    def __call__(self) -> str:
        return hand_over(self.settings, MESSAGE, MAIL, from_name="Bakery · Zegel", brand=Brand(), begin=self.begin)


@pytest.fixture
def served(tmp_path: Path) -> Iterator[tuple[Sink, Try]]:
    with listening() as (sink, place):
        yield sink, Try(tmp_path, f"smtp://{place}")


def test_what_is_taken_comes_in_the_shops_name(served: tuple[Sink, Try]) -> None:
    sink, attempt = served
    assert attempt() == "sent"
    [mail] = sink.taken
    assert str(mail["From"]) == "Bakery · Zegel <zegel@card.example>"
    assert str(mail["Message-ID"]) == f"<{MESSAGE.id}@card.example>"
    assert f"List-Unsubscribe: {LINK}\r\n".encode() in sink.raw[0]
    assert attempt.begun == 1


@pytest.mark.parametrize(
    ("recipients", "content", "error", "begun"),
    [
        ("450 later", "250 OK", MailServerError, 0),
        ("550 nobody", "250 OK", MailRefusedError, 0),
        ("250 OK", "451 later", MailServerError, 1),
        ("250 OK", "554 no", MailRefusedError, 1),
    ],
)
def test_what_the_server_says_is_certain(
    served: tuple[Sink, Try], recipients: str, content: str, error: type[Exception], begun: int
) -> None:
    sink, attempt = served
    sink.recipients, sink.content = recipients, content
    with pytest.raises(error):
        attempt()
    assert attempt.begun == begun


def test_a_line_that_breaks_once_the_mail_is_read_leaves_it_unknown(tmp_path: Path) -> None:
    with listening(taking=Dropping()) as (sink, place):
        attempt = Try(tmp_path, f"smtp://{place}")
        assert attempt() == "unknown"
        assert len(sink.taken) == attempt.begun == 1


def test_a_server_that_is_away_has_certainly_not_taken_it(tmp_path: Path) -> None:
    attempt = Try(tmp_path, "smtp://127.0.0.1:9")
    with pytest.raises(OSError, match="refused"):
        attempt()
    assert attempt.begun == 0


@pytest.mark.parametrize("is_written", [True, False])
def test_what_may_not_leave_at_the_last_moment_does_not(
    served: tuple[Sink, Try], tmp_path: Path, is_written: bool
) -> None:
    sink, attempt = served
    if is_written:
        attempt = Try(tmp_path, None)
    attempt.may = False
    assert attempt() == "not_now"
    assert sink.taken == []
    assert list(tmp_path.glob("outbox/*.eml")) == []


def test_without_a_server_it_is_a_file(tmp_path: Path) -> None:
    assert Try(tmp_path, None)() == "sent"
    [path] = tmp_path.glob("outbox/*.eml")
    read: Any = email.message_from_bytes(path.read_bytes(), policy=email.policy.default)
    assert read["To"] == MAIL.to
