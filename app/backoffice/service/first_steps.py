"""A new shop's first steps: its programme as the owner wants it, its printed cards, and what it has done."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import select

from app.backoffice.queries.first_steps import HIDDEN, KEY, POSTER, PROGRAMME, noted
from app.backoffice.revisions import require_unchanged, revision_of
from app.cards.service import IssuedCard, issue_printed_cards
from app.common import audit
from app.common.database import Transaction
from app.common.errors import ForbiddenError, InvalidError, NotFoundError
from app.common.money import format_amount
from app.common.scope import Scope
from app.common.sql import Statement
from app.merchants.errors import TrialCardsUsedUpError
from app.merchants.models import Merchant
from app.merchants.trial import CARDS
from app.rewards import service as rewards
from app.rewards.queries import ProgrammeView, RewardView, list_programmes

MOST_CARDS = 500
STEPS = (POSTER, PROGRAMME, HIDDEN)
# Guarded, not read and then written: of two who print at once, the second counts on top of the first.
_COUNT_CARDS = Statement(
    """
    UPDATE merchant SET cards_printed = cards_printed + :count
    WHERE id = :merchant_id AND (approved_at IS NOT NULL OR cards_printed + :count <= :most)
    """
)
_CARDS = Statement("SELECT cards_printed FROM merchant WHERE id = :merchant_id")


@dataclass(frozen=True, slots=True)
class FirstProgramme:
    """The part of a new shop's programme that its first page changes. ``cost`` in units; ``minimum_minor`` and
    ``worth_minor`` in minor units of the shop's currency; ``earned`` is what a rule gives, as a decimal string."""

    programme: ProgrammeView
    reward: RewardView
    earned: str
    minimum: str | None
    revision: str

    @property
    def is_stamps(self) -> bool:
        return self.programme.kind == "stamps"


def first_programme(scope: Scope) -> FirstProgramme | None:
    """The shop's first programme where one sentence with one rule and one reward says it; else None."""
    for programme in list_programmes(scope, scope.merchant_id or ""):
        if not programme.is_active:
            continue
        offered = [reward for reward in programme.rewards if reward.is_active]
        full = [reward for reward in offered if reward.reward_id == programme.full_card_reward_id] or offered
        rules = programme.rules
        if len(rules.get("earn", ())) != 1 or not full:
            return None
        return FirstProgramme(
            programme,
            full[0],
            str(rules["earn"][0]["units"]),
            rules.get("minimum"),
            revision_of(_shown(programme, full[0])),
        )
    return None


def settle_programme(
    scope: Scope,
    *,
    cost: int,
    reward: str,
    worth_minor: int | None,
    minimum_minor: int | None,
    currency: str,
    revision: str,
) -> None:
    """Say how the first programme is: ``cost`` units for the ``reward``, worth that much, with purchases from a minimum
    on (none: 0 or None). Holds from now on; what is booked stays.

    Raises NotFoundError where there is no such programme, SomebodyWasFasterError, InvalidError, InvalidRulesError, and
    ForbiddenError for somebody who works at one location only. The same again only ticks the step off.
    """

    def work(tx: Transaction) -> None:
        if scope.location_id is not None:
            raise ForbiddenError
        merchant = _locked(tx, scope)
        found = first_programme(scope)
        if found is None:
            raise NotFoundError
        require_unchanged(_shown(found.programme, found.reward), revision)
        rules: dict[str, Any] = dict(found.programme.rules)
        if found.is_stamps:
            rules["goal"] = cost
        rules.pop("minimum", None)
        if minimum_minor:
            rules["minimum"] = format_amount(minimum_minor, currency)
        if rules != found.programme.rules:
            rewards.add_version(scope, found.programme.programme_id, rules)
        changes: dict[str, Any] = {"cost": cost}
        if found.reward.kind != "percent_off":
            changes["amount_minor"] = worth_minor
        if reward != found.reward.name:
            # Its own words now: what the template said in other languages is not what it is any more.
            changes |= {"name": reward, "names": {}, "texts": {}}
        rewards.change_reward(scope, found.reward.reward_id, **changes)
        for other in found.programme.rewards:
            if found.is_stamps and other.reward_id != found.reward.reward_id and other.cost >= cost:
                rewards.change_reward(scope, other.reward_id, cost=max(1, cost // 2))
        _note(merchant, PROGRAMME)
        tx.session.flush()

    scope.run(work)


def note_step(scope: Scope, step: str) -> None:
    """Note that a step is done, or that the list is put away. A repeat changes nothing. Raises InvalidError."""
    if step not in STEPS:
        raise InvalidError(errors={"step": ["not_one_of"]})

    def work(tx: Transaction) -> None:
        merchant = _locked(tx, scope)
        if noted(merchant.settings).get(step):
            return
        _note(merchant, step)
        tx.session.flush()
        audit.record(
            tx, scope, "merchant.step_done", "merchant", merchant.id, merchant_id=merchant.id, after={"step": step}
        )

    scope.run(work)


def print_cards(scope: Scope, count: int, *, locale: str) -> list[IssuedCard]:
    """Make printed cards for a shop to hand out. Their claim codes are told this once.

    Each call makes new ones. Raises InvalidError for less than one or more than 500 at a time, TrialCardsUsedUpError
    for a shop on trial that has printed its share.
    """
    if not 1 <= count <= MOST_CARDS:
        raise InvalidError(errors={"count": ["out_of_range"]})

    def reserve(tx: Transaction) -> None:
        merchant_id = scope.merchant_id or ""
        values = {"merchant_id": merchant_id, "count": count, "most": CARDS}
        if tx.run(_COUNT_CARDS, values) != 1:
            rows = tx.rows(_CARDS, {"merchant_id": merchant_id})
            if not rows:
                raise NotFoundError
            raise TrialCardsUsedUpError(most=CARDS, left=max(0, CARDS - int(rows[0][0])))
        audit.record(
            tx, scope, "cards.printed", "merchant", merchant_id, merchant_id=merchant_id, after={"count": count}
        )

    scope.run(reserve)
    # The platform's own act: a new card is no shop's before somebody uses it.
    platform = replace(
        scope, actor_kind="system", actor_id=None, merchant_id=None, location_id=None, staff_id=None, staff_role=None
    )
    batch = f"{scope.merchant_id} {scope.now:%Y-%m-%d}"
    return list(issue_printed_cards(platform, count, batch_name=batch, locale=locale))


def _note(merchant: Merchant, step: str) -> None:
    merchant.settings = {**merchant.settings, KEY: {**noted(merchant.settings), step: True}}


def _locked(tx: Transaction, scope: Scope) -> Merchant:
    merchant = tx.session.scalars(
        select(Merchant)
        .where(Merchant.id == scope.merchant_id)
        .with_for_update(key_share=True)
        .execution_options(populate_existing=True)
    ).first()
    if merchant is None:
        raise NotFoundError
    return merchant


def _shown(programme: ProgrammeView, reward: RewardView) -> dict[str, Any]:
    return {
        "rules": programme.rules,
        "reward": [reward.reward_id, reward.name, reward.cost, reward.amount_minor, reward.percent],
    }
