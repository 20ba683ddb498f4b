"""The catalogue: what units can be redeemed for."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from app.common import audit
from app.common.database import Transaction
from app.common.errors import InvalidError
from app.common.ids import new_id
from app.common.scope import Scope
from app.merchants.configuration import configuration_changed
from app.rewards.models import Reward
from app.rewards.rows import programme_in, reward_in

KINDS = ("item", "amount_off", "percent_off")
LONGEST_NAME = 80
LARGEST_COST = 1_000_000_000
_FIELDS = (
    *("name", "texts", "cost", "amount_minor", "percent", "is_flexible", "stock", "per_member_limit", "tier"),
    *("valid_from", "valid_until", "voucher_days", "position", "is_active"),
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
) -> str:
    """Put one more reward into a programme's catalogue and return its id.

    ``cost`` in the programme's units. ``kind`` item (``amount_minor`` tells what it is worth), amount_off (takes
    ``amount_minor`` of the merchant's currency off; with ``is_flexible`` the member chooses how often) or percent_off
    (``percent``, 1 to 100). ``stock`` and ``per_member_limit`` count, ``voucher_days`` is how long a voucher lives,
    ``tier`` the key of the tier that it takes. Raises NotFoundError, InvalidError.
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
    }
    _check(fields)

    def work(tx: Transaction) -> str:
        programme = programme_in(tx, scope, programme_id)
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


def change_reward(scope: Scope, reward_id: str, **changes: Any) -> None:
    """Change a reward; vouchers that were issued keep what they promised. Its kind and programme stay.

    Raises NotFoundError, InvalidError. What is already so leaves no event.
    """
    unknown = sorted(set(changes) - set(_FIELDS))
    if unknown:
        raise InvalidError(errors={field: ["unknown_field"] for field in unknown})

    def work(tx: Transaction) -> None:
        reward = reward_in(tx, scope, reward_id)
        _check({field: getattr(reward, field) for field in ("kind", *_FIELDS)} | changes)
        differing = {field: value for field, value in changes.items() if getattr(reward, field) != value}
        if not differing:
            return
        before = {field: _told(getattr(reward, field)) for field in differing}
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
    starts, ends = fields["valid_from"], fields["valid_until"]
    if starts is not None and ends is not None and ends <= starts:
        errors["valid_until"] = ["before_start"]
    if errors:
        raise InvalidError(errors=errors)
