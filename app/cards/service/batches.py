"""Print runs: ordered by an operator, made slice by slice, handed to a print shop, and disabled when one goes astray.

Each slice is one transaction that also notes how far it came: what was killed in the middle goes on where it stopped.
"""

from __future__ import annotations

import time
from datetime import timedelta
from functools import partial

from sqlalchemy import delete, insert, select, update

from app.cards import batch_codes, security
from app.cards.batch_codes import PrintableCard
from app.cards.errors import BatchCodesGoneError, BatchNotReadyError, BatchSizeError
from app.cards.models import Card, CardBatch, CardBatchCodes, Member
from app.cards.service.issuing import issue_chunk
from app.common import audit, outbox
from app.common.database import Transaction
from app.common.errors import NotFoundError
from app.common.scope import Scope

TOPIC = "card.batch"
MOST_CARDS = 20_000
AT_ONCE = 200  # so many are made while the operator waits
SLICE = 500  # cards in one transaction: other writers wait for it, on SQLite all of them
SECONDS = 3.0  # of one message: mails wait for it
CODES_FOR = timedelta(days=30)
CODES_AFTER_DOWNLOAD = timedelta(hours=24)  # for the other format, or for a download that broke off


def order_batch(
    scope: Scope, *, batch_id: str, count: int, name: str, note: str | None = None, locale: str = "nl"
) -> None:
    """Order ``count`` printed cards. Up to 200 are made at once, more by the jobs.

    ``batch_id`` was drawn by whoever asks; a repeat with the same one changes nothing. Raises
    :class:`BatchSizeError` for none and for more than 20,000.
    """
    if not 1 <= count <= MOST_CARDS:
        raise BatchSizeError(most=MOST_CARDS)
    scope.run(partial(_order, scope=scope, batch_id=batch_id, count=count, name=name, note=note, locale=locale))


def _order(
    tx: Transaction, *, scope: Scope, batch_id: str, count: int, name: str, note: str | None, locale: str
) -> None:
    if tx.session.scalar(select(CardBatch.id).where(CardBatch.id == batch_id)) is not None:
        return
    tx.session.execute(
        insert(CardBatch).values(
            id=batch_id,
            name=name,
            count=0,
            ordered=count,
            note=note,
            locale=locale,
            ordered_by=scope.actor_id,
            status="making",
            created_at=scope.now,
        )
    )
    audit.record(tx, scope, "batch.ordered", "card_batch", batch_id, after={"count": count, "name": name})
    if count <= AT_ONCE:
        _slice(tx, scope=scope, batch_id=batch_id)
    else:
        _leave_rest(tx, scope=scope, batch_id=batch_id)


def go_on(scope: Scope, batch_id: str, *, seconds: float = SECONDS) -> bool:
    """Make some of a batch's cards, or disable some, and leave a message for the rest. Returns whether all is done. To
    be called by the jobs; a repeat does what is left."""
    until = time.monotonic() + seconds
    while True:
        if scope.run(partial(_slice, scope=scope, batch_id=batch_id)):
            return True
        if time.monotonic() >= until:
            scope.run(partial(_leave_rest, scope=scope, batch_id=batch_id))
            return False


def disable_batch(scope: Scope, *, batch_id: str, reason: str | None = None, seconds: float | None = None) -> int:
    """Block all active cards of a print run, and destroy the claim codes that are still kept. What is on the cards
    stays; those whose member can be told are told. Returns how many were blocked here.

    With ``seconds`` whatever takes longer is left to the jobs. A repeat blocks none. Raises ``NotFoundError``.
    """
    if not scope.run(partial(_begin_disabling, scope=scope, batch_id=batch_id, reason=reason)):
        return 0
    before = _count_active(scope, batch_id)
    go_on(scope, batch_id, seconds=float("inf") if seconds is None else seconds)
    return before - _count_active(scope, batch_id)


def enable_batch(scope: Scope, *, batch_id: str, reason: str | None = None) -> int:
    """Undo :func:`disable_batch`; cards that were blocked for themselves stay so, and claim codes that were destroyed
    stay lost. Returns how many cards are active again; a repeat changes nothing. Raises ``NotFoundError``."""
    return scope.run(partial(_enable, scope=scope, batch_id=batch_id, reason=reason))


def retry_batch(scope: Scope, *, batch_id: str) -> None:
    """Have the jobs go on with a batch that failed; of any other nothing changes. Raises ``NotFoundError``."""

    def work(tx: Transaction) -> None:
        batch = _lock(tx, batch_id)
        if batch.status != "failed":
            return
        batch.status = "making" if batch.disabled_at is None else "disabling"
        batch.error = None
        after = {"status": batch.status}
        audit.record(tx, scope, "batch.retried", "card_batch", batch_id, before={"status": "failed"}, after=after)
        _leave_rest(tx, scope=scope, batch_id=batch_id)

    scope.run(work)


def note_failure(scope: Scope, *, batch_id: str, error: str) -> None:
    """Note that a batch does not go on by itself. One that is done stays so."""
    going = ("making", "disabling")
    with scope.transaction() as tx:
        tx.session.execute(
            update(CardBatch)
            .where(CardBatch.id == batch_id, CardBatch.status.in_(going))
            .values(status="failed", error=error[:500])
        )


def take_codes(scope: Scope, *, batch_id: str, form: str) -> list[PrintableCard]:
    """A batch's cards with their claim codes, for a file in the ``form`` "pdf" or "csv". From the first time on the
    codes are kept for a day more, and at most thirty from when they were made. Each call is audited.

    Raises ``NotFoundError``, :class:`BatchNotReadyError` while it is being made and once it was disabled,
    :class:`BatchCodesGoneError`.
    """

    def work(tx: Transaction) -> list[PrintableCard]:
        batch = _lock(tx, batch_id)
        if batch.status != "made":
            raise BatchNotReadyError
        if batch.codes_until is None or batch.codes_until <= scope.now:
            raise BatchCodesGoneError
        found = batch_codes.open_all(tx, scope, batch_id)
        if not found:
            raise BatchCodesGoneError
        before = batch.codes_until
        batch.codes_until = min(before, scope.now + CODES_AFTER_DOWNLOAD)
        audit.record(
            tx,
            scope,
            "batch.downloaded",
            "card_batch",
            batch_id,
            before={"codes_until": before.isoformat()},
            after={"codes_until": batch.codes_until.isoformat(), "form": form},
        )
        return found

    return scope.run(work)


def destroy_codes(scope: Scope, *, batch_id: str) -> None:
    """Destroy the claim codes that are kept: the print shop has them. A repeat changes nothing. Raises
    ``NotFoundError``."""

    def work(tx: Transaction) -> None:
        batch = _lock(tx, batch_id)
        if batch.codes_until is None or batch.codes_until <= scope.now:
            return
        before = {"codes_until": batch.codes_until.isoformat()}
        batch.codes_until = scope.now
        batch_codes.destroy(tx, batch_id)
        after = {"codes_until": scope.now.isoformat()}
        audit.record(tx, scope, "batch.codes_destroyed", "card_batch", batch_id, before=before, after=after)

    scope.run(work)


def destroy_old_codes(scope: Scope) -> int:
    """Destroy the claim codes whose time is over. Returns of how many batches."""
    with scope.transaction() as tx:
        over = list(
            tx.session.scalars(
                select(CardBatchCodes.batch_id)
                .join(CardBatch, CardBatch.id == CardBatchCodes.batch_id)
                .where(CardBatch.codes_until <= scope.now)
                .distinct()
            )
        )
        tx.session.execute(delete(CardBatchCodes).where(CardBatchCodes.batch_id.in_(over)))
    return len(over)


def _slice(tx: Transaction, *, scope: Scope, batch_id: str) -> bool:
    """Make or disable some cards. Returns whether nothing is left to do."""
    # Locked: of two workers that were handed the same message the second goes on where the first has come to.
    batch = _lock(tx, batch_id)
    if batch.status == "making":
        return _make(tx, scope, batch)
    if batch.status == "disabling":
        return _disable(tx, scope, batch)
    return True


def _make(tx: Transaction, scope: Scope, batch: CardBatch) -> bool:
    ordered = batch.ordered or 0
    size = min(SLICE, ordered - batch.count)
    if size > 0:
        made = issue_chunk(tx, scope=scope, batch_id=batch.id, size=size, locale=batch.locale, is_sandbox=False)
        printable = [PrintableCard(card.number, card.claim_code) for card in made]
        batch_codes.keep(tx, scope, batch.id, batch.count, printable)
        tx.session.refresh(batch)
    if batch.count < ordered:
        return False
    batch.status, batch.made_at, batch.codes_until = "made", scope.now, scope.now + CODES_FOR
    audit.record(
        tx,
        scope,
        "batch.made",
        "card_batch",
        batch.id,
        before={"status": "making"},
        after={"status": "made", "count": batch.count},
    )
    return True


def _begin_disabling(tx: Transaction, *, scope: Scope, batch_id: str, reason: str | None) -> bool:
    batch = _lock(tx, batch_id)
    if batch.disabled_at is not None:
        return False
    before = {"status": batch.status}
    batch.disabled_at, batch.status, batch.reason, batch.error = scope.now, "disabling", reason, None
    if batch.codes_until is not None:
        batch.codes_until = min(batch.codes_until, scope.now)
    batch_codes.destroy(tx, batch_id)
    after = {"status": "disabled", "reason": reason}
    audit.record(tx, scope, "batch.disabled", "card_batch", batch_id, before=before, after=after)
    # In the same transaction: whoever is killed now leaves the rest to the jobs.
    _leave_rest(tx, scope=scope, batch_id=batch_id)
    return True


def _disable(tx: Transaction, scope: Scope, batch: CardBatch) -> bool:
    rows = tx.session.execute(
        select(Card.number, Card.id, Card.member_id, Card.claimed_at)
        .where(Card.batch_id == batch.id, Card.status == "active")
        .order_by(Card.number)
        .limit(SLICE)
        .with_for_update()
    ).all()
    if not rows:
        batch.status = "disabled"
        return True
    tx.session.execute(
        update(Card)
        .where(Card.number.in_([row.number for row in rows]))
        .values(status="blocked", blocked_at=batch.disabled_at)
    )
    claimed = set(
        tx.session.scalars(
            select(Member.id).where(Member.id.in_([row.member_id for row in rows]), Member.status == "claimed")
        )
    )
    for row in rows:
        # Nobody reads the inbox of a card that was never claimed: its bearer is told at the counter.
        if row.claimed_at is not None or row.member_id in claimed:
            security.tell(tx, scope.now, row.member_id, "card_blocked", card_id=row.id)
    return False


def _enable(tx: Transaction, *, scope: Scope, batch_id: str, reason: str | None) -> int:
    batch = _lock(tx, batch_id)
    if batch.disabled_at is None:
        return 0
    of_batch = (Card.batch_id == batch_id, Card.status == "blocked", Card.blocked_at == batch.disabled_at)
    freed = tx.session.scalars(
        update(Card).where(*of_batch).values(status="active", blocked_at=None).returning(Card.number)
    ).all()
    before = {"status": batch.status, "reason": batch.reason}
    batch.disabled_at = batch.reason = batch.error = None
    # Cards that were not made yet are not made any more: their codes would be alone.
    batch.status = "made"
    after = {"status": "made", "reason": reason}
    audit.record(tx, scope, "batch.enabled", "card_batch", batch_id, before=before, after=after)
    return len(freed)


def _count_active(scope: Scope, batch_id: str) -> int:
    with scope.reading() as tx:
        numbers = select(Card.number).where(Card.batch_id == batch_id, Card.status == "active")
        return len(tx.session.scalars(numbers).all())


def _leave_rest(tx: Transaction, *, scope: Scope, batch_id: str) -> None:
    outbox.enqueue(tx, topic=TOPIC, payload={"batch_id": batch_id}, now=scope.now)


def _lock(tx: Transaction, batch_id: str) -> CardBatch:
    batch = tx.session.get(CardBatch, batch_id, with_for_update=True, populate_existing=True)
    if batch is None:
        raise NotFoundError(what="batch")
    return batch
