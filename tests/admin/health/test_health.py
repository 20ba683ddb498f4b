"""The service's own health on one page, and what an administrator does about it."""

from __future__ import annotations

import re
from datetime import timedelta
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import select

from app.cli.backups.from_screen import make_asked
from app.common import bounces, outbox
from app.common.ids import new_id
from app.common.mail import Mail, queue_mail
from app.common.models import AuditEvent, OutboxMessage
from app.common.scope import Scope
from app.common.sql import Statement
from app.jobs import backing_up, rounds
from app.jobs.context import JobContext
from app.merchants.models import WebhookDelivery, WebhookEndpoint
from config import Settings
from tests.admin.desk import Desk, sit_down
from tests.clocks import FixedClock
from tests.factories import make_shop

RUN = Statement(
    "INSERT INTO job_run (name, started_at, finished_at, result, error)"
    " VALUES (:name, :started, :finished, :result, :error)"
)


@pytest.fixture
def desk(flask_app: Flask, scope: Scope) -> Desk:
    return sit_down(flask_app, scope, {"administrator"})


def ran(scope: Scope, name: str, *, ago: timedelta, error: str | None = None) -> None:
    started = scope.now - ago
    values = {"name": name, "started": started, "finished": started + timedelta(seconds=3), "error": error}
    scope.run(lambda tx: tx.run(RUN, {**values, "result": '{"done": 7}' if error is None else None}))


def give_up(scope: Scope, topic: str = "mail") -> str:
    """A message that nobody could deliver."""
    mail = Mail(to="an@home.example", subject="Hallo", text="Hallo")
    message_id = scope.run(lambda tx: queue_mail(tx, scope.keys.data, mail, now=scope.now))

    def park() -> None:
        [message] = scope.run(lambda tx: outbox.claim(tx, now=scope.now))
        scope.run(lambda tx: outbox.fail(tx, message, error="MailRefusedError: 550", now=scope.now, final=True))

    park()
    return message_id


def trail(scope: Scope) -> list[tuple[str, object, object]]:
    with scope.reading() as tx:
        rows = tx.session.scalars(select(AuditEvent).order_by(AuditEvent.id)).all()
        kinds = ("outbox_message", "backup")
        return [(row.action, row.before, row.after) for row in rows if row.subject_kind in kinds]


def test_jobs_that_failed_or_are_late_come_first_with_what_to_do(desk: Desk, scope: Scope) -> None:
    hour = timedelta(hours=1)
    plan = {"expire": 3 * hour, "tidy": 26 * hour, "verify-ledger": 36 * hour, "never": hour}
    before = scope.now - timedelta(days=2)
    scope.run(lambda tx: rounds.note_plan(tx, plan, now=before))
    ran(scope, "expire", ago=timedelta(hours=5))
    ran(scope, "tidy", ago=hour)
    ran(scope, "verify-ledger", ago=hour, error="LedgerDiffersError: 3 differences")
    text = desk.get("/health").get_data(as_text=True)
    assert "3 jobs need you" in text
    places = [text.index(f'<th scope="row">{name}</th>') for name in ("verify-ledger", "expire", "never", "tidy")]
    assert places == sorted(places)
    assert "late by 2 hours" in text
    assert "late by 47 hours" in text
    assert "Change nothing" in text
    assert "done 7" in text


def test_a_message_that_was_given_up_is_tried_again(desk: Desk, scope: Scope) -> None:
    message_id = give_up(scope)
    assert "550" in desk.get("/health").get_data(as_text=True)
    assert desk.post(f"/health/letters/{message_id}/retry").status_code == 303
    with scope.reading() as tx:
        message = tx.session.get_one(OutboxMessage, message_id)
        assert (message.available_at, message.tries, message.done_at) == (scope.now, 0, None)
    assert trail(scope) == [("outbox_message.retried", {"topic": "mail", "tries": 1}, {"tries": 0})]
    # Somebody else had the page open.
    desk.post(f"/health/letters/{message_id}/drop")
    assert "somebody dealt with it" in desk.get("/health").get_data(as_text=True)
    with scope.reading() as tx:
        assert tx.session.get_one(OutboxMessage, message_id).done_at is None
    assert len(trail(scope)) == 1


def test_a_message_that_is_dropped_is_never_sent_and_forgotten(desk: Desk, scope: Scope) -> None:
    message_id = give_up(scope)
    for _ in range(2):
        assert desk.post(f"/health/letters/{message_id}/drop").status_code == 303
    with scope.reading() as tx:
        message = tx.session.get_one(OutboxMessage, message_id)
        assert (message.done_at, message.payload) == (scope.now, {})
    assert trail(scope) == [
        ("outbox_message.dropped", {"topic": "mail", "tries": 1, "status": "given up"}, {"status": "dropped"})
    ]


@pytest.mark.parametrize("act", ["retry", "drop"])
def test_a_message_on_its_way_is_left_alone(desk: Desk, scope: Scope, act: str) -> None:
    mail = Mail(to="an@home.example", subject="Hallo", text="Hallo")
    message_id = scope.run(lambda tx: queue_mail(tx, scope.keys.data, mail, now=scope.now))
    for wrong in (message_id, new_id()):
        assert desk.post(f"/health/letters/{wrong}/{act}").status_code == 303
    with scope.reading() as tx:
        assert tx.session.get_one(OutboxMessage, message_id).done_at is None
    assert trail(scope) == []


def test_who_is_no_administrator_looks_and_acts_not(flask_app: Flask, scope: Scope) -> None:
    message_id = give_up(scope)
    desk = sit_down(flask_app, scope, {"finance"})
    text = desk.get("/health").get_data(as_text=True)
    assert "550" in text
    assert "Drop for good" not in text
    assert "Make a backup now" not in text
    assert desk.post(f"/health/letters/{message_id}/drop").status_code == 403


def test_webhooks_mails_and_sizes_are_told(desk: Desk, scope: Scope) -> None:
    shop = make_shop(scope, name="Kassa Vero")
    endpoint = WebhookEndpoint(
        id=new_id(),
        merchant_id=shop.merchant_id,
        url="https://till.example/secret-path",
        secret=b"x",
        events=[],
        created_at=scope.now,
    )
    with scope.transaction() as tx:
        tx.session.add(endpoint)
        tx.session.flush()
        for status in ("failed", "failed", "pending", "delivered"):
            tx.session.add(
                WebhookDelivery(
                    id=new_id(),
                    endpoint_id=endpoint.id,
                    event_id=new_id(),
                    event_type="visit.booked",
                    body="{}",
                    status=status,
                    tries=3,
                    next_at=scope.now,
                    last_status=503,
                    created_at=scope.now - timedelta(hours=2),
                )
            )
    scope.run(lambda tx: bounces.note(tx, scope, "an@home.example", how="refused", told="550"))
    text = desk.get("/health").get_data(as_text=True)
    assert "Kassa Vero" in text
    assert "till.example" in text
    assert "secret-path" not in text
    assert '<td>503</td><td class="number">2</td><td class="number">1</td>' in text
    assert "home.example" in text
    assert "an@home" not in text
    assert re.search(r"\d+(\.\d)? (kB|MB)", text)


def test_a_backup_from_the_screen_is_made_shown_and_taken_away_with_a_fresh_code(
    desk: Desk, flask_app: Flask, scope: Scope, settings: Settings, clock: FixedClock
) -> None:
    assert desk.post("/health/backups/new").status_code == 303
    desk.post("/health/backups/new")
    text = desk.get("/health").get_data(as_text=True)
    assert "A backup is being made already" in text
    assert 'hx-trigger="every 2s"' in text
    context = JobContext(settings, scope.database, clock, back_up=make_asked)
    assert backing_up.run_waiting(context)
    shown = desk.get("/health/backups").get_data(as_text=True)
    assert "every 2s" not in shown
    [address] = re.findall(r'action="(/admin/health/backups/[0-9a-f-]+/file)"', shown)
    taken = desk.post(address)
    assert taken.status_code == 200
    assert taken.data[:2] == b"PK"
    assert "attachment" in taken.headers["Content-Disposition"]
    taken.close()
    actions = [action for action, *_ in trail(scope)]
    assert actions == ["backup.asked", "backup.downloaded"]
    other = sit_down(flask_app, scope, {"support"})
    assert other.post(address).status_code == 403
    clock.advance(minutes=16)
    late = desk.post(address)
    assert late.headers["Location"].startswith("/admin/confirm")
    assert [action for action, *_ in trail(scope)] == actions
    # The file is gone from the machine.
    for path in (settings.var / "backups").iterdir():
        path.unlink()
    fresh = sit_down(flask_app, scope, {"administrator"})
    assert fresh.post(address).status_code == 404


def test_only_files_of_the_folder_can_be_taken(desk: Desk, scope: Scope, settings: Settings) -> None:
    secret = Path(settings.var) / "keys.txt"
    (secret.parent / "backups").mkdir(parents=True, exist_ok=True)
    secret.write_text("secret")
    run_id = new_id()
    row = Statement(
        "INSERT INTO backup_run (id, status, asked_at, ended_at, file) VALUES (:id, 'done', :now, :now, '../keys.txt')"
    )
    scope.run(lambda tx: tx.run(row, {"id": run_id, "now": scope.now}))
    assert desk.post(f"/health/backups/{run_id}/file").status_code == 404
