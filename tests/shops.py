"""A shop that is open, with everything that a counter needs."""

from __future__ import annotations

import base64
from dataclasses import dataclass, field, replace
from datetime import datetime

from app.cards.codes import card_url
from app.cards.rotating import code_at
from app.cards.service import issue_anonymous_member, issue_printed_cards, start_installation
from app.common.scope import Scope
from app.merchants import service as merchants
from app.rewards.rules import points_document, stamps_document
from app.rewards.service import change_programme, create_programme, create_reward

STAFF_PIN = "2580"
HOST = "card.example"


@dataclass(frozen=True)
class Shop:
    """A merchant with one location, a stamp card of three, points of 10 a euro, and what may call for it."""

    merchant_id: str
    location_id: str
    stamps_id: str
    points_id: str
    full_card_id: str  # three stamps: what a full card gives
    coffee_id: str  # two stamps
    discount_id: str  # 100 points: 5 euro off
    key: str = field(repr=False)  # a till's key that may approve
    plain_key: str = field(repr=False)  # one that may not
    tablet: str = field(repr=False)
    staff_id: str


@dataclass(frozen=True)
class AppCard:
    """A digital card, with the secret that its phone holds."""

    card_id: str
    member_id: str
    number: str
    secret: bytes = field(repr=False)

    def code(self, when: datetime) -> str:
        """What the phone shows at a moment."""
        return card_url(HOST, self.number, code_at(self.secret, when))


@dataclass(frozen=True)
class PlasticCard:
    """A printed card."""

    card_id: str
    member_id: str
    number: str
    claim_code: str


def open_shop(scope: Scope, name: str = "Bakery") -> Shop:
    """Make a shop. Each call makes another."""
    merchant_id = merchants.create_merchant(
        scope, name=name, category="bakery", country="BE", currency="EUR", timezone="Europe/Brussels"
    )
    location_id = merchants.add_location(scope, merchant_id, city="Gent", lat=51.05, lon=3.72)
    stamps = create_programme(scope, merchant_id, name="Coffee card", kind="stamps", rules=stamps_document(3))
    points = create_programme(scope, merchant_id, name="Points", kind="points", rules=points_document("10"), position=1)
    full_card = create_reward(scope, stamps, name="Free bread", cost=3)
    change_programme(scope, stamps, full_card_reward_id=full_card)
    coffee = create_reward(scope, stamps, name="Coffee", cost=2, position=1)
    discount = create_reward(scope, points, name="5 euro off", cost=100, kind="amount_off", amount_minor=500)
    pairing = merchants.create_pairing_code(scope, location_id)
    return Shop(
        merchant_id=merchant_id,
        location_id=location_id,
        stamps_id=stamps,
        points_id=points,
        full_card_id=full_card,
        coffee_id=coffee,
        discount_id=discount,
        key=merchants.create_key(scope, location_id, name="Till", scopes=["approve"]).token,
        plain_key=merchants.create_key(scope, location_id, name="Other till").token,
        tablet=merchants.pair_device(scope, pairing.code, "Counter").token,
        staff_id=merchants.add_staff(scope, merchant_id, name="An", role="cashier", pin=STAFF_PIN),
    )


def app_card(scope: Scope) -> AppCard:
    """A member with a digital card on a phone."""
    member = issue_anonymous_member(scope)
    started = start_installation(replace(scope, member_id=member.member_id), card_id=member.card_id)
    secret = started.totp["secret"]
    return AppCard(member.card_id, member.member_id, member.number, base64.b32decode(secret + "=" * (-len(secret) % 8)))


def plastic_card(scope: Scope) -> PlasticCard:
    """A printed card that nobody has claimed."""
    [made] = issue_printed_cards(scope, 1)
    return PlasticCard(made.card_id, made.member_id, made.number, made.claim_code)
