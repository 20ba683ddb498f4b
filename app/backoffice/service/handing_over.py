"""A business goes to another owner: offered, accepted or not, and its members are told."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta

from babel.dates import format_date
from sqlalchemy import select, update

from app.campaigns.notices import announce
from app.common import audit
from app.common.database import Transaction
from app.common.errors import InvalidError, NotFoundError
from app.common.ids import is_id, new_id
from app.common.mail import queue_mail
from app.common.scope import Scope
from app.merchants.addresses import checked_address
from app.merchants.configuration import configuration_changed
from app.merchants.errors import HandoverOpenError, HandoverOverError
from app.merchants.mails import mail
from app.merchants.models import Handover, Merchant, Staff, StaffLogin
from app.merchants.service.addresses import password_link_in
from app.merchants.service.logins import login_of
from app.merchants.service.people import LONGEST_NAME, write_to_staff

OFFERED_FOR = timedelta(days=14)
_TITLES: Mapping[str, str] = {
    "nl": "{shop} heeft een nieuwe eigenaar",
    "fr": "{shop} a un nouveau propriétaire",
    "en": "{shop} has a new owner",
    "de": "{shop} hat einen neuen Inhaber",
}
_TEXTS: Mapping[str, str] = {
    "nl": (
        "Je kaart, je saldo en je beloningen blijven zoals ze zijn. Wat je met deze zaak deelt, ziet voortaan de nieuwe"
        " eigenaar; in de app kun je dat altijd veranderen."
    ),
    "fr": (
        "Votre carte, votre solde et vos récompenses restent tels quels. Ce que vous partagez avec ce commerce est"
        " désormais vu par le nouveau propriétaire ; vous pouvez le changer à tout moment dans l’application."
    ),
    "en": (
        "Your card, your balance and your rewards stay as they are. What you share with this shop is seen by the new"
        " owner from now on; you can change that in the app at any time."
    ),
    "de": (
        "Ihre Karte, Ihr Guthaben und Ihre Prämien bleiben, wie sie sind. Was Sie mit diesem Laden teilen, sieht jetzt"
        " der neue Inhaber; in der App können Sie das jederzeit ändern."
    ),
}


def offer_business(scope: Scope, *, email: str, stays: bool, public_url: str) -> str:
    """Offer the scope's business to whoever reads the mails of an address, for a fortnight. Returns the offer's id.

    ``stays``: who offers it is a manager afterwards, else nothing any more. Raises InvalidError for an address that is
    none or one's own, HandoverOpenError while there is another offer.
    """
    address = checked_address(email)

    def work(tx: Transaction) -> str:
        merchant = tx.session.get_one(Merchant, scope.merchant_id)
        giver = tx.session.get_one(Staff, scope.staff_id)
        _end_old(tx, scope, merchant.id)
        if tx.session.scalar(select(Handover.id).where(Handover.merchant_id == merchant.id, Handover.status == "open")):
            raise HandoverOpenError
        login_id = login_of(tx, scope, address)
        if login_id == giver.login_id:
            raise InvalidError(errors={"email": ["own_address"]})
        offer = Handover(
            id=new_id(),
            merchant_id=merchant.id,
            offered_by=giver.id,
            login_id=login_id,
            stays_as="manager" if stays else None,
            status="open",
            created_at=scope.now,
            expires_at=scope.now + OFFERED_FOR,
        )
        tx.session.add(offer)
        tx.session.flush()
        login = tx.session.get_one(StaffLogin, login_id)
        path = "/account"
        if login.password_hash is None:
            path = password_link_in(tx, scope, login_id, lifetime=OFFERED_FOR)
        locale = login.locale or scope.locale
        told = mail(
            "handover_offered",
            login.email,
            locale,
            shop=merchant.name,
            link=f"{public_url}{path}",
            day=format_date(offer.expires_at.date(), format="long", locale="en_GB" if locale == "en" else locale),
        )
        queue_mail(tx, scope.keys.data, told, now=scope.now, merchant_id=merchant.id)
        link = f"{public_url}/office/{merchant.slug}/team/hand-over"
        write_to_staff(tx, scope, giver, "handover_warned", link=link)
        audit.record(tx, scope, "business.offered", "merchant", merchant.id, after={"stays_as": offer.stays_as})
        return offer.id

    return scope.run(work)


def call_off(scope: Scope, handover_id: str) -> None:
    """Take the offer of the scope's business back. Raises NotFoundError, HandoverOverError."""

    def work(tx: Transaction) -> None:
        offer = _held(tx, handover_id)
        if offer is None or offer.merchant_id != scope.merchant_id:
            raise NotFoundError
        _end(tx, scope, offer, "cancelled")
        audit.record(tx, scope, "business.offer_withdrawn", "merchant", offer.merchant_id)

    scope.run(work)


def decline_business(scope: Scope, login_id: str, handover_id: str) -> None:
    """Leave a business with its owner, who is told. Raises NotFoundError for somebody else's offer,
    HandoverOverError."""

    def work(tx: Transaction) -> None:
        offer = _offered_to(tx, login_id, handover_id)
        _end(tx, scope, offer, "declined")
        write_to_staff(tx, scope, tx.session.get_one(Staff, offer.offered_by), "handover_declined")
        audit.record(tx, scope, "business.offer_declined", "merchant", offer.merchant_id, merchant_id=offer.merchant_id)

    scope.run(work)


def accept_business(scope: Scope, login_id: str, handover_id: str, *, name: str) -> str:
    """Own a business from now on, called ``name`` there: who offered it is a manager or nothing any more, and all
    members are told. Other owners stay. Returns the business's slug.

    Raises NotFoundError for somebody else's offer, HandoverOverError for one that ended, whose giver owns nothing here
    any more, or whose business has closed; InvalidError for a bad name.
    """
    if not 0 < len(name.strip()) <= LONGEST_NAME:
        raise InvalidError(errors={"name": ["name_expected"]})

    def work(tx: Transaction) -> str:
        offer = _offered_to(tx, login_id, handover_id)
        merchant = tx.session.get_one(Merchant, offer.merchant_id, with_for_update=True)
        giver = tx.session.get_one(Staff, offer.offered_by, with_for_update=True)
        if not giver.is_active or giver.role != "owner" or merchant.status == "closed":
            raise HandoverOverError
        _end(tx, scope, offer, "accepted")
        login = tx.session.get_one(StaffLogin, login_id)
        taker = tx.session.scalars(
            select(Staff).where(Staff.merchant_id == merchant.id, Staff.login_id == login_id).with_for_update()
        ).first()
        if taker is None:
            taker = Staff(
                id=new_id(),
                merchant_id=merchant.id,
                email=login.email,
                login_id=login_id,
                name=name.strip(),
                role="owner",
                is_active=True,
                revision=1,
                created_at=scope.now,
            )
            tx.session.add(taker)
        else:
            taker.role, taker.location_id, taker.is_active, taker.invited_at = "owner", None, True, None
            taker.name = name.strip()
            taker.revision += 1
        if offer.stays_as is None:
            giver.is_active = False
        else:
            giver.role = offer.stays_as
        giver.revision += 1
        tx.session.flush()
        configuration_changed(tx, merchant.id)
        write_to_staff(tx, scope, giver, "handover_accepted")
        audit.record(
            tx,
            scope,
            "business.handed_over",
            "merchant",
            merchant.id,
            merchant_id=merchant.id,
            before={"owner": giver.id},
            after={"owner": taker.id, "stays_as": offer.stays_as},
        )
        announce(
            tx,
            scope,
            merchant_id=merchant.id,
            source=f"handover:{offer.id}",
            title={tongue: text.format(shop=merchant.name) for tongue, text in _TITLES.items()},
            text=_TEXTS,
        )
        return merchant.slug

    return scope.run(work)


def _held(tx: Transaction, handover_id: str) -> Handover | None:
    if not is_id(handover_id):
        return None
    return tx.session.scalars(select(Handover).where(Handover.id == handover_id).with_for_update()).first()


def _offered_to(tx: Transaction, login_id: str, handover_id: str) -> Handover:
    offer = _held(tx, handover_id)
    if offer is None or offer.login_id != login_id:
        raise NotFoundError
    return offer


def _end(tx: Transaction, scope: Scope, offer: Handover, status: str) -> None:
    tx.session.refresh(offer)
    if offer.status != "open" or offer.expires_at <= scope.now:
        raise HandoverOverError
    # Guarded as well as held: on SQLite nothing is held by reading.
    ended = tx.session.execute(
        update(Handover)
        .where(Handover.id == offer.id, Handover.status == "open")
        .values(status=status, ended_at=scope.now)
        .returning(Handover.id)
    ).first()
    if ended is None:
        raise HandoverOverError


def _end_old(tx: Transaction, scope: Scope, merchant_id: str) -> None:
    tx.session.execute(
        update(Handover)
        .where(Handover.merchant_id == merchant_id, Handover.status == "open", Handover.expires_at <= scope.now)
        .values(status="expired", ended_at=scope.now)
    )
