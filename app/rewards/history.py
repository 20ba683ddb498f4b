"""What the rules may ask about a member's past: each a query that touches few rows, however long the past is."""

from __future__ import annotations

from datetime import date, datetime

from app.cards import personal_data
from app.cards.data_keys import data_keys
from app.common.batch import Batch, Change, Table
from app.common.database import Transaction
from app.common.keys import Keys
from app.common.sql import Statement
from app.ledger.accounts import AccountState
from app.rewards.configuration import ProgrammeConfig, document
from app.rewards.rules import ProgrammeRules, local_day
from app.rewards.rules.dates import months_later

TIER_MONTH = Table("tier_month", 45, "member_id account_id month gathered")
_CHANGE_TIER_MONTH = Change("tier_month", 45, sets="gathered", where="member_id account_id month")

# A merged member's visits count with the survivor's: caps must not start anew with a merge.
_DAY = Statement(
    """
    SELECT earned FROM visit
    WHERE member_id IN (SELECT CAST(:member_id AS uuid) UNION ALL SELECT id FROM member WHERE merged_into = :member_id)
        AND merchant_id = :merchant_id AND occurred_at >= :start AND occurred_at < :until AND reversed_at IS NULL
    """,
    sqlite="""
    SELECT earned FROM visit
    WHERE member_id IN (SELECT :member_id UNION ALL SELECT id FROM member WHERE merged_into = :member_id)
        AND merchant_id = :merchant_id AND occurred_at >= :start AND occurred_at < :until AND reversed_at IS NULL
    """,
)
_BIRTHDAY = Statement(
    "SELECT p.birthday, k.wrapped FROM member_profile p JOIN member_key k ON k.member_id = p.member_id"
    " WHERE p.member_id = :member_id AND p.birthday IS NOT NULL"
)
_MONTHS = Statement(
    "SELECT month, gathered FROM tier_month"
    " WHERE member_id = :member_id AND account_id = :account_id AND month >= :since"
)


class History:
    """Answers from the database, inside the booking's transaction."""

    def __init__(self, transaction: Transaction, keys: Keys) -> None:
        self._transaction = transaction
        self._keys = keys

    def day(
        self, member_id: str, merchant_id: str, programme: ProgrammeConfig, rules: ProgrammeRules, at: datetime
    ) -> tuple[int, int]:
        """Visits that earned in the programme on the local day of ``at``, and the units they earned."""
        start, until = local_day(rules, at)
        rows = self._transaction.rows(
            _DAY, {"member_id": member_id, "merchant_id": merchant_id, "start": start, "until": until}
        )
        visits = units = 0
        for (earned,) in rows:
            for entry in document(earned):
                # Where fractions are carried, a visit may count although it completed no unit.
                counts = entry["units"] or entry.get("exact", "0/1") != "0/1"
                if entry["programme_id"] == programme.id and counts:
                    visits += 1
                    units += entry["units"]
        return visits, units

    def birthday(self, member_id: str) -> tuple[int, int] | None:
        """Month and day of birth, if the member told them."""
        for sealed, wrapped in self._transaction.rows(_BIRTHDAY, {"member_id": member_id}):
            data_key = personal_data.unwrap_data_key(data_keys(self._keys.data), member_id, bytes(wrapped))
            told = personal_data.decrypt_text(data_key, member_id, "birthday", bytes(sealed))
            month, day = told[-5:].split("-")
            return int(month), int(day)
        return None

    def months(self, account: AccountState, since: int) -> dict[int, int]:
        """What was gathered towards tiers in each calendar month from ``since`` on."""
        if account.is_new:
            return {}
        rows = self._transaction.rows(
            _MONTHS, {"member_id": account.member_id, "account_id": account.id, "since": since}
        )
        return {int(row[0]): int(row[1]) for row in rows}


def month_of(rules: ProgrammeRules, at: datetime) -> int:
    """The number of the calendar month of ``at`` in the programme's zone: year × 12 + month − 1."""
    local = at.astimezone(rules.zone)
    return local.year * 12 + local.month - 1


def first_month(rules: ProgrammeRules, at: datetime) -> int:
    """The first calendar month that counts towards tiers at ``at``: as many months back as the tiers look, and the
    current one."""
    months = rules.tiers.months if rules.tiers is not None else 0
    start: date = months_later(at.astimezone(rules.zone).date(), -months)
    return start.year * 12 + start.month - 1


def gather(batch: Batch, account: AccountState, months: dict[int, int], month: int, more: int) -> None:
    """Put a month's change towards tiers into the batch; ``months`` is updated too. Never below zero."""
    if not more:
        return
    before = months.get(month)
    after = max((before or 0) + more, 0)
    if before is None:
        batch.insert(TIER_MONTH, (account.member_id, account.id, month, after))
    else:
        batch.change(_CHANGE_TIER_MONTH, (after, account.member_id, account.id, month))
    months[month] = after
