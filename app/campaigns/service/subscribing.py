"""Browsers that want to be told: subscribed, ended, and forgotten when their push service knows them no more."""

from __future__ import annotations

import hashlib
import hmac
import json
from dataclasses import dataclass

from sqlalchemy import delete, insert, select, update

from app.campaigns.errors import PushNotOfferedError
from app.campaigns.models import PushEndpoint, PushSubscription
from app.campaigns.sealed import SUBSCRIPTION, Reader, seal
from app.campaigns.web_push import Subscription, read_subscription
from app.campaigns.wording import spoken
from app.common.database import Transaction
from app.common.errors import InvalidError
from app.common.ids import new_id
from app.common.keys import KeyRing
from app.common.outgoing import Reach, UnsafeAddressError, check_url
from app.common.scope import Scope

MOST = 10  # browsers of one member; the one that was heard of least recently makes room
_BLIND = "push endpoint"


@dataclass(frozen=True, slots=True)
class Browser:
    """A subscription with the language it wants."""

    subscription_id: str
    subscription: Subscription
    locale: str


def subscribe(
    scope: Scope, *, endpoint: str, p256dh: str, auth: str, locale: str, reach: Reach, is_offered: bool
) -> None:
    """Tell the scope's member's news to a browser from now on. A browser that told another member's tells hers alone.

    A repeat renews keys and language. Raises :class:`PushNotOfferedError` where this platform signs no pushes,
    ``InvalidError`` for an address that may not be called or keys that are none.
    """
    if not is_offered:
        raise PushNotOfferedError
    try:
        check_url(endpoint, reach)
    except UnsafeAddressError as error:
        raise InvalidError(errors={"endpoint": [str(error)]}) from None
    try:
        read_subscription(endpoint, p256dh, auth)
    except ValueError:
        raise InvalidError(errors={"keys": ["push_keys_expected"]}) from None
    content = json.dumps({"endpoint": endpoint, "p256dh": p256dh, "auth": auth})

    def work(tx: Transaction) -> None:
        member_id = scope.member_id or ""
        known = _find(tx, scope, endpoint)
        if known is not None and known.member_id != member_id:
            forget(tx, known.member_id, known.subscription_id)
            known = None
        subscription_id = new_id() if known is None else known.subscription_id
        sealed = seal(tx, scope, member_id, SUBSCRIPTION, subscription_id, content)
        if known is None:
            _make_room(tx, member_id)
            tx.session.execute(
                insert(PushSubscription).values(
                    member_id=member_id,
                    id=subscription_id,
                    sealed=sealed,
                    locale=spoken(locale),
                    created_at=scope.now,
                    updated_at=scope.now,
                )
            )
            tx.session.execute(
                insert(PushEndpoint).values(
                    blind=_blinds(scope.keys.data, endpoint)[0], member_id=member_id, subscription_id=subscription_id
                )
            )
        else:
            tx.session.execute(
                update(PushSubscription)
                .where(PushSubscription.member_id == member_id, PushSubscription.id == subscription_id)
                .values(sealed=sealed, locale=spoken(locale), updated_at=scope.now)
            )

    scope.run(work)


def end_subscription(scope: Scope, *, endpoint: str) -> None:
    """Tell a browser of the scope's member nothing any more. A repeat, or another member's browser, changes nothing."""

    def work(tx: Transaction) -> None:
        known = _find(tx, scope, endpoint)
        if known is not None and known.member_id == scope.member_id:
            forget(tx, known.member_id, known.subscription_id)

    scope.run(work)


def browser_of(tx: Transaction, scope: Scope, member_id: str, subscription_id: str) -> Browser | None:
    """A member's subscription, opened; None where it has ended."""
    row = tx.session.get(PushSubscription, (member_id, subscription_id))
    content = None if row is None else Reader(tx, scope).open(member_id, SUBSCRIPTION, subscription_id, row.sealed)
    if row is None or content is None:
        return None
    return Browser(subscription_id, read_subscription(**json.loads(content)), row.locale)


def forget(tx: Transaction, member_id: str, subscription_id: str) -> None:
    """Delete a subscription in the caller's transaction. A repeat finds none."""
    tx.session.execute(
        delete(PushSubscription).where(PushSubscription.member_id == member_id, PushSubscription.id == subscription_id)
    )
    tx.session.execute(delete(PushEndpoint).where(PushEndpoint.subscription_id == subscription_id))


def _find(tx: Transaction, scope: Scope, endpoint: str) -> PushEndpoint | None:
    wanted = select(PushEndpoint).where(PushEndpoint.blind.in_(_blinds(scope.keys.data, endpoint))).limit(1)
    return tx.session.scalar(wanted)


def _make_room(tx: Transaction, member_id: str) -> None:
    kept = list(
        tx.session.scalars(
            select(PushSubscription.id)
            .where(PushSubscription.member_id == member_id)
            .order_by(PushSubscription.updated_at.desc(), PushSubscription.id.desc())
        )
    )
    for subscription_id in kept[MOST - 1 :]:
        forget(tx, member_id, subscription_id)


def _blinds(ring: KeyRing, endpoint: str) -> list[bytes]:
    return [hmac.digest(key, endpoint.encode(), hashlib.sha256) for key in ring.derive_all(_BLIND)]
