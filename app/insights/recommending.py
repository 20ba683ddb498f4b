"""What a member could do next, and where: what waits for her, what she nearly has, where she usually comes and what she
could take there, and shops that are new to her.

Nothing is told of other members but which shops near her have many, and that many who go to one of hers go to another
too (:mod:`app.insights.neighbours`); and that only to whoever has not switched it off. Nothing that a shop pays or sets
moves it up: the order follows from visits, units, and how far it is.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from app.cards.queries import aliases
from app.common.database import Transaction
from app.common.scope import Scope
from app.common.sql import Statement, many
from app.insights.mentioning import Mention, for_message
from app.insights.neighbours import NO_FIT, Fit, Personal, is_wanted, personal
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
"""So many of each kind; what is personal takes the places of these, and never adds to them."""
_WITHIN = {"again": ("nearly", 2), "goes_with": ("nearly", 2), "similar": ("popular_near", 4)}
ORDER = ("ready", "nearly", "again", "goes_with", "similar", "popular_near", "new_near")
OF_A_TRADE = 2
"""Of what similar members do, so many shops of one trade: else a town's bakers would take all the places."""

__all__ = ["MOST", "ORDER", "Mention", "Suggestion", "for_message", "recommend", "wants_recommendations"]

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
    """A reward (None where the shop has none) at a shop, and why: ``ready``, ``nearly``, ``again`` (she usually comes
    on ``weekday``, 0 is Monday), ``goes_with`` (``product`` goes with ``because``, which she buys there), ``similar``
    (those who go to her shop ``because`` go there too), ``popular_near`` or ``new_near``. ``missing`` are the units
    that she lacks; ``voucher_id`` is set where it is a voucher of hers. ``fit`` is why this reward and none of the
    shop's others: ``had`` (she had it before), ``near`` (those who had ``fits`` had it too), or None."""

    shop: ShopView
    reason: str
    programme: ProgrammeConfig | None
    reward: RewardConfig | None
    missing: int
    voucher_id: str | None = None
    because: str | None = None
    product: str | None = None
    weekday: int | None = None
    fit: str | None = None
    fits: RewardConfig | None = None


@dataclass(frozen=True, slots=True)
class _Wish:
    """A suggestion of which the shop is not chosen yet."""

    reason: str
    programme: ProgrammeConfig | None = None
    reward: RewardConfig | None = None
    missing: int = 0
    voucher_id: str | None = None
    because: str | None = None
    product: str | None = None
    weekday: int | None = None
    fit: str | None = None
    fits: RewardConfig | None = None

    def at(self, shop: ShopView) -> Suggestion:
        return Suggestion(shop, **{name: getattr(self, name) for name in self.__slots__})


def recommend(scope: Scope, *, near: Place | None = None) -> list[Suggestion]:
    """Suggestions for the scope's member: what waits, then what she nearly has, then where she usually comes, then what
    is new to her around.

    ``near`` is (latitude, longitude) in degrees; without it, around the shop where she was last, if she ever was
    anywhere. At most one suggestion for each merchant, with its shop that is nearest. Without her word for it nothing
    of it follows from what she or others do (:func:`wants_recommendations`). Changes nothing, and the same is suggested
    to whoever asks again.
    """
    with scope.reading() as tx:
        offers = offers_in(tx, scope)
        vouchers = vouchers_in(tx, scope)
        hers = personal(tx, aliases(tx.session, scope.member_id or ""), scope.now)
        wished = {one.merchant_id for one in vouchers} | hers.days.keys() | hers.products.keys()
        wished |= {one.merchant_id for one in offers}
        configs = {config.id: config for config in configurations(tx, wished)}
        place = near or _last_place(tx, scope)
    wanted = {
        **_own(hers),
        **_nearly(offers, configs, hers.rewards),
        **_ready(offers, vouchers, configs, hers.rewards),
    }
    found = [wanted[merchant_id].at(shop) for merchant_id, shop in _nearest(scope, place, set(wanted)).items()]
    known = standing(scope).earns | set(wanted)
    found += _similar(scope, place, {one: why for one, why in hers.similar.items() if one not in known})
    if place is not None:
        found += _around(scope, place, known | {one.shop.merchant_id for one in found})
    return _best(found)


def wants_recommendations(scope: Scope) -> bool:
    """Whether the scope's member has left on that suggestions follow from what she and others do."""
    with scope.reading() as tx:
        return is_wanted(tx, aliases(tx.session, scope.member_id or ""))


def _own(hers: Personal) -> dict[str, _Wish]:
    """Where she usually comes today or tomorrow, and what she could take at a shop of hers."""
    with_it = {
        merchant_id: _Wish("goes_with", product=product, because=because)
        for merchant_id, (product, because) in hers.products.items()
    }
    return with_it | {merchant_id: _Wish("again", weekday=weekday) for merchant_id, weekday in hers.days.items()}


def _ready(
    offers: Iterable[Offer],
    vouchers: Iterable[OpenVoucher],
    configs: Mapping[str, MerchantConfig],
    fits: Mapping[str, Fit],
) -> dict[str, _Wish]:
    """The reward that she can have and that fits her best, else the dearest one, by merchant; a voucher that she holds
    comes before."""
    ready = {
        offer.merchant_id: _wish("ready", offer, configs, fits)
        for offer in sorted(offers, key=lambda one: (*_fit(fits, one), one.reward.cost, one.reward.id))
        if offer.is_ready
    }
    held: dict[str, _Wish] = {}
    for voucher in vouchers:
        config = configs[voucher.merchant_id]
        reward = config.rewards.get(voucher.reward_id)
        if reward is not None and voucher.merchant_id not in held:
            programme = config.any_programme(reward.programme_id)
            held[voucher.merchant_id] = _Wish("ready", programme, reward, 0, voucher.voucher_id)
    return {**ready, **held}


def _nearly(
    offers: Iterable[Offer], configs: Mapping[str, MerchantConfig], fits: Mapping[str, Fit]
) -> dict[str, _Wish]:
    """What fits her best of what she lacks a small part of, else that of which she lacks the smallest, by merchant."""

    def share(offer: Offer) -> float:
        return offer.missing / offer.reward.cost

    close = [offer for offer in offers if offer.is_attainable and 0 < share(offer) <= NEARLY]
    return {
        offer.merchant_id: _wish("nearly", offer, configs, fits)
        for offer in sorted(close, key=lambda one: (*_fit(fits, one), -share(one), one.reward.id))
    }


def _fit(fits: Mapping[str, Fit], offer: Offer) -> tuple[int, float]:
    fit = fits.get(offer.reward.id, NO_FIT)
    return fit.times, fit.nearness


def _wish(reason: str, offer: Offer, configs: Mapping[str, MerchantConfig], fits: Mapping[str, Fit]) -> _Wish:
    fit = fits.get(offer.reward.id, NO_FIT)
    config = configs.get(offer.merchant_id)
    fitted = config.rewards.get(fit.because) if config is not None and fit.because is not None else None
    why = "had" if fit.times else "near" if fitted is not None else None
    return _Wish(reason, offer.programme, offer.reward, offer.missing, fit=why, fits=fitted)


def _similar(scope: Scope, place: Place | None, why: Mapping[str, str]) -> list[Suggestion]:
    """Shops to which those go who go to hers, the nearest to hers first: within reach, and few of one trade."""
    shops = {
        merchant_id: shop
        for merchant_id, shop in _nearest(scope, place, set(why)).items()
        if shop.distance_m is None or shop.distance_m <= NEAR_METRES
    }
    with scope.reading() as tx:
        configs = {config.id: config for config in configurations(tx, shops)}
    trades: Counter[str] = Counter()
    found = []
    for merchant_id, because in why.items():
        shop = shops.get(merchant_id)
        if shop is None or not configs[merchant_id].programmes or trades[shop.category] >= OF_A_TRADE:
            continue
        trades[shop.category] += 1
        first = _first(configs[merchant_id], scope.now)
        found.append(Suggestion(shop, "similar", *first, because=because))
    return found


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


def _best(found: list[Suggestion]) -> list[Suggestion]:
    """The first few of each reason, in the order of the reasons; what is personal takes places of its kind."""
    picked: dict[str, list[Suggestion]] = {reason: [] for reason in ORDER}
    left = dict(MOST)
    # What is hers by name comes before what everybody sees, for the same places; what she nearly has before both.
    for reason in ORDER:
        kind, most = _WITHIN.get(reason, (reason, MOST.get(reason, 0)))
        picked[reason] = [one for one in found if one.reason == reason][: min(most, left[kind])]
        left[kind] -= len(picked[reason])
    return [one for reason in ORDER for one in picked[reason]]


def _last_place(tx: Transaction, scope: Scope) -> Place | None:
    rows = tx.rows(_LAST_PLACE, {"member_id": scope.member_id})
    if not rows or rows[0][0] is None:
        return None
    return float(rows[0][0]), float(rows[0][1])
