"""Which of the town's people let which shops write to them: or no campaign could be tried."""

from __future__ import annotations

from random import Random

from sqlalchemy import insert

from app.cards.models import ConsentEvent
from app.common.ids import new_id
from app.common.scope import Scope
from app.common.sql import Statement

ALLOWS = 0.7  # of the shops where somebody with an address collects
MAILS = 0.8  # of those that may write at all
PUSHES = 0.4
WORDS = "Nieuws en acties van deze zaak"

_COLLECTS = Statement(
    """
    SELECT DISTINCT a.member_id, p.merchant_id FROM account a JOIN programme p ON p.id = a.programme_id
    WHERE a.member_id IN (SELECT l.member_id FROM login l) ORDER BY a.member_id, p.merchant_id
    """
)


def allow(scope: Scope, chance: Random) -> int:
    """Let people with an address hear from most of the shops where they collect. Returns how many words were given."""

    with scope.transaction() as tx:
        rows = []
        for member_id, merchant_id in tx.rows(_COLLECTS, {}):
            if chance.random() >= ALLOWS:
                continue
            ways = ["inbox", *("email",) * (chance.random() < MAILS), *("push",) * (chance.random() < PUSHES)]
            rows += [
                {
                    "member_id": member_id,
                    "id": new_id(),
                    "merchant_id": merchant_id,
                    "channel": way,
                    "is_given": True,
                    "how": "app",
                    "wording": WORDS,
                    "occurred_at": scope.now,
                }
                for way in ways
            ]
        if rows:
            tx.session.execute(insert(ConsentEvent), rows)
    return len(rows)
