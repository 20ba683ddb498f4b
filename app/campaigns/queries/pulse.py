"""Whether anything of a member's has changed: one statement that reads what she has now, and nothing of her past."""

from __future__ import annotations

import base64
import hashlib
from dataclasses import dataclass
from datetime import timedelta

from app.campaigns.moments import id_from
from app.common.scope import Scope
from app.common.sql import Statement

MOST_UNREAD = 100
_ASKED_WITHIN = timedelta(hours=1)  # no question of a counter lasts longer

# Every part reads an index that begins with the member: her accounts (whose `seq` counts every transfer), her cards,
# her open vouchers (an index of those alone), her last booking, her last message, her unread ones (an index of those
# alone, and a hundred at most), and what counters asked within the hour.
_PULSE = Statement(
    f"""
    SELECT 'account' AS kind, CAST(count(*) AS text) AS one, CAST(coalesce(sum(seq), 0) AS text) AS two,
        CAST(coalesce(sum(visits), 0) AS text) AS three
    FROM account WHERE member_id = :member_id
    UNION ALL
    SELECT 'card', number, status, coalesce(replaced_by, '') FROM card WHERE member_id = :member_id
    UNION ALL
    SELECT 'voucher', CAST(id AS text), coalesce(CAST(hold_id AS text), CAST(hold_until AS text), ''),
        coalesce(CAST(hold_release_at AS text), '')
    FROM voucher WHERE member_id = :member_id AND status = 'issued'
    UNION ALL
    SELECT 'booking', CAST(id AS text), '', '' FROM (
        SELECT id FROM ledger_transaction WHERE member_id = :member_id ORDER BY id DESC LIMIT 1) AS booked
    UNION ALL
    SELECT 'last', CAST(id AS text), '', '' FROM (
        SELECT id FROM member_message WHERE member_id = :member_id ORDER BY id DESC LIMIT 1) AS latest
    UNION ALL
    SELECT 'unread', CAST(count(*) AS text), '', '' FROM (
        SELECT 1 FROM member_message WHERE member_id = :member_id AND read_at IS NULL LIMIT {MOST_UNREAD}) AS unread
    UNION ALL
    SELECT 'asked', CAST(id AS text), '', '' FROM spending_request
    WHERE member_id = :member_id AND id >= :asked_from AND status = 'asked' AND expires_at > :now
    """  # noqa: S608  a constant
)


@dataclass(frozen=True, slots=True)
class Pulse:
    """``state`` is opaque; it differs whenever a balance, voucher, card or message does. ``unread`` counts to 100."""

    state: str
    unread: int
    spending_requests: int


def read_pulse(scope: Scope) -> Pulse:
    """The pulse of the scope's member. What it costs grows with what she has now, not with what ever was."""
    values = {
        "member_id": scope.member_id,
        "now": scope.now,
        "asked_from": id_from(scope.now - _ASKED_WITHIN),
    }
    with scope.reading() as tx:
        rows = sorted(tuple(row) for row in tx.rows(_PULSE, values))
    unread = next(int(row[1]) for row in rows if row[0] == "unread")
    digest = hashlib.blake2b(repr(rows).encode(), digest_size=12).digest()
    return Pulse(base64.urlsafe_b64encode(digest).decode(), unread, sum(row[0] == "asked" for row in rows))
