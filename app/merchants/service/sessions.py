"""Who stands at the tablet: a PIN becomes a signed token that is good on that device alone."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import jwt

from app.common.clock import Clock
from app.common.database import Transaction
from app.common.keys import Keys
from app.common.scope import Scope
from app.common.sql import Statement
from app.merchants import proofs
from app.merchants.errors import StaffPinTriesError, StaffPinWrongError, StaffTokenInvalidError

SESSION_LIFETIME = timedelta(hours=12)
MOST_TRIES = 5
BLOCKED_FOR = timedelta(minutes=15)
_PURPOSE = "staff-token"
_TYPE = "staff"

_COLLEAGUES = Statement(
    """SELECT s.id, s.name, s.role, s.pin_hash FROM staff s
    WHERE s.merchant_id = :merchant_id AND s.is_active AND s.pin_hash IS NOT NULL
    AND (s.location_id IS NULL OR s.location_id = :location_id) ORDER BY s.id"""
)
_PERSON = Statement(
    """SELECT s.id, s.name, s.role FROM staff s WHERE s.id = :staff_id AND s.merchant_id = :merchant_id AND s.is_active
    AND (s.location_id IS NULL OR s.location_id = :location_id)"""
)
_TRIES = Statement("SELECT pin_blocked_until FROM device WHERE id = :device_id")
_FAILED = Statement("UPDATE device SET pin_tries = pin_tries + 1 WHERE id = :device_id")
_BLOCK = Statement(
    """UPDATE device SET pin_tries = 0, pin_blocked_until = :until WHERE id = :device_id AND pin_tries >= :most"""
)
_RIGHT = Statement("UPDATE device SET pin_tries = 0 WHERE id = :device_id AND pin_tries > 0")


@dataclass(frozen=True, slots=True)
class StaffSession:
    """A member of staff at one device; ``token`` is empty where no new one was made."""

    staff_id: str
    name: str
    role: str
    expires_at: datetime
    token: str = field(default="", repr=False)


def start_staff_session(scope: Scope, staff_pin: str) -> StaffSession:
    """Sign in whoever has this PIN at the scope's device, for twelve hours.

    ``scope`` names the device, its location and its merchant. Raises StaffPinWrongError, and StaffPinTriesError (with
    ``retry_after`` in seconds) after five wrong ones in a row, for fifteen minutes. Each call makes another token.
    """
    staff_id, name, role = _prove(scope, staff_pin)
    expires_at = (scope.now + SESSION_LIFETIME).replace(microsecond=0)
    claims = {
        "typ": _TYPE,
        "sub": staff_id,
        "dev": scope.device_id,
        "iat": int(scope.now.timestamp()),
        "exp": int(expires_at.timestamp()),
    }
    token = jwt.encode(claims, scope.keys.secret.derive(_PURPOSE), algorithm="HS256")
    return StaffSession(staff_id, name, role, expires_at, token)


def approve(scope: Scope, staff_pin: str) -> str:
    """The id of the member of staff who approves something at this device with the PIN, once.

    Raises what :func:`start_staff_session` raises. To be called before a use case opens its transaction: hashing takes
    its time, and a wrong try counts whatever becomes of the use case.
    """
    return _prove(scope, staff_pin)[0]


def resume_staff_session(scope: Scope, token: str) -> StaffSession:
    """Who the bearer of a staff token is. Raises StaffTokenInvalidError: not ours, over, another device's, or of
    somebody who no longer works here."""
    claims = _read(scope.keys, scope.clock, token)
    if claims.get("dev") != scope.device_id or scope.device_id is None:
        raise StaffTokenInvalidError
    with scope.reading() as tx:
        people = tx.rows(
            _PERSON,
            {"staff_id": claims["sub"], "merchant_id": scope.merchant_id, "location_id": scope.location_id},
        )
    if not people:
        raise StaffTokenInvalidError
    staff_id, name, role = people[0]
    return StaffSession(staff_id, name, role, datetime.fromtimestamp(claims["exp"], UTC))


def _prove(scope: Scope, staff_pin: str) -> tuple[str, str, str]:
    where = {
        "merchant_id": scope.merchant_id,
        "location_id": scope.location_id,
        "device_id": scope.device_id,
    }
    with scope.reading() as tx:
        tries = tx.rows(_TRIES, {"device_id": scope.device_id})
        blocked_until = tries[0][0] if tries else None
        if blocked_until is not None and blocked_until > scope.now:
            raise StaffPinTriesError(retry_after=int((blocked_until - scope.now).total_seconds()) + 1)
        colleagues = tx.rows(_COLLEAGUES, {key: where[key] for key in ("merchant_id", "location_id")})
    # Outside any transaction: the hashes take long enough that nobody else may wait for them.
    for staff_id, name, role, pin_hash in colleagues:
        if proofs.is_staff_pin(scope.keys, staff_id, pin_hash, staff_pin):
            scope.run(lambda tx: tx.run(_RIGHT, {"device_id": scope.device_id}))
            return staff_id, name, role
    scope.run(lambda tx: _count(tx, scope))
    raise StaffPinWrongError


def _count(tx: Transaction, scope: Scope) -> None:
    tx.run(_FAILED, {"device_id": scope.device_id})
    tx.run(_BLOCK, {"device_id": scope.device_id, "until": scope.now + BLOCKED_FOR, "most": MOST_TRIES})


def _read(keys: Keys, clock: Clock, token: str) -> dict[str, Any]:
    for key in keys.secret.derive_all(_PURPOSE):
        try:
            claims: dict[str, Any] = jwt.decode(
                token,
                key,
                algorithms=["HS256"],
                # The end is checked against the clock that was handed in.
                options={"require": ["sub", "exp"], "verify_exp": False, "verify_iat": False},
            )
        except jwt.InvalidSignatureError:
            continue
        except jwt.InvalidTokenError:
            break
        if claims.get("typ") == _TYPE and claims["exp"] > clock().timestamp():
            return claims
        break
    raise StaffTokenInvalidError
