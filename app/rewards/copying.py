"""A merchant's programmes, rewards and promotions copied to its twin, and copied again when they have changed."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from sqlalchemy import select

from app.common.database import Transaction
from app.common.ids import new_id
from app.rewards.models import Programme, ProgrammeVersion, Promotion, Reward

Known = Mapping[str, Mapping[str, str]]  # for each kind of row, from the merchant's to the twin's
_PROGRAMMES, _REWARDS, _PROMOTIONS = "programmes", "rewards", "promotions"


def copy_rules(
    tx: Transaction, merchant_id: str, twin_id: str, places: Mapping[str, str], known: Known
) -> dict[str, dict[str, str]]:
    """Bring the twin's rules to where the merchant's are, in the caller's transaction, which holds the twin's row.

    ``places`` maps locations to the twin's; ``known`` is what the last call returned: which row is a copy of which.
    What was copied before keeps its id, so that cards keep what they have; versions are only added, as everywhere.
    """
    programmes, full_cards = _copy_programmes(tx, merchant_id, twin_id, known.get(_PROGRAMMES, {}))

    def of_reward(row: Any) -> dict[str, Any]:
        here = row.location_ids
        return {
            "programme_id": programmes[row.programme_id],
            "location_ids": None if here is None else [places.get(at, at) for at in here],
            # The shop's codes and segments are not copied: in the twin it is a reward like any other.
            "has_codes": False,
            "segment_id": None,
        }

    def of_promotion(row: Any) -> dict[str, Any]:
        rule = {**row.rule, "conditions": dict(row.rule.get("conditions", {}))}
        if "locations" in rule["conditions"]:
            rule["conditions"]["locations"] = [places.get(at, at) for at in rule["conditions"]["locations"]]
        return {"programme_id": programmes[row.programme_id], "rule": rule}

    rewards = _copy_rows(tx, Reward, merchant_id, twin_id, known.get(_REWARDS, {}), of_reward)
    promotions = _copy_rows(tx, Promotion, merchant_id, twin_id, known.get(_PROMOTIONS, {}), of_promotion)
    for programme_id, reward_id in full_cards.items():
        tx.session.get_one(Programme, programme_id).full_card_reward_id = rewards.get(reward_id or "")
    tx.session.flush()
    return {_PROGRAMMES: programmes, _REWARDS: rewards, _PROMOTIONS: promotions}


def _copy_programmes(
    tx: Transaction, merchant_id: str, twin_id: str, known: Mapping[str, str]
) -> tuple[dict[str, str], dict[str, str | None]]:
    full_cards: dict[str, str | None] = {}

    def without_reward(row: Any) -> dict[str, Any]:
        return {"full_card_reward_id": None}

    copies = _copy_rows(tx, Programme, merchant_id, twin_id, known, without_reward)
    for own in tx.session.scalars(select(Programme).where(Programme.merchant_id == merchant_id)).all():
        full_cards[copies[own.id]] = own.full_card_reward_id
        there = set(
            tx.session.scalars(select(ProgrammeVersion.version).where(ProgrammeVersion.programme_id == copies[own.id]))
        )
        for version in tx.session.scalars(
            select(ProgrammeVersion).where(ProgrammeVersion.programme_id == own.id)
        ).all():
            if version.version not in there:
                tx.session.add(type(version)(**{**_values(version), "programme_id": copies[own.id]}))
    tx.session.flush()
    return copies, full_cards


def _copy_rows(
    tx: Transaction,
    model: type[Programme] | type[Reward] | type[Promotion],
    merchant_id: str,
    twin_id: str,
    known: Mapping[str, str],
    other: Callable[[Any], dict[str, Any]],
) -> dict[str, str]:
    """Make or mend the copies of one kind of rows; ``other`` says what differs. Returns which is a copy of which."""
    copies: dict[str, str] = {}
    rows: list[Any] = list(tx.session.scalars(select(model).where(model.merchant_id == merchant_id)))
    for row in rows:
        copy: Any = tx.session.get(model, known[row.id]) if row.id in known else None
        copies[row.id] = new_id() if copy is None else copy.id
        values = {**_values(row), "id": copies[row.id], "merchant_id": twin_id, **other(row)}
        if copy is None:
            tx.session.add(model(**values))
        else:
            for name, value in values.items():
                setattr(copy, name, value)
    tx.session.flush()
    return copies


def _values(row: Any) -> dict[str, Any]:
    return {column.key: getattr(row, column.key) for column in row.__table__.columns}
