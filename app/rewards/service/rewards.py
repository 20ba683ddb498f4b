"""The catalogue: what units can be redeemed for."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import exists, select

from app.common import audit
from app.common.database import Transaction
from app.common.errors import InvalidError
from app.common.ids import new_id
from app.common.scope import Scope
from app.merchants.configuration import configuration_changed
from app.merchants.models import Location
from app.rewards.errors import ChangedMeanwhileError, RewardTakenDownError
from app.rewards.models import ContentReport, Reward
from app.rewards.rows import programme_in, require_own_place, reward_in

KINDS = ("item", "amount_off", "percent_off")
LONGEST_NAME = 80
LONGEST_TEXT = 500
LARGEST_COST = 1_000_000_000
LOCALES = ("nl", "fr", "en", "de")
_FIELDS = (
    *("name", "names", "texts", "location_ids", "segment_id", "cost", "amount_minor", "percent", "is_flexible"),
    *("stock", "per_member_limit", "tier", "valid_from", "valid_until", "voucher_days", "position", "is_active"),
)


def create_reward(
    scope: Scope,
    programme_id: str,
    *,
    name: str,
    cost: int,
    kind: str = "item",
    amount_minor: int | None = None,
    percent: int | None = None,
    is_flexible: bool = False,
    stock: int | None = None,
    per_member_limit: int | None = None,
    tier: str | None = None,
    valid_from: datetime | None = None,
    valid_until: datetime | None = None,
    voucher_days: int | None = None,
    texts: Mapping[str, Any] | None = None,
    position: int = 0,
    names: Mapping[str, Any] | None = None,
    location_ids: Sequence[str] | None = None,
    segment_id: str | None = None,
    has_codes: bool = False,
) -> str:
    """Put one more reward into a programme's catalogue and return its id.

    ``cost`` in the programme's units. ``kind`` item (``amount_minor`` tells what it is worth), amount_off (takes
    ``amount_minor`` of the merchant's currency off; with ``is_flexible`` the member chooses how often) or percent_off
    (``percent``, 1 to 100). ``stock`` and ``per_member_limit`` count, ``voucher_days`` is how long a voucher lives,
    ``tier`` the key of the tier that it takes. ``names`` and ``texts`` are by locale. ``location_ids``: only at these
    locations' counters; ``segment_id``: only for members of that segment. ``has_codes``: its vouchers are shown a code
    of the shop's webshop, of a list that :func:`add_codes` fills; its stock is what that list holds.
    Raises NotFoundError, InvalidError, ForbiddenError (somebody of one location, for another or all).
    """
    fields: dict[str, Any] = {
        "name": name.strip(),
        "kind": kind,
        "cost": cost,
        "amount_minor": amount_minor,
        "percent": percent,
        "is_flexible": is_flexible,
        "stock": stock,
        "per_member_limit": per_member_limit,
        "tier": tier,
        "valid_from": valid_from,
        "valid_until": valid_until,
        "voucher_days": voucher_days,
        "texts": dict(texts or {}),
        "position": position,
        "names": dict(names or {}),
        "location_ids": list(location_ids) if location_ids else None,
        "segment_id": segment_id,
        "has_codes": has_codes,
    }
    if has_codes:
        fields["stock"] = 0
    _check(fields)

    def work(tx: Transaction) -> str:
        programme = programme_in(tx, scope, programme_id)
        _require_places(tx, scope, programme.merchant_id, fields["location_ids"])
        reward = Reward(
            id=new_id(),
            merchant_id=programme.merchant_id,
            programme_id=programme_id,
            is_active=True,
            created_at=scope.now,
            **fields,
        )
        tx.session.add(reward)
        tx.session.flush()
        configuration_changed(tx, programme.merchant_id)
        after = {field: _told(value) for field, value in fields.items() if value not in (None, {}, False)}
        audit.record(tx, scope, "reward.created", "reward", reward.id, merchant_id=programme.merchant_id, after=after)
        return reward.id

    return scope.run(work)


def change_reward(scope: Scope, reward_id: str, *, revision: int | None = None, **changes: Any) -> None:
    """Change a reward; vouchers that were issued keep what they promised. Its kind and programme stay.

    ``revision`` is that of the reward as it was looked at: raises ChangedMeanwhileError when somebody has changed it
    since. ``stock_by`` (instead of ``stock``) adds or takes so many, never below none, whatever was taken meanwhile.
    Raises NotFoundError, InvalidError, ForbiddenError, and RewardTakenDownError for a shop that offers again what the
    operator took down. What is already so leaves no event.
    """
    stock_by: int | None = changes.pop("stock_by", None)
    unknown = sorted(set(changes) - set(_FIELDS))
    if unknown:
        raise InvalidError(errors={field: ["unknown_field"] for field in unknown})

    def work(tx: Transaction) -> None:
        reward = reward_in(tx, scope, reward_id, lock=True)
        require_own_place(scope, reward.location_ids)
        if revision is not None and revision != reward.revision:
            raise ChangedMeanwhileError(revision=revision, now=reward.revision)
        if stock_by is not None and reward.stock is not None:
            changes["stock"] = max(0, reward.stock + stock_by)
        if "stock" in changes and reward.has_codes:
            raise InvalidError(errors={"stock": ["counts_codes"]})
        if "location_ids" in changes:
            _require_places(tx, scope, reward.merchant_id, changes["location_ids"])
        _check({field: getattr(reward, field) for field in ("kind", *_FIELDS)} | changes)
        differing = {field: value for field, value in changes.items() if getattr(reward, field) != value}
        if not differing:
            return
        if differing.get("is_active") and scope.actor_kind == "staff" and _is_taken_down(tx, reward):
            raise RewardTakenDownError
        before = {field: _told(getattr(reward, field)) for field in differing}
        reward.revision += 1
        for field, value in differing.items():
            setattr(reward, field, value)
        tx.session.flush()
        configuration_changed(tx, reward.merchant_id)
        audit.record(
            tx,
            scope,
            "reward.changed",
            "reward",
            reward_id,
            merchant_id=reward.merchant_id,
            before=before,
            after={field: _told(value) for field, value in differing.items()},
        )

    scope.run(work)


def _is_taken_down(tx: Transaction, reward: Reward) -> bool:
    return bool(
        tx.session.scalar(
            select(
                exists().where(
                    ContentReport.merchant_id == reward.merchant_id,
                    ContentReport.reward_id == reward.id,
                    ContentReport.what == "reward",
                    ContentReport.status == "taken_down",
                )
            )
        )
    )


def move_reward(scope: Scope, reward_id: str, *, by: int) -> None:
    """Put a reward ``by`` places further down (less than 0: up) in its programme's list; at the end it stays.

    Raises NotFoundError, ForbiddenError for somebody of one location: the order is everybody's.
    """

    def work(tx: Transaction) -> None:
        moved = reward_in(tx, scope, reward_id)
        require_own_place(scope, None)
        rows = list(
            tx.session.scalars(
                select(Reward)
                .where(Reward.programme_id == moved.programme_id)
                .order_by(Reward.position, Reward.cost, Reward.id)
                .with_for_update()
            )
        )
        old = rows.index(moved)
        new = min(max(old + by, 0), len(rows) - 1)
        if new == old:
            return
        rows.insert(new, rows.pop(old))
        for position, row in enumerate(rows):
            row.position = position
        tx.session.flush()
        configuration_changed(tx, moved.merchant_id)
        audit.record(
            tx,
            scope,
            "reward.moved",
            "reward",
            reward_id,
            merchant_id=moved.merchant_id,
            before={"place": old + 1},
            after={"place": new + 1},
        )

    scope.run(work)


def _require_places(tx: Transaction, scope: Scope, merchant_id: str, location_ids: list[str] | None) -> None:
    """The locations are the merchant's, and whoever works at one of them asks for that one alone."""
    require_own_place(scope, location_ids)
    if location_ids is None:
        return
    own = select(Location.id).where(Location.merchant_id == merchant_id, Location.id.in_(location_ids))
    if not location_ids or len(set(tx.session.scalars(own))) != len(location_ids):
        raise InvalidError(errors={"location_ids": ["location_unknown"]})


def _told(value: Any) -> Any:
    return value.isoformat() if isinstance(value, datetime) else value


def _check(fields: Mapping[str, Any]) -> None:
    errors: dict[str, list[str]] = {}
    kind, amount, percent = fields["kind"], fields["amount_minor"], fields["percent"]
    if not 0 < len(fields["name"].strip()) <= LONGEST_NAME:
        errors["name"] = ["name_expected"]
    if kind not in KINDS:
        errors["kind"] = ["not_one_of"]
    if not 0 < fields["cost"] <= LARGEST_COST:
        errors["cost"] = ["out_of_range"]
    if (kind == "amount_off" and not amount) or (kind == "percent_off" and amount is not None):
        errors["amount_minor"] = ["does_not_fit_kind"]
    if amount is not None and amount < 0:
        errors["amount_minor"] = ["out_of_range"]
    if (kind == "percent_off") != (percent is not None):
        errors["percent"] = ["does_not_fit_kind"]
    elif percent is not None and not 1 <= percent <= 100:
        errors["percent"] = ["out_of_range"]
    if fields["is_flexible"] and kind != "amount_off":
        errors["is_flexible"] = ["does_not_fit_kind"]
    for field, least in (("stock", 0), ("per_member_limit", 1), ("voucher_days", 1)):
        value = fields[field]
        if value is not None and not least <= value <= LARGEST_COST:
            errors[field] = ["out_of_range"]
    for field, longest in (("names", LONGEST_NAME), ("texts", LONGEST_TEXT)):
        for locale, told in (fields[field] or {}).items():
            if locale not in LOCALES or not isinstance(told, str) or len(told) > longest:
                errors[field] = ["texts_by_locale_expected"]
    starts, ends = fields["valid_from"], fields["valid_until"]
    if starts is not None and ends is not None and ends <= starts:
        errors["valid_until"] = ["before_start"]
    if errors:
        raise InvalidError(errors=errors)
