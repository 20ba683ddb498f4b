"""The clock after which nobody is kept: told after years without a sign of life, erased a month later."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path

from sqlalchemy import select

from app.campaigns.kinds import SHOP_NOTICE
from app.campaigns.telling import Told, tell
from app.cards.models import Member
from app.cards.profiles import read_profile
from app.common import audit
from app.common.database import Transaction
from app.common.errors import InvalidError
from app.common.mail import queue_mail
from app.common.scope import Scope
from app.privacy import inactivity
from app.privacy.erasing import erase_member
from app.privacy.inactivity import FIRST, USUAL, Period
from app.privacy.mails import leaving_mail, leaving_words
from app.privacy.models import RetentionNotice, RetentionSetting
from app.privacy.service.handing_out import own_request
from app.privacy.service.requests import require_reason
from app.privacy.terms import months_after

_SLICE = 500
_REASON = "retention"


@dataclass(slots=True)
class Kept:
    """What one night did."""

    told: int = 0
    erased: int = 0
    came_back: int = 0
    _steps: int = field(default=0, repr=False)


def change_retention(scope: Scope, *, months: int, grace_days: int, reason: str) -> None:
    """Set after how many months (12 to 60) a silent member is told, and how many days (14 to 90) later erased. Who was
    told keeps the day that she was told. A repeat changes nothing but the time. Raises ``InvalidError`` by field."""
    told = require_reason(reason)
    errors = {}
    if not 12 <= months <= 60:
        errors["months"] = ["out_of_range"]
    if not 14 <= grace_days <= 90:
        errors["grace_days"] = ["out_of_range"]
    if errors:
        raise InvalidError(errors=errors)

    def work(tx: Transaction) -> None:
        row = tx.session.get(RetentionSetting, 1, with_for_update=True, populate_existing=True)
        before = USUAL if row is None else Period(row.months, row.grace_days)
        if row is None:
            row = RetentionSetting(id=1)
            tx.session.add(row)
        row.months, row.grace_days, row.changed_at = months, grace_days, scope.now
        audit.record(
            tx,
            scope,
            "privacy.retention_changed",
            "retention_setting",
            None,
            before={"months": before.months, "grace_days": before.grace_days},
            after={"months": months, "grace_days": grace_days, "reason": told},
        )

    scope.run(work)


def keep_retention(
    scope: Scope,
    *,
    public_url: str,
    mail_folder: Path | None = None,
    on_progress: Callable[[int], None] | None = None,
) -> Kept:
    """Erase who was told and stayed silent until the day, forget the notices of who came back, then tell who has been
    silent for the period now. One transaction for each member; a repeat does nothing again."""
    kept = Kept()
    with scope.reading() as tx:
        period = period_in(tx)

    def go_on() -> None:
        kept._steps += 1
        if on_progress is not None:
            on_progress(kept._steps)

    after = FIRST
    while True:
        with scope.reading() as tx:
            members = inactivity.told_members(tx, after=after, count=_SLICE)
        for member_id in members:
            outcome = scope.run(partial(_erase_or_spare, scope, member_id, mail_folder))
            kept.erased += outcome == "erased"
            kept.came_back += outcome == "came back"
            go_on()
        if len(members) < _SLICE:
            break
        after = members[-1]
    since, after = months_after(scope.now, -period.months), FIRST
    while True:
        with scope.reading() as tx:
            members = inactivity.silent_members(tx, since=since, after=after, count=_SLICE)
        for member_id in members:
            kept.told += scope.run(partial(_tell, scope, member_id, since, period, public_url))
            go_on()
        if len(members) < _SLICE:
            return kept
        after = members[-1]


def period_in(tx: Transaction) -> Period:
    """The period that holds now."""
    row = tx.session.get(RetentionSetting, 1)
    return USUAL if row is None else Period(row.months, row.grace_days)


def _tell(scope: Scope, member_id: str, since: datetime, period: Period, public_url: str, tx: Transaction) -> int:
    inactivity.hold(tx, member_id)
    if not inactivity.is_silent(tx, member_id, since=since):
        return 0
    erase_at = scope.now + timedelta(days=period.grace_days)
    address = read_profile(tx, scope, member_id).email
    channel = "inbox" if address is None else "mail"
    if not inactivity.note_told(tx, member_id, channel=channel, now=scope.now, erase_at=erase_at):
        return 0
    if address is not None:
        locale = tx.session.scalar(select(Member.locale).where(Member.id == member_id)) or "nl"
        mail = leaving_mail(address, erase_at, locale, public_url)
        queue_mail(tx, scope.keys.data, mail, now=scope.now, member_id=member_id)
    else:
        title, text = leaving_words(erase_at)
        source = f"retention:{scope.now.isoformat()}"
        tell(tx, scope, member_id, Told(SHOP_NOTICE, source, {"title": title, "text": text}))
    audit.record(tx, scope, "member.told_of_erasure", "member", member_id, after={"erase_at": erase_at.isoformat()})
    return 1


def _erase_or_spare(scope: Scope, member_id: str, mail_folder: Path | None, tx: Transaction) -> str:
    inactivity.hold(tx, member_id)
    notice = tx.session.get(RetentionNotice, member_id)
    if notice is None:
        return "gone"
    if not inactivity.is_silent(tx, member_id, since=notice.told_at):
        inactivity.forget_notice(tx, member_id)
        return "came back"
    if notice.erase_at > scope.now:
        return "waits"
    receipt = erase_member(tx, scope, member_id, mail_folder, reason=_REASON)
    tx.session.add(own_request(scope, member_id, "erasure", receipt, channel="retention"))
    return "erased"
