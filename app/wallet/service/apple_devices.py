"""What a phone asks that has a card in Apple Wallet: to be told of changes, which passes changed, and the pass anew."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime

from sqlalchemy import delete, select

from app.cards.models import PassDevice, WalletPass
from app.cards.passes import apple, apple_push, credentials
from app.cards.passes.credentials import AppleCredentials
from app.cards.queries import CardView, card_in, member_in
from app.common.database import Transaction
from app.common.errors import InvalidError
from app.common.scope import Scope
from app.common.sealing import seal, unseal
from app.common.settings import Settings
from app.wallet.errors import PassTokenError
from app.wallet.service.passes import apple_signer, build_apple, keep_pass

MOST_DEVICES = 20  # of one pass: a member's phones and watches
_PURPOSE = "apple push tokens"
_DEVICE = re.compile(r"[A-Za-z0-9_.-]{8,128}", re.ASCII)


@dataclass(frozen=True, slots=True)
class Claim:
    """What a phone says when it asks for one pass: which, of which kind, and the token that stands in it."""

    pass_type: str
    card_id: str
    token: str


@dataclass(frozen=True, slots=True)
class Changed:
    """The passes of a device that changed, and the mark from which it asks the next time."""

    card_ids: list[str]
    mark: str


@dataclass(frozen=True, slots=True)
class MadePass:
    """A pass, and when what stands on it last changed."""

    content: bytes
    changed_at: datetime


def register_device(scope: Scope, settings: Settings, claim: Claim, *, device_id: str, push_token: str) -> bool:
    """Let a device be told when a pass changes. True where it was not yet; a repeat notes its new ``push_token``.

    Raises :class:`PassTokenError` for a pass that isn't its, and ``InvalidError`` for what is no device or token.
    """
    _prove(scope, settings, claim)
    if _DEVICE.fullmatch(device_id) is None or apple_push.TOKEN.fullmatch(push_token) is None:
        raise InvalidError(errors={"pushToken": ["This is no device's push token."]})

    def work(tx: Transaction) -> bool:
        keep_pass(tx, scope, claim.card_id, "apple")
        sealed = seal(scope.keys.data, _PURPOSE, push_token.encode(), bound=device_id)
        known = tx.session.get(PassDevice, (device_id, claim.card_id), with_for_update=True)
        if known is not None:
            known.push_token = sealed
            return False
        device = PassDevice(device_id=device_id, card_id=claim.card_id, push_token=sealed, created_at=scope.now)
        tx.session.add(device)
        tx.session.flush()
        _keep_few(tx, claim.card_id)
        return True

    return scope.run(work)


def unregister_device(scope: Scope, settings: Settings, claim: Claim, *, device_id: str) -> None:
    """Tell a device no more of a pass; one that is not told changes nothing. Raises :class:`PassTokenError`."""
    _prove(scope, settings, claim)
    scope.run(lambda tx: _drop(tx, claim.card_id, device_id))


def list_changed(
    scope: Scope, settings: Settings, *, pass_type: str, device_id: str, since: str | None
) -> Changed | None:
    """A device's passes that changed after the mark ``since``, all without one; None where none did. Nobody but the
    phone knows the device's id, and passes are named by ids alone."""
    signer = apple_signer(scope, settings)
    if pass_type != signer.pass_type or _DEVICE.fullmatch(device_id) is None:
        return None
    wanted = (
        select(WalletPass.card_id, WalletPass.changed_at)
        .join(PassDevice, PassDevice.card_id == WalletPass.card_id)
        .where(PassDevice.device_id == device_id, WalletPass.kind == "apple")
    )
    if since is not None and since.isascii() and since.isdigit() and len(since) <= 16:
        wanted = wanted.where(WalletPass.changed_at > datetime.fromtimestamp(int(since) / 1_000_000, UTC))
    with scope.reading() as tx:
        found = tx.session.execute(wanted.order_by(WalletPass.changed_at, WalletPass.card_id)).all()
    if not found:
        return None
    return Changed([row[0] for row in found], str(round(found[-1][1].timestamp() * 1_000_000)))


def latest_pass(scope: Scope, settings: Settings, claim: Claim, *, since: datetime | None) -> MadePass | None:
    """A pass as it is now; None where nothing on it changed since then (whole seconds).

    Raises :class:`PassTokenError` and ``PassNotOfferedError``.
    """
    signer, card = _prove(scope, settings, claim)
    with scope.reading() as tx:
        known = tx.session.get(WalletPass, (claim.card_id, "apple"))
    changed_at = known.changed_at if known is not None else scope.now
    if since is not None and changed_at.replace(microsecond=0) <= since:
        return None
    return MadePass(build_apple(scope, settings, signer, card), changed_at)


def push_change(scope: Scope, settings: Settings, *, card_id: str) -> int:
    """Tell the devices that have a card's pass that it changed. Returns how many were told; those that are reached no
    more are forgotten. Raises ``PushFailedError``; a repeat tells them again."""
    signer = credentials.apple(settings.apple_pass)
    if signer is None or not signer.is_valid_at(scope.now):
        return 0
    with scope.reading() as tx:
        devices = tx.session.execute(
            select(PassDevice.device_id, PassDevice.push_token).where(PassDevice.card_id == card_id)
        ).all()
    if not devices:
        return 0
    tokens = {
        unseal(scope.keys.data, _PURPOSE, bytes(sealed), bound=device_id).decode(): device_id
        for device_id, sealed in devices
    }
    # No transaction is open while Apple is spoken to.
    pushed = apple_push.push(signer, list(tokens))

    def work(tx: Transaction) -> None:
        for token in pushed.lost:
            _drop(tx, card_id, tokens[token])

    if pushed.lost:
        scope.run(work)
    return pushed.told


def _prove(scope: Scope, settings: Settings, claim: Claim) -> tuple[AppleCredentials, CardView]:
    """What signs passes, and the card of a claim that holds: it is there, its member too, and the token is its own."""
    signer = apple_signer(scope, settings)
    is_own = apple.is_token_of(scope.keys.secret, claim.card_id, claim.token)
    with scope.reading() as tx:
        card = card_in(tx.session, scope, card_id=claim.card_id)
        member = None if card is None else member_in(tx.session, card.member_id)
    if not is_own or claim.pass_type != signer.pass_type or card is None:
        raise PassTokenError
    if member is None or member.status == "erased":
        raise PassTokenError
    return signer, card


def _keep_few(tx: Transaction, card_id: str) -> None:
    """Forget the devices that came first where there are more than anybody has."""
    devices = tx.session.scalars(
        select(PassDevice.device_id)
        .where(PassDevice.card_id == card_id)
        .order_by(PassDevice.created_at.desc(), PassDevice.device_id)
        .offset(MOST_DEVICES)
    ).all()
    for device_id in devices:
        _drop(tx, card_id, device_id)


def _drop(tx: Transaction, card_id: str, device_id: str) -> None:
    tx.session.execute(delete(PassDevice).where(PassDevice.device_id == device_id, PassDevice.card_id == card_id))
    left = tx.session.scalar(select(PassDevice.device_id).where(PassDevice.card_id == card_id).limit(1))
    if left is None:  # nobody waits for changes any more
        tx.session.execute(delete(WalletPass).where(WalletPass.card_id == card_id, WalletPass.kind == "apple"))
