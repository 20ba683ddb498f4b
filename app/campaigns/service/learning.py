"""Learning from earlier campaigns whom to write to first, and keeping the list as it would be without, to compare."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import select

from app.campaigns.measures import plain_score
from app.campaigns.models import Campaign, Contact
from app.campaigns.queries.outcomes import LEAST_BEFORE, read_outcomes
from app.cards.models import Member
from app.common.clock import zone
from app.common.database import Transaction
from app.insights.errors import HistoryTooShortError
from app.insights.purchases import History, gather
from app.insights.responding import Events, Response, as_document, facts_of, fit, from_documents
from app.merchants.models import Merchant
from app.rewards.models import Visit, Voucher

Floats = NDArray[np.float64]
LEARNT_FROM = 12
"""So many of the latest campaigns are learnt from: people and shops change."""
BACK = timedelta(days=3 * 365)
OFFER = "campaign"
_SLICE = 500


@dataclass(frozen=True, slots=True)
class Ranked:
    """Members in the order in which to write to them. ``basis``: uplift (whom a message moves, learnt from campaigns
    with people left out by lot), response (who comes after a message; nobody was left out yet), plain (nothing is
    learnt yet: who came lately and often). ``score`` is highest for who comes first; ``facts`` are what was known of
    each, to learn from later; ``plain`` is the order without anything learnt."""

    basis: str
    score: dict[str, float]
    facts: dict[str, dict[str, float]]
    plain: dict[str, float]

    def first(self, most: int | None = None) -> list[str]:
        """The ``most`` members with the highest scores (None: all), highest first; equals in the order of their ids."""
        return _first(self.score, most)

    def lists(self, most: int | None = None) -> dict[str, Any]:
        """How the list compares with the one without what was learnt, in totals: how many are on both."""
        if most is None or most >= len(self.score):
            return {"basis": self.basis, "people": len(self.score), "both": len(self.score), "of": len(self.score)}
        mine, other = set(_first(self.score, most)), set(_first(self.plain, most))
        return {"basis": self.basis, "people": most, "both": len(mine & other), "of": len(self.score)}


def _first(score: dict[str, float], most: int | None) -> list[str]:
    ordered = sorted(score, key=lambda member_id: (-score[member_id], member_id))
    return ordered if most is None else ordered[:most]


def rank(
    tx: Transaction, merchant_id: str, member_ids: Sequence[str], now: datetime, *, order_by: str = "uplift"
) -> Ranked:
    """Order members by what writing to them is expected to change, in the caller's transaction, with the system's
    scope (which sees who was left out by lot). ``order_by`` other than ``uplift``: the plain order; facts are kept
    all the same. The same members and history give the same order."""
    members = sorted(set(member_ids))
    if not members:
        return Ranked("plain", {}, {}, {})
    facts, away, before = _facts(tx, merchant_id, members, now)
    plain = plain_score(away, before)
    learnt = learn(tx, merchant_id, now) if order_by == "uplift" else None
    basis, score = "plain", plain
    if learnt is not None:
        basis = "uplift" if learnt.knows_difference else "response"
        score = learnt.uplift(facts)
    return Ranked(
        basis,
        dict(zip(members, score.tolist(), strict=True)),
        {member_id: as_document(row) for member_id, row in zip(members, facts, strict=True)},
        dict(zip(members, plain.tolist(), strict=True)),
    )


def learn(tx: Transaction, merchant_id: str, now: datetime) -> Response | None:
    """What the shop's latest measured campaigns teach: who comes when written to, and who only then. None while there
    is too little to learn from."""
    campaigns = tx.session.scalars(
        select(Campaign)
        .where(Campaign.merchant_id == merchant_id, Campaign.measured_at.is_not(None), Campaign.trigger.is_(None))
        .order_by(Campaign.measured_at.desc())
        .limit(LEARNT_FROM)
    ).all()
    facts, came, treated = [], [], []
    for campaign in campaigns:
        found = read_outcomes(tx, campaign, until=now)
        rows, is_usable = from_documents(found.facts)
        facts.append(rows)
        came.append(found.visits[is_usable] > 0)
        treated.append(found.is_treated[is_usable])
    if not facts:
        return None
    try:
        return fit(np.concatenate(facts), np.concatenate(came), np.concatenate(treated))
    except HistoryTooShortError:
        return None


def _facts(tx: Transaction, merchant_id: str, members: Sequence[str], now: datetime) -> tuple[Floats, Floats, Floats]:
    """What is known of each member (in order), days since the last visit, and visits in the last twelve weeks."""
    there = zone(tx.session.scalar(select(Merchant.timezone).where(Merchant.id == merchant_id)) or "UTC")
    places = {member_id: place for place, member_id in enumerate(members)}
    who: list[int] = []
    day: list[int] = []
    spent: list[float] = []
    told: list[tuple[int, int]] = []
    offers: list[tuple[int, int]] = []
    away, before = np.full(len(members), np.nan), np.zeros(len(members))

    def local_day(at: datetime) -> int:
        return at.astimezone(there).date().toordinal()

    for ids in _slices(members):
        aliases = tx.session.execute(select(Member.id, Member.merged_into).where(Member.merged_into.in_(ids)))
        family = {own: places[own] for own in ids} | {str(alias): places[str(own)] for alias, own in aliases}
        visits = tx.session.execute(
            select(Visit.member_id, Visit.occurred_at, Visit.amount_minor, Visit.refunded_minor)
            .where(
                Visit.member_id.in_(list(family)),
                Visit.merchant_id == merchant_id,
                Visit.reversed_at.is_(None),
                Visit.occurred_at >= now - BACK,
                Visit.occurred_at < now,
            )
            .order_by(Visit.occurred_at)
        )
        for member_id, at, amount, refunded in visits:
            place = family[member_id]
            who.append(place)
            day.append(local_day(at))
            spent.append(0.0 if amount is None else (amount - refunded) / 100)
            away[place] = (now - at) / timedelta(days=1)
            before[place] += at >= now - LEAST_BEFORE
        contacts = select(Contact.member_id, Contact.source, Contact.at).where(
            Contact.member_id.in_(list(family)),
            Contact.merchant_id == merchant_id,
            Contact.campaign_id.is_not(None),
            Contact.at < now,
        )
        # One by mail and in the inbox is one campaign.
        once = {(family[member_id], source): local_day(at) for member_id, source, at in tx.session.execute(contacts)}
        told += [(place, on) for (place, _), on in once.items()]
        redeemed = select(Voucher.member_id, Voucher.redeemed_at).where(
            Voucher.member_id.in_(list(family)),
            Voucher.merchant_id == merchant_id,
            Voucher.source == OFFER,
            Voucher.status == "redeemed",
            Voucher.redeemed_at < now,
        )
        offers += [(family[member_id], local_day(at)) for member_id, at in tx.session.execute(redeemed) if at]
    history = (
        gather(np.array(who, np.int64), np.array(day, np.int64), np.array(spent, np.float64))
        if who
        else History(np.zeros(0, np.int64), np.zeros(0, np.int64), np.zeros(0))
    )
    tomorrow = local_day(now) + 1  # what was before this moment is known, today's too
    facts = facts_of(np.arange(len(members), dtype=np.int64), tomorrow, history, _events(told), _events(offers))
    return facts, away, before


def _events(found: list[tuple[int, int]]) -> Events:
    if not found:
        return Events.none()
    pairs = np.array(found, np.int64)
    return Events(pairs[:, 0], pairs[:, 1])


def _slices(ids: Sequence[str]) -> Iterator[Sequence[str]]:
    for begin in range(0, len(ids), _SLICE):
        yield ids[begin : begin + _SLICE]
