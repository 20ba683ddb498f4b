"""A notice to all who bought something: written, counted, sent once, and spread a stretch of members at a time."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from sqlalchemy import delete, select, update

from app.campaigns.buyers import all_buyers, meant_of, next_buyers
from app.campaigns.errors import RecallSentError
from app.campaigns.kinds import SHOP_NOTICE
from app.campaigns.models import Recall
from app.campaigns.quiet import quiet_end
from app.campaigns.reaching import manners_of
from app.campaigns.telling import Told, hold_member, tell
from app.common import audit, outbox
from app.common.clock import zone
from app.common.database import Transaction
from app.common.errors import ForbiddenError, InvalidError, NotFoundError
from app.common.ids import is_id, new_id
from app.common.scope import Scope
from app.merchants.errors import NotApprovedError, SomebodyWasFasterError
from app.merchants.models import Location, Merchant
from app.merchants.trial import is_approved

TOPIC = "shop.recall"
"""The outbox topic of the next stretch of a notice: ``{recall_id, after}``."""
ROWS = 2_000
LANGUAGES = ("nl", "fr", "en", "de")
LONGEST_TITLE, LONGEST_TEXT, MOST_ITEMS = 80, 1_000, 20
LONGEST_SPAN = timedelta(days=731)
_MAY = ("owner", "manager")


@dataclass(frozen=True, slots=True)
class RecallWords:
    """What a notice means and says. ``first`` and ``last`` are local days, both within. ``items``: product codes,
    categories or parts of names; none: everybody who came. ``is_urgent``: it concerns somebody's safety and is brought
    by night too."""

    first: date
    last: date
    title: Mapping[str, str]
    text: Mapping[str, str]
    items: Sequence[str] = field(default=())
    location_id: str | None = None
    is_urgent: bool = False


def write_recall(scope: Scope, words: RecallWords, *, recall_id: str | None = None, revision: int = 0) -> str:
    """Write a draft for the scope's shop, or change it, and return its id. Nobody is told.

    Raises ``InvalidError`` by field, ``ForbiddenError`` unless an owner or a manager of all locations asks,
    ``NotFoundError``, ``SomebodyWasFasterError``, :class:`RecallSentError`.
    """
    merchant_id = _whole(scope)
    title = {key: " ".join(said.split()) for key, said in words.title.items() if said.strip()}
    text = {key: said.strip() for key, said in words.text.items() if said.strip()}
    items = tuple(dict.fromkeys(" ".join(one.split()) for one in words.items if one.strip()))
    errors: dict[str, list[str]] = {}
    if not title or set(title) != set(text) or set(title) - set(LANGUAGES):
        errors["title"] = ["recall_words_expected"]
    for key in LANGUAGES:
        if len(title.get(key, "")) > LONGEST_TITLE:
            errors[f"title_{key}"] = ["too_long"]
        if len(text.get(key, "")) > LONGEST_TEXT:
            errors[f"text_{key}"] = ["too_long"]
    if not timedelta(0) <= words.last - words.first <= LONGEST_SPAN:
        errors["last"] = ["recall_days_expected"]
    if len(items) > MOST_ITEMS or any(len(one) > 120 for one in items):
        errors["items"] = ["too_long"]
    if errors:
        raise InvalidError(errors=errors)

    def work(tx: Transaction) -> str:
        merchant = tx.session.get_one(Merchant, merchant_id)
        if words.location_id is not None:
            place = tx.session.get(Location, words.location_id)
            if place is None or place.merchant_id != merchant_id:
                raise NotFoundError(what="location")
        values = {
            "location_id": words.location_id,
            "items": list(items),
            "first_day": words.first.isoformat(),
            "last_day": words.last.isoformat(),
            "since": _midnight(words.first, merchant.timezone),
            "until": _midnight(words.last + timedelta(days=1), merchant.timezone),
            "title": title,
            "text": text,
            "is_urgent": words.is_urgent,
        }
        if recall_id is None:
            row = Recall(
                id=new_id(), merchant_id=merchant_id, created_at=scope.now, created_by=scope.staff_id, **values
            )
            tx.session.add(row)
            audit.record(tx, scope, "recall.written", "recall", row.id)
            return row.id
        row = _draft(tx, merchant_id, recall_id, revision)
        for name, value in values.items():
            setattr(row, name, value)
        row.revision += 1
        audit.record(tx, scope, "recall.written", "recall", row.id)
        return row.id

    return scope.run(work)


def drop_recall(scope: Scope, recall_id: str, *, revision: int) -> None:
    """Throw a draft away. Raises as :func:`write_recall`."""
    merchant_id = _whole(scope)

    def work(tx: Transaction) -> None:
        _draft(tx, merchant_id, recall_id, revision)
        tx.session.execute(delete(Recall).where(Recall.id == recall_id))
        audit.record(tx, scope, "recall.dropped", "recall", recall_id)

    scope.run(work)


def send_recall(scope: Scope, recall_id: str, *, revision: int) -> None:
    """Send a notice to all who bought what it means: as a message of the shop's service, which wants no consent to
    news and counts against no cap. Once: of two at once the second is refused, as is any repeat.

    Raises as :func:`write_recall`, and ``NotApprovedError`` at a shop on trial.
    """
    merchant_id = _whole(scope)

    def work(tx: Transaction) -> None:
        row = _draft(tx, merchant_id, recall_id, revision)
        if not is_approved(tx, merchant_id):
            raise NotApprovedError
        meant = sum(len(buyers) for buyers in all_buyers(tx, meant_of(row)))
        begun = tx.session.execute(
            update(Recall)
            .where(Recall.id == recall_id, Recall.status == "draft", Recall.revision == revision)
            .values(status="sending", sent_at=scope.now, meant=meant, revision=Recall.revision + 1)
            .returning(Recall.id)
        ).first()
        if begun is None:
            raise RecallSentError
        _queue(tx, scope, merchant_id, recall_id, None, None)
        after = {"members": meant, "is_urgent": row.is_urgent}
        audit.record(tx, scope, "recall.sent", "recall", recall_id, after=after)

    scope.run(work)


def spread_recall(scope: Scope, message: outbox.Message) -> int:
    """Tell the buyers of the next stretch, and queue the rest, in one transaction that the caller may have open.
    Returns how many were told here. In the shop's quiet hours a notice that isn't urgent waits. A repeat tells nobody
    twice: of one notice a member gets one message."""
    recall_id, after = message.payload["recall_id"], message.payload["after"]
    count = 0
    with scope.transaction() as tx:
        row = tx.session.get(Recall, recall_id, with_for_update=True, populate_existing=True)
        if row is None or row.status != "sending":
            return 0
        manners, timezone = manners_of(tx, row.merchant_id)
        wait = None if row.is_urgent else quiet_end(scope.now, timezone, manners)
        if wait is not None:
            _queue(tx, scope, row.merchant_id, recall_id, after, wait)
            return 0
        buyers, rest = next_buyers(tx, meant_of(row), after, rows=ROWS)
        told = Told(SHOP_NOTICE, f"recall:{recall_id}", {"title": row.title, "text": row.text}, row.merchant_id)
        for member_id in buyers:
            standing = hold_member(tx, member_id)
            if standing is not None and tell(tx, scope, standing, told) is not None:
                count += 1
        row.told += count
        row.passed += len(buyers)
        if rest is None:
            row.status, row.done_at = "sent", scope.now
        else:
            _queue(tx, scope, row.merchant_id, recall_id, rest, None)
    return count


def _queue(
    tx: Transaction, scope: Scope, merchant_id: str, recall_id: str, after: str | None, at: datetime | None
) -> None:
    payload = {"recall_id": recall_id, "after": after}
    outbox.enqueue(tx, topic=TOPIC, payload=payload, merchant_id=merchant_id, now=scope.now, available_at=at)


def _draft(tx: Transaction, merchant_id: str, recall_id: str, revision: int) -> Recall:
    if not is_id(recall_id):
        raise NotFoundError(what="recall")
    row = tx.session.scalar(
        select(Recall)
        .where(Recall.id == recall_id, Recall.merchant_id == merchant_id)
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    if row is None:
        raise NotFoundError(what="recall")
    if row.status != "draft":
        raise RecallSentError
    if row.revision != revision:
        raise SomebodyWasFasterError
    return row


def _whole(scope: Scope) -> str:
    if scope.merchant_id is None or scope.location_id is not None or scope.staff_role not in _MAY:
        raise ForbiddenError
    return scope.merchant_id


def _midnight(day: date, timezone: str) -> datetime:
    return datetime(day.year, day.month, day.day, tzinfo=zone(timezone))
