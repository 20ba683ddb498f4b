"""Mails: sealed while they wait, sent by a real server or written as files, forgotten afterwards."""

import dataclasses
import email
import email.policy
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from email.message import EmailMessage
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session

from app.common import outbox
from app.common.mail import Mail, queue_mail
from app.common.scope import Scope
from app.common.sql import Statement
from app.jobs import draining, mailing
from app.jobs.context import JobContext
from app.jobs.draining import drain
from config import Settings
from tests.clocks import FixedClock

MAIL = Mail(to="an@home.test", subject="123456 is your code — vlug", text="Hallo An,\n123456\n", html="<p>123456</p>")
ROWS = Statement("SELECT payload, last_error, done_at FROM outbox")


class Sink:
    """Takes mails as a server does; answers recipients as the test says."""

    def __init__(self) -> None:
        self.taken: list[EmailMessage] = []
        self.raw: list[bytes] = []
        self.recipients = "250 OK"
        self.content = "250 OK"

    async def handle_RCPT(self, _: SMTP, __: Session, envelope: Envelope, address: str, ___: Any) -> str:
        if self.recipients.startswith("250"):
            envelope.rcpt_tos.append(address)
        return self.recipients

    async def handle_DATA(self, _: SMTP, __: Session, envelope: Envelope) -> str:
        content = envelope.content
        assert isinstance(content, bytes)
        self.raw.append(content)
        parsed = email.message_from_bytes(content, policy=email.policy.default)
        assert isinstance(parsed, EmailMessage)
        self.taken.append(parsed)
        return self.content


@contextmanager
def listening(host: str = "127.0.0.1", taking: Sink | None = None) -> Iterator[tuple[Sink, str]]:
    taking = taking or Sink()
    with socket.create_server((host, 0)) as probe:
        port = probe.getsockname()[1]
    server = Controller(taking, hostname=host, port=port)
    server.start()
    try:
        yield taking, f"{host}:{port}"
    finally:
        server.stop()


@pytest.fixture
def sink() -> Iterator[tuple[Sink, str]]:
    with listening() as (taking, place):
        yield taking, f"smtp://{place}"


@pytest.fixture
def context(settings: Settings, scope: Scope, clock: FixedClock) -> JobContext:
    return JobContext(settings, scope.database, clock)


def through(context: JobContext, url: str) -> JobContext:
    settings = context.settings
    assert isinstance(settings, Settings)
    return dataclasses.replace(context, settings=dataclasses.replace(settings, smtp_url=url))


def queue(scope: Scope, **more: Any) -> str:
    with scope.transaction() as tx:
        return queue_mail(tx, scope.keys.data, MAIL, now=scope.now, **more)


def rows(scope: Scope) -> list[tuple[Any, ...]]:
    with scope.reading() as tx:
        return tx.rows(ROWS, {})


def test_without_a_server_mails_are_files(scope: Scope, context: JobContext) -> None:
    message_id = queue(scope)
    drain(context)
    path = context.settings.var / "outbox" / f"{message_id}.eml"
    written = email.message_from_bytes(path.read_bytes(), policy=email.policy.default)
    assert written["To"] == "an@home.test"
    assert written["From"] == "zegel@card.example"
    assert written["Subject"] == MAIL.subject
    assert [part.name for part in path.parent.iterdir()] == [path.name]


def test_a_server_gets_both_forms_once(scope: Scope, context: JobContext, sink: tuple[Sink, str]) -> None:
    server, url = sink
    message_id = queue(scope)
    drain(through(context, url))
    drain(through(context, url))
    (taken,) = server.taken
    plain, rich = taken.get_body(("plain",)), taken.get_body(("html",))
    assert plain is not None
    assert rich is not None
    assert plain.get_content().splitlines() == MAIL.text.splitlines()
    assert rich.get_content().strip() == MAIL.html
    assert taken["Message-ID"] == f"<{message_id}@card.example>"
    assert not (context.settings.var / "outbox").exists()


def test_a_long_link_in_a_header_stays_in_one_piece(scope: Scope, context: JobContext, sink: tuple[Sink, str]) -> None:
    """Broken or encoded, it is nothing that a mail program could call (RFC 8058)."""
    server, url = sink
    link = "<https://card.example/unsubscribe/" + "aB3_-" * 20 + ">"
    headers = {"List-Unsubscribe": link, "List-Unsubscribe-Post": "List-Unsubscribe=One-Click"}
    with scope.transaction() as tx:
        queue_mail(tx, scope.keys.data, dataclasses.replace(MAIL, headers=headers), now=scope.now)
    drain(through(context, url))
    (raw,) = server.raw
    head = raw.partition(b"\r\n\r\n")[0].split(b"\r\n")
    assert f"List-Unsubscribe: {link}".encode() in head
    assert b"List-Unsubscribe-Post: List-Unsubscribe=One-Click" in head


def test_what_waits_is_sealed_and_what_is_sent_is_forgotten(scope: Scope, context: JobContext) -> None:
    queue(scope)
    assert not any(word in str(rows(scope)) for word in ("an@home.test", "123456", "Hallo"))
    drain(context)
    assert rows(scope)[0][0] in ("{}", {})


def test_a_server_that_is_away_is_tried_again(
    scope: Scope, context: JobContext, sink: tuple[Sink, str], clock: FixedClock
) -> None:
    server, url = sink
    queue(scope)
    assert drain(through(context, "smtp://127.0.0.1:9")).failed == 1
    clock.advance(seconds=6)
    assert drain(through(context, url)).done == 1
    assert len(server.taken) == 1


@pytest.mark.parametrize(("said", "is_final"), [("550 no such user", True), ("451 later", False)])
def test_a_recipient_that_does_not_exist_is_not_tried_again(
    scope: Scope, context: JobContext, sink: tuple[Sink, str], clock: FixedClock, said: str, is_final: bool
) -> None:
    server, url = sink
    server.recipients = said
    queue(scope)
    drain(through(context, url))
    ((_, error, done_at),) = rows(scope)
    assert "an@home.test" not in error
    assert done_at is None
    clock.advance(hours=1)
    assert drain(through(context, url)).failed == (0 if is_final else 1)


def test_a_refusal_after_the_mail_was_read_says_nothing_of_whom_it_was_for(
    scope: Scope, context: JobContext, sink: tuple[Sink, str], clock: FixedClock
) -> None:
    server, url = sink
    server.content = "554 <an@home.test> does not want this"
    queue(scope)
    drain(through(context, url))
    assert rows(scope)[0][1] == "MailRefusedError: the server refused it (554)"
    clock.advance(hours=1)
    assert drain(through(context, url)).failed == 0


@pytest.mark.parametrize("is_stopping", [True, False])
def test_what_was_taken_but_not_tried_is_given_back_uncounted(
    scope: Scope, context: JobContext, monkeypatch: pytest.MonkeyPatch, is_stopping: bool
) -> None:
    """Where the process ends, and where a mail server hangs for so long that the lease would run out."""
    for _ in range(4):
        queue(scope)
    tries: list[int] = []

    def hang(_: JobContext, message: outbox.Message) -> None:
        tries.append(message.tries)
        if is_stopping:
            context.stopping.set()
        context.stopping.wait(0.05)
        raise TimeoutError

    monkeypatch.setitem(draining.HANDLERS, "mail", hang)
    monkeypatch.setattr(draining, "BATCH_SECONDS", 0.01)
    drained = drain(context)
    assert drained.failed == len(tries) == (1 if is_stopping else 4)
    assert set(tries) == {1}
    with scope.reading() as tx:
        counted = tx.rows(Statement("SELECT tries FROM outbox ORDER BY tries"), {})
    assert [row[0] for row in counted] == ([0, 0, 0, 1] if is_stopping else [1] * 4)


def test_a_code_that_is_over_is_not_sent(scope: Scope, context: JobContext, clock: FixedClock) -> None:
    queue(scope, until=scope.now + timedelta(minutes=10))
    clock.advance(minutes=11)
    drain(context)
    assert not (context.settings.var / "outbox").exists()
    assert rows(scope)[0][2] is not None


def test_a_repeat_after_a_crash_writes_the_same_file(scope: Scope, context: JobContext) -> None:
    queue(scope)
    (message,) = scope.run(lambda tx: outbox.claim(tx, now=scope.now, lease=timedelta(0)))
    assert mailing.deliver(context.settings, message, now=scope.now)  # and here the power goes
    drain(context)
    assert len(list((context.settings.var / "outbox").iterdir())) == 1


def test_a_password_is_not_sent_in_clear() -> None:
    # 127.0.0.1 is this machine; a name that is not known to be it stands for any other.
    with listening("127.0.0.2") as (_, place), pytest.raises(mailing.MailServerError, match="password was not sent"):
        mailing.connect(f"smtp://user:secret@{place}")


def test_line_breaks_make_no_headers(settings: Settings, clock: FixedClock) -> None:
    forged = Mail(to="an@home.test", subject="x\r\nBcc: everybody@home.test", text="")
    with pytest.raises(ValueError, match=r"[Hh]eader|linefeed"):
        mailing.compose(settings, forged, message_id="1", at=clock.now)
