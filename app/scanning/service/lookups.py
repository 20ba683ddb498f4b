"""Finding a member who forgot the card, by an address that this shop may know. Such a scan may earn, not redeem."""

from __future__ import annotations

from datetime import timedelta

from app.cards import attempts
from app.cards.data_keys import data_keys
from app.cards.personal_data import blind_indexes
from app.common.sql import Statement
from app.rewards.configuration import configuration
from app.scanning.counter import Counter
from app.scanning.errors import LookupRefusedError
from app.scanning.identifying import LOOKUP, context, usable
from app.scanning.results import ScanResult
from app.scanning.service.scans import describe

_MISSES = attempts.Limit("member-lookup", 20, timedelta(minutes=15))
_LOGIN = Statement("SELECT member_id FROM login WHERE blind = :blind AND kind = :kind")
_ALLOWED = Statement(
    "SELECT is_given FROM consent_event WHERE member_id = :member_id AND merchant_id = :merchant_id"
    " AND channel = 'lookup' ORDER BY id DESC LIMIT 1"
)
_CARD = Statement(
    "SELECT number FROM card WHERE member_id = :member_id AND status = 'active' ORDER BY issued_at DESC, id LIMIT 1"
)


def lookup_member(counter: Counter, *, kind: str, value: str) -> ScanResult:
    """Find a member by ``email`` or ``phone`` who allowed this shop to do so.

    Raises :class:`LookupRefusedError`, the same for an unknown address and one whose member did not allow it, and after
    twenty misses in a quarter of an hour ``TriesUsedUpError``.
    """
    scope = counter.scope
    attempts.check(scope, _MISSES, scope.device_id or "")
    with scope.reading() as transaction:
        number = None
        kept = "email" if kind == "email" else "phone"
        for blind in blind_indexes(data_keys(scope.keys.data), "email" if kind == "email" else "phone", value):
            for (member_id,) in transaction.rows(_LOGIN, {"blind": blind, "kind": kept}):
                who = {"member_id": member_id, "merchant_id": counter.merchant_id}
                allowed = transaction.rows(_ALLOWED, who)
                cards = transaction.rows(_CARD, {"member_id": member_id})
                if allowed and allowed[0][0] and cards:
                    number = cards[0][0]
        if number is not None:
            found = context(transaction, scope, number, None)
            card = usable(found, earns=False)
            config = configuration(transaction, counter.merchant_id, found.config_version)
            return describe(transaction, counter, config, card, LOOKUP)
    attempts.count(scope, _MISSES, scope.device_id or "")
    raise LookupRefusedError
