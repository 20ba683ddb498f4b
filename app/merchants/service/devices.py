"""Devices: API keys for tills, and tablets that are paired with a short code."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from sqlalchemy import select

from app.common import audit
from app.common.database import Transaction
from app.common.errors import InvalidError
from app.common.ids import new_id
from app.common.scope import Scope
from app.common.sql import Statement
from app.merchants import tokens
from app.merchants.configuration import configuration_changed
from app.merchants.errors import (
    MerchantClosedError,
    PairingCodeSpentError,
    PairingCodeUnknownError,
    SomebodyWasFasterError,
)
from app.merchants.models import Device, Location, PairingCode
from app.merchants.rows import device_of, location_of, merchant_of

PAIRING_LIFETIME = timedelta(minutes=15)
KEY_SCOPES = frozenset({"approve"})
LONGEST_NAME = 80

# Guarded, not read and then written: of two tablets with one code, one gets it.
_TAKE_CODE = Statement(
    "UPDATE pairing_code SET used_at = :now WHERE code_hash = :code_hash AND used_at IS NULL AND expires_at > :now"
)
_END_TRAINING = Statement("UPDATE device SET revoked_at = :now WHERE token_hash = :token_hash AND revoked_at IS NULL")
_NAME_DEVICE = Statement("UPDATE pairing_code SET device_id = :device_id WHERE code_hash = :code_hash")


@dataclass(frozen=True, slots=True)
class NewDevice:
    """A device that was just made. ``token`` is told this once; only its hash is kept."""

    device_id: str
    merchant_id: str
    location_id: str
    token: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class NewPairingCode:
    """A code in canonical form (eight characters), told this once, and when it ends."""

    code: str = field(repr=False)
    expires_at: datetime

    @property
    def shown(self) -> str:
        """As people read it: ``7K3M-9QX2``."""
        return tokens.show_pairing_code(self.code)


PairedDevice = NewDevice


def create_key(
    scope: Scope, location_id: str, *, name: str, scopes: Collection[str] = (), is_sandbox: bool = False
) -> NewDevice:
    """Make an API key that may call ``/pos`` for one location. Its token, ``zg_key_…``, is told this once.

    ``scopes`` may hold ``approve``: the till may approve redemptions with a printed card. ``is_sandbox`` marks a key
    of a twin merchant (see ``app.rewards.sandbox``). Raises NotFoundError, InvalidError. Each call makes another key.
    """
    if not set(scopes) <= KEY_SCOPES:
        raise InvalidError(errors={"scope": ["not_one_of"]})
    return _create(scope, location_id, "key", name, tokens.KEY_PREFIX, sorted(scopes), is_sandbox)


def create_pairing_code(scope: Scope, location_id: str) -> NewPairingCode:
    """Make a code that turns one tablet into a device of this location, once, within fifteen minutes.

    Raises NotFoundError, MerchantClosedError. Codes made before stay good until they end.
    """
    code = tokens.new_pairing_code()

    def work(tx: Transaction) -> NewPairingCode:
        location = _open_location(tx, scope, location_id)
        expires_at = scope.now + PAIRING_LIFETIME
        tx.session.add(
            PairingCode(
                code_hash=tokens.pairing_code_hash(scope.keys, code), location_id=location_id, expires_at=expires_at
            )
        )
        audit.record(tx, scope, "pairing_code.created", "location", location_id, merchant_id=location.merchant_id)
        return NewPairingCode(code, expires_at)

    return scope.run(work)


def pair_device(scope: Scope, pairing_code: str, name: str) -> PairedDevice:
    """Turn a tablet into a device and give its token, ``zg_dev_…``, this once. Tries are limited at the face.

    Raises PairingCodeUnknownError for a code that was never made, PairingCodeSpentError for one that was used or is
    too old, InvalidError for a bad name. The same code again: spent.
    """
    code = tokens.read_pairing_code(pairing_code)
    if code is None:
        raise PairingCodeUnknownError
    hashes = tokens.pairing_code_hashes(scope.keys, code)

    def work(tx: Transaction) -> PairedDevice:
        found = tx.session.scalars(select(PairingCode).where(PairingCode.code_hash.in_(hashes))).first()
        if found is None:
            raise PairingCodeUnknownError
        if tx.run(_TAKE_CODE, {"code_hash": found.code_hash, "now": scope.now}) != 1:
            raise PairingCodeSpentError
        device = _create(scope, found.location_id, "tablet", name, tokens.DEVICE_PREFIX, [], False)
        tx.run(_NAME_DEVICE, {"code_hash": found.code_hash, "device_id": device.device_id})
        return device

    return scope.run(work)


def add_training_device(scope: Scope, location_id: str, *, token: str) -> NewDevice:
    """Make the tablet of a sandbox's location on which the people at a shop's device practise (see
    ``app.rewards.sandbox``, which makes its token). Raises NotFoundError, MerchantClosedError."""
    return _create(scope, location_id, "tablet", "Training", tokens.DEVICE_PREFIX, [], True, token=token)


def revoke_device(scope: Scope, device_id: str) -> None:
    """End a tablet or key: its token is refused from now on. A second time changes nothing. Raises NotFoundError."""

    def work(tx: Transaction) -> None:
        device = device_of(tx, scope, device_id)
        if device.revoked_at is not None:
            return
        device.revoked_at = scope.now
        tx.session.flush()
        # Nor does it practise any more.
        for token in tokens.training_tokens(scope.keys, device_id):
            tx.run(_END_TRAINING, {"token_hash": tokens.token_hash(token), "now": scope.now})
        configuration_changed(tx, device.merchant_id)
        audit.record(
            tx,
            scope,
            "device.revoked",
            "device",
            device_id,
            # A key of the sandbox is ended by the shop itself, and stands in its list.
            merchant_id=scope.merchant_id or device.merchant_id,
            before={"kind": device.kind, "name": device.name},
        )

    scope.run(work)


def rename_device(scope: Scope, device_id: str, *, name: str, was: str) -> None:
    """Call a tablet or key something else. ``was`` is its name as it was read before. The same name again changes
    nothing.

    Raises NotFoundError, InvalidError, and SomebodyWasFasterError where it has been called otherwise meanwhile.
    """
    wanted = name.strip()
    if not 0 < len(wanted) <= LONGEST_NAME:
        raise InvalidError(errors={"name": ["name_expected"]})

    def work(tx: Transaction) -> None:
        device = device_of(tx, scope, device_id)
        tx.session.refresh(device, with_for_update=True)
        if device.name == wanted:
            return
        if device.name != was:
            raise SomebodyWasFasterError
        device.name = wanted
        tx.session.flush()
        configuration_changed(tx, device.merchant_id)
        audit.record(
            tx,
            scope,
            "device.renamed",
            "device",
            device_id,
            before={"name": was},
            after={"name": wanted},
        )

    scope.run(work)


def _create(
    scope: Scope,
    location_id: str,
    kind: str,
    name: str,
    prefix: str,
    scopes: list[str],
    is_sandbox: bool,
    *,
    token: str | None = None,
) -> NewDevice:
    if not 0 < len(name.strip()) <= LONGEST_NAME:
        raise InvalidError(errors={"name": ["name_expected"]})
    token = token or tokens.new_token(prefix)

    def work(tx: Transaction) -> NewDevice:
        location = _open_location(tx, scope, location_id)
        device = Device(
            id=new_id(),
            merchant_id=location.merchant_id,
            location_id=location_id,
            kind=kind,
            name=name.strip(),
            token_hash=tokens.token_hash(token),
            scopes=scopes,
            is_sandbox=is_sandbox,
            created_at=scope.now,
        )
        tx.session.add(device)
        tx.session.flush()
        configuration_changed(tx, location.merchant_id)
        audit.record(
            tx,
            scope,
            "device.created",
            "device",
            device.id,
            merchant_id=location.merchant_id,
            after={"kind": kind, "name": device.name, "scopes": scopes, "is_sandbox": is_sandbox},
        )
        return NewDevice(device.id, location.merchant_id, location_id, token)

    return scope.run(work)


def _open_location(tx: Transaction, scope: Scope, location_id: str) -> Location:
    location = location_of(tx, scope, location_id)
    if merchant_of(tx, scope, location.merchant_id).status == "closed" or not location.is_active:
        raise MerchantClosedError
    return location
