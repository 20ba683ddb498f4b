"""Ways in that only development and tests have: a card's rotating code without its phone, tokens without signing in."""

from __future__ import annotations

import time
from datetime import timedelta

import click
from sqlalchemy import insert, select

import config
from app.cards import rotating
from app.cards.code_secrets import open_secret, seal_secret
from app.cards.codes import card_url
from app.cards.models import CodeUse, Installation
from app.cards.queries import get_card
from app.common.database import Transaction
from app.common.ids import new_id
from app.common.scope import Scope
from app.merchants.service import create_pairing_code, pair_device
from app.wallet.service.sessions import open_session

_STEP = timedelta(seconds=rotating.PERIOD)


def refuse_in_production(settings: config.Settings) -> None:
    """Raises a clear line where real people's cards are."""
    if settings.is_production:
        raise click.ClickException("This works in development and test only: ZEGEL_ENV is production.")


def member_token(scope: Scope, number: str) -> str:
    """An access token of the card's member, in a session of its own. Raises NotFoundError."""
    return open_session(scope, member_id=get_card(scope, number=number).member_id).access_token


def device_token(scope: Scope, location_id: str) -> str:
    """The token of a tablet that is paired here and now. Raises NotFoundError, MerchantClosedError."""
    with scope.transaction():
        code = create_pairing_code(scope, location_id).code
        return pair_device(scope, code, "Development").token


def current_code(scope: Scope, number: str, host: str) -> str:
    """The card's address with digits that will be accepted now, for one use.

    Of the steps that count at this moment the first unused one is taken; when all are used, it waits for the next
    (fifteen seconds at most). A card without an installation gets one, printed cards too. Raises NotFoundError.
    """
    card = get_card(scope, number=number)
    while True:
        found = scope.run(lambda tx: _unused(tx, scope, card.member_id, number))
        if found is not None:
            return card_url(host, number, found)
        time.sleep(0.5)


def _unused(tx: Transaction, scope: Scope, member_id: str, number: str) -> str | None:
    now = scope.now
    row = tx.session.execute(
        select(Installation.id, Installation.member_id, Installation.secret)
        .where(Installation.number == number, Installation.ended_at.is_(None))
        .order_by(Installation.id)
    ).first()
    if row is None:
        installation_id, secret = new_id(), rotating.new_secret()
        tx.session.execute(
            insert(Installation).values(
                member_id=member_id,
                id=installation_id,
                number=number,
                kind="app",
                secret=seal_secret(scope.keys.data, installation_id, secret),
                created_at=now,
            )
        )
        return rotating.code_at(secret, now)
    installation_id, member_id, sealed = row
    secret = open_secret(scope.keys.data, installation_id, sealed)
    used = set(
        tx.session.scalars(
            select(CodeUse.step).where(CodeUse.member_id == member_id, CodeUse.installation_id == installation_id)
        )
    )
    # The next step is good for 30 s more; the one before is over soonest, so it comes last.
    for moment in (now, now + _STEP, now - _STEP):
        if rotating.step_of(moment) not in used:
            return rotating.code_at(secret, moment)
    return None
