"""What a member could do next, and where: what waits for her, what she nearly has, and shops that are new to her.

Nothing is told of other members but which shops near her have many.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from app.common.database import Transaction
from app.common.scope import Scope
from app.common.sql import Statement, many
from app.merchants.queries import ShopSearch, ShopView, list_shops
from app.rewards.configuration import MerchantConfig, ProgrammeConfig, RewardConfig
from app.rewards.queries.standing import Offer, OpenVoucher, configurations, offers_in, standing, vouchers_in

NEARLY = 0.3  # of a reward's cost may be missing
NEAR_METRES = 15_000
NEW = timedelta(days=60)
POPULAR_MEMBERS = 3  # fewer say nothing, and would tell of single people
_COUNTED = 500  # members of a programme; more is popular just the same
_LOOKED_AT = 100  # shops around
MOST = {"ready": 8, "nearly": 6, "popular_near": 6, "new_near": 4}

Place = tuple[float, float]

# Where she was last: by the account that was used last, since visits are found by merchant.
_LAST_PLACE = Statement(
    """
    SELECT l.lat, l.lon FROM visit v JOIN location l ON l.id = v.location_id
    WHERE v.member_id = :member_id AND v.merchant_id = (
        SELECT p.merchant_id FROM account a JOIN programme p ON p.id = a.programme_id
        WHERE a.member_id = :member_id AND a.last_visit_at IS NOT NULL ORDER BY a.last_visit_at DESC, a.id LIMIT 1
    )
    ORDER BY v.occurred_at DESC LIMIT 1
    """
)
_MEMBERS = Statement(
    """
    SELECT p.merchant_id, (SELECT count(*) FROM (SELECT 1 FROM account a WHERE a.programme_id = p.id LIMIT :most) few)
    FROM programme p WHERE p.merchant_id = ANY(CAST(:ids AS uuid[]))
    """,
    sqlite="""
    SELECT p.merchant_id, (SELECT count(*) FROM (SELECT 1 FROM account a WHERE a.programme_id = p.id LIMIT :most) few)
    FROM programme p WHERE p.merchant_id IN (SELECT value FROM json_each(:ids))
    """,
)
_OPENED = Statement(
    "SELECT merchant_id, min(created_at) FROM location WHERE merchant_id = ANY(CAST(:ids AS uuid[]))"
    " GROUP BY merchant_id HAVING min(created_at) >= :since",
    sqlite="SELECT merchant_id, min(created_at) FROM location WHERE merchant_id IN (SELECT value FROM json_each(:ids))"
    " GROUP BY merchant_id HAVING min(created_at) >= :since",
)


@dataclass(frozen=True, slots=True)
class Suggestion:
    """A reward (None where the shop has none) at a shop, and why: ``ready``, ``nearly``, ``popular_near`` or
    ``new_near``. ``missing`` are the units that she lacks; ``voucher_id`` is set where it is a voucher of hers."""

    shop: ShopView
    reason: str
    programme: ProgrammeConfig | None
    reward: RewardConfig | None
    missing: int
    voucher_id: str | None = None


def recommend(scope: Scope, *, near: Place | None = None) -> list[Suggestion]:
    """Suggestions for the scope's member: what waits, then what she nearly has, then what is new to her around.

    ``near`` is (latitude, longitude) in degrees; without it, around the shop where she was last, if she ever was
    anywhere. At most one suggestion for each merchant, with its shop that is nearest. Changes nothing.
    """
    with scope.reading() as tx:
        offers = offers_in(tx, scope)
        vouchers = vouchers_in(tx, scope)
        configs = {config.id: config for config in configurations(tx, [one.merchant_id for one in vouchers])}
        place = near or _last_place(tx, scope)
    wanted = {**_nearly(offers), **_ready(offers, vouchers, configs)}
    found = [
        Suggestion(shop, *wanted[merchant_id]) for merchant_id, shop in _nearest(scope, place, set(wanted)).items()
    ]
    known = standing(scope).earns | set(wanted)
    if place is not None:
        found += _around(scope, place, known)
    return _best(found)


def _ready(
    offers: Iterable[Offer], vouchers: Iterable[OpenVoucher], configs: Mapping[str, MerchantConfig]
) -> dict[str, tuple[Any, ...]]:
    """The dearest reward that she can have, by merchant; a voucher that she holds comes before."""
    ready = {
        offer.merchant_id: ("ready", offer.programme, offer.reward, 0)
        for offer in sorted(offers, key=lambda one: one.reward.cost)
        if offer.is_ready
    }
    held: dict[str, tuple[Any, ...]] = {}
    for voucher in vouchers:
        config = configs[voucher.merchant_id]
        reward = config.rewards.get(voucher.reward_id)
        if reward is not None and voucher.merchant_id not in held:
            programme = config.any_programme(reward.programme_id)
            held[voucher.merchant_id] = ("ready", programme, reward, 0, voucher.voucher_id)
    return {**ready, **held}


def _nearly(offers: Iterable[Offer]) -> dict[str, tuple[Any, ...]]:
    """What she lacks the smallest part of, by merchant."""

    def share(offer: Offer) -> float:
        return offer.missing / offer.reward.cost

    close = [offer for offer in offers if offer.is_attainable and 0 < share(offer) <= NEARLY]
    return {
        offer.merchant_id: ("nearly", offer.programme, offer.reward, offer.missing)
        for offer in sorted(close, key=share, reverse=True)
    }


def _nearest(scope: Scope, place: Place | None, merchants: set[str]) -> dict[str, ShopView]:
    """Each merchant's nearest public shop, the nearest first; one that has none is left out."""
    found: dict[str, ShopView] = {}
    cursor = None
    while merchants - set(found):
        page = list_shops(
            scope,
            ShopSearch(near=place, merchants=frozenset(merchants - set(found)), limit=_LOOKED_AT, cursor=cursor),
        )
        for shop in page.items:
            found.setdefault(shop.merchant_id, shop)
        if page.next is None:
            break
        # What is left lies farther than all that was seen, so the list without the found merchants goes on from here.
        cursor = page.next
    return found


def _around(scope: Scope, place: Place, known: frozenset[str]) -> list[Suggestion]:
    """Shops around that are new to her: first the popular ones, then the new ones."""
    shops: dict[str, ShopView] = {}
    for shop in list_shops(scope, ShopSearch(near=place, radius=NEAR_METRES, limit=_LOOKED_AT)).items:
        if shop.merchant_id not in known:
            shops.setdefault(shop.merchant_id, shop)
    if not shops:
        return []
    with scope.reading() as tx:
        ids = many(tx, sorted(shops))
        members: dict[str, int] = {}
        for merchant_id, count in tx.rows(_MEMBERS, {"ids": ids, "most": _COUNTED}):
            # Not the sum: most collect in several programmes of a merchant.
            members[merchant_id] = max(members.get(merchant_id, 0), int(count))
        opened = {row[0] for row in tx.rows(_OPENED, {"ids": ids, "since": scope.now - NEW})}
        configs = {config.id: config for config in configurations(tx, shops)}
    popular = sorted(
        (merchant_id for merchant_id in shops if members.get(merchant_id, 0) >= POPULAR_MEMBERS),
        key=lambda merchant_id: (-members[merchant_id], shops[merchant_id].distance_m or 0, merchant_id),
    )[: MOST["popular_near"]]
    new = [merchant_id for merchant_id in shops if merchant_id in opened and merchant_id not in popular]
    return [
        Suggestion(shops[merchant_id], reason, *_first(configs[merchant_id], scope.now))
        for reason, merchants in (("popular_near", popular), ("new_near", new))
        for merchant_id in merchants
        if configs[merchant_id].programmes
    ]


def _first(config: MerchantConfig, now: datetime) -> tuple[ProgrammeConfig, RewardConfig | None, int]:
    """The merchant's first programme, and what is had there soonest."""
    programme = config.programmes[0]
    on = [
        reward
        for reward in config.rewards.values()
        if reward.programme_id == programme.id
        and reward.is_offered(now)
        and reward.tier is None
        and reward.segment_id is None
    ]
    reward = min(on, key=lambda one: (one.cost, one.id), default=None)
    return programme, reward, 0 if reward is None else reward.cost


def _best(found: Iterable[Suggestion]) -> list[Suggestion]:
    """The first few of each reason, in the order of the reasons."""
    picked: dict[str, list[Suggestion]] = {reason: [] for reason in MOST}
    for one in found:
        if len(picked[one.reason]) < MOST[one.reason]:
            picked[one.reason].append(one)
    return [one for reason in MOST for one in picked[reason]]


def _last_place(tx: Transaction, scope: Scope) -> Place | None:
    rows = tx.rows(_LAST_PLACE, {"member_id": scope.member_id})
    if not rows or rows[0][0] is None:
        return None
    return float(rows[0][0]), float(rows[0][1])
