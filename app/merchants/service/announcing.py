"""What the town announces to its shops: written, sent by mail once, shown until it is put away."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta

from sqlalchemy import update

from app.common import audit, outbox
from app.common.database import Transaction
from app.common.errors import InvalidError, NotFoundError
from app.common.ids import new_id
from app.common.mail import Mail, queue_mail
from app.common.scope import Scope
from app.common.sql import Statement
from app.merchants.addressees import addressees
from app.merchants.errors import AnnouncementOutError
from app.merchants.models import Announcement, Merchant
from app.merchants.queries.announcements import shown_to_shop

TOPIC = "announcement"
LANGUAGES = ("nl", "fr", "en", "de")
LONGEST_TITLE, LONGEST_TEXT = 120, 4_000
DELAYS = (10, 60, 24 * 60)  # minutes in which it can still be cancelled

_DISMISS = Statement(
    """
    INSERT INTO announcement_dismissal (staff_id, announcement_id, merchant_id, dismissed_at)
    VALUES (:staff_id, :announcement_id, :merchant_id, :now) ON CONFLICT DO NOTHING
    """
)


def announce(
    scope: Scope,
    *,
    titles: Mapping[str, str],
    texts: Mapping[str, str],
    category: str | None = None,
    city: str | None = None,
    delay_minutes: int = DELAYS[0],
) -> str:
    """Write an announcement, in all four languages, to all shops or those of a trade, a town or both, and return its
    id. It goes out after ``delay_minutes``, one of :data:`DELAYS`; until then it can be cancelled.

    Each call writes another. Raises InvalidError.
    """
    heads = {code: " ".join(titles.get(code, "").split()) for code in LANGUAGES}
    bodies = {code: texts.get(code, "").strip() for code in LANGUAGES}
    errors: dict[str, list[str]] = {}
    for code in LANGUAGES:
        if not 0 < len(heads[code]) <= LONGEST_TITLE:
            errors[f"title_{code}"] = ["text_expected"]
        if not 0 < len(bodies[code]) <= LONGEST_TEXT:
            errors[f"text_{code}"] = ["text_expected"]
    if delay_minutes not in DELAYS:
        errors["delay"] = ["not_one_of"]
    if errors:
        raise InvalidError(errors=errors)

    def work(tx: Transaction) -> str:
        row = Announcement(
            id=new_id(),
            titles=heads,
            texts=bodies,
            category=category,
            city=city,
            status="planned",
            goes_out_at=scope.now + timedelta(minutes=delay_minutes),
            created_by=scope.actor_id,
            created_at=scope.now,
        )
        tx.session.add(row)
        tx.session.flush()
        outbox.enqueue(
            tx, topic=TOPIC, payload={"announcement_id": row.id}, now=scope.now, available_at=row.goes_out_at
        )
        audit.record(
            tx,
            scope,
            "announcement.written",
            "announcement",
            row.id,
            after={"category": category, "city": city, "goes_out_at": row.goes_out_at.isoformat()},
        )
        return row.id

    return scope.run(work)


def cancel_announcement(scope: Scope, announcement_id: str) -> bool:
    """Cancel an announcement before it goes out. False where it was cancelled before.

    Raises NotFoundError, and AnnouncementOutError once it has gone out.
    """

    def work(tx: Transaction) -> bool:
        if not _end(tx, scope, announcement_id, "cancelled"):
            row = tx.session.get(Announcement, announcement_id)
            if row is None:
                raise NotFoundError
            if row.status == "sent":
                raise AnnouncementOutError
            return False
        audit.record(
            tx,
            scope,
            "announcement.cancelled",
            "announcement",
            announcement_id,
            before={"status": "planned"},
            after={"status": "cancelled"},
        )
        return True

    return scope.run(work)


def send_announcement(scope: Scope, announcement_id: str, *, public_url: str) -> int:
    """Send an announcement whose time has come: a mail to each owner, and from now on it is shown to the shops.

    Returns how many mails that are; none where it was sent or cancelled before.
    """

    def work(tx: Transaction) -> int:
        if not _end(tx, scope, announcement_id, "sent"):
            return 0
        row = tx.session.get_one(Announcement, announcement_id, populate_existing=True)
        owners = addressees(tx, category=row.category, city=row.city)
        row.mails = len(owners)
        for owner in owners:
            code = (owner.locale or "").lower()[:2]
            known = code if code in row.texts else "en"
            slug = tx.session.get_one(Merchant, owner.merchant_id).slug
            text = f"{row.texts[known]}\n\n{public_url.rstrip('/')}/office/{slug}\n"
            queue_mail(
                tx,
                scope.keys.data,
                Mail(to=owner.address, subject=str(row.titles[known]), text=text),
                now=scope.now,
                merchant_id=owner.merchant_id,
            )
        return len(owners)

    return scope.run(work)


def dismiss_announcement(scope: Scope, announcement_id: str) -> None:
    """Put an announcement out of the sight of the scope's member of staff. One that is not shown to this person, or was
    put away before, changes nothing."""

    def work(tx: Transaction) -> None:
        if announcement_id not in {one.announcement_id for one in shown_to_shop(scope)}:
            return
        tx.run(
            _DISMISS,
            {
                "staff_id": scope.staff_id,
                "announcement_id": announcement_id,
                "merchant_id": scope.merchant_id,
                "now": scope.now,
            },
        )

    scope.run(work)


def _end(tx: Transaction, scope: Scope, announcement_id: str, status: str) -> bool:
    """Sent or cancelled: of two at once one finds it planned."""
    return bool(
        tx.session.scalars(
            update(Announcement)
            .where(Announcement.id == announcement_id, Announcement.status == "planned")
            .values(status=status, ended_at=scope.now)
            .returning(Announcement.id)
            .execution_options(synchronize_session=False)
        ).all()
    )
