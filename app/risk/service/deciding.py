"""Deciding cases: right, wrong, or first a question to the shop. Of two who decide at once, one does."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from sqlalchemy import select

from app.cards import service as cards
from app.common import audit
from app.common.clock import zone
from app.common.database import Transaction
from app.common.errors import NotFoundError
from app.common.ids import is_id
from app.common.mail import queue_mail
from app.common.scope import Scope
from app.common.sql import Statement
from app.merchants import service as merchants
from app.merchants.models import Merchant, Staff, StaffLogin
from app.risk.errors import ActNotPossibleError, CaseDecidedError, NobodyToAskError, ReasonMissingError
from app.risk.mails import asking_mail
from app.risk.models import RiskCase

NOTHING = "nothing"
LONGEST_NOTE = 500
# Guarded, not read and then written: the second of two who decide at once finds nothing to decide.
_DECIDE = Statement(
    "UPDATE risk_case SET status = :status, decided_at = :now, decided_by = :who, note = :note, act = :act"
    " WHERE id = :id AND status IN ('open', 'asked')"
)
_ASK = Statement("UPDATE risk_case SET status = 'asked', asked_at = :now WHERE id = :id AND status = 'open'")


def acts_for(case: RiskCase) -> tuple[str, ...]:
    """What may be done when the case is found right: to its card, its person or its device."""
    evidence = case.evidence
    found = [NOTHING]
    if case.subject_kind == "card" or evidence.get("card"):
        found.append("block_card")
    if case.subject_kind == "staff":
        found += ["remove_pin", "stop_staff"]
    if _device_of(case) is not None:
        found.append("revoke_device")
    return tuple(found)


def confirm_case(scope: Scope, case_id: str, *, act: str, note: str, public_url: str) -> None:
    """Find a case right, and do ``act`` about it, one of :func:`acts_for`'s, in the same transaction.

    Raises NotFoundError, ReasonMissingError without a ``note``, ActNotPossibleError, CaseDecidedError where somebody
    was faster, and what the act itself raises (CardReplacedError, LastOwnerError): then nothing is decided.
    """
    reason = _reason(note)

    def work(tx: Transaction) -> None:
        case = _case(tx, case_id)
        if act not in acts_for(case):
            raise ActNotPossibleError
        _decide(tx, scope, case, "confirmed", reason, act)
        tx.session.flush()
        _acts(scope, case, public_url)[act]()

    scope.run(work)


def dismiss_case(scope: Scope, case_id: str, *, note: str) -> None:
    """Find a case wrong: for 90 days its subject may do half as much again before it is one again.

    Raises NotFoundError, ReasonMissingError, CaseDecidedError.
    """
    reason = _reason(note)
    scope.run(lambda tx: _decide(tx, scope, _case(tx, case_id), "dismissed", reason, None))


def ask_shop(scope: Scope, case_id: str, *, public_url: str) -> int:
    """Mail the shop's owners what was noticed, without a name or a number. The case stays undecided. Returns how many
    were mailed; a repeat mails nobody.

    Raises NotFoundError, CaseDecidedError, NobodyToAskError where there is no owner with an address.
    """

    def work(tx: Transaction) -> int:
        case = _case(tx, case_id)
        merchant = None if case.merchant_id is None else tx.session.get(Merchant, case.merchant_id)
        if merchant is None:
            raise NobodyToAskError
        if tx.run(_ASK, {"id": case_id, "now": scope.now}) != 1:
            if _case(tx, case_id, fresh=True).status == "asked":
                return 0
            raise CaseDecidedError
        owners = tx.session.execute(
            select(StaffLogin.email, StaffLogin.locale)
            .join(Staff, Staff.login_id == StaffLogin.id)
            .where(Staff.merchant_id == merchant.id, Staff.role == "owner", Staff.is_active, Staff.invited_at.is_(None))
            .order_by(StaffLogin.email)
        ).all()
        if not owners:
            raise NobodyToAskError
        where = zone(merchant.timezone)
        first, last = (f"{moment.astimezone(where):%d/%m/%Y}" for moment in (case.first_at, case.last_at))
        for address, locale in owners:
            mail = asking_mail(
                address,
                locale or "nl",
                rule=case.rule,
                shop=merchant.name,
                first=first,
                last=last,
                url=f"{public_url}/office/{merchant.slug}",
            )
            queue_mail(tx, scope.keys.data, mail, now=scope.now, merchant_id=merchant.id)
        audit.record(
            tx, scope, "risk_case.asked", "risk_case", case_id, before={"status": "open"}, after={"status": "asked"}
        )
        return len(owners)

    return scope.run(work)


def _decide(tx: Transaction, scope: Scope, case: RiskCase, status: str, note: str, act: str | None) -> None:
    row = {"id": case.id, "status": status, "now": scope.now, "who": scope.actor_id, "note": note, "act": act}
    if tx.run(_DECIDE, row) != 1:
        raise CaseDecidedError
    # Without the shop in it: what is suspected of whom stands in no shop's own list. What is done about it does.
    audit.record(
        tx,
        scope,
        f"risk_case.{status}",
        "risk_case",
        case.id,
        before={"status": case.status},
        after={"status": status, "rule": case.rule, "act": act, "note": note},
    )


def _acts(scope: Scope, case: RiskCase, public_url: str) -> Mapping[str, Callable[[], object]]:
    card_id = case.subject_id if case.subject_kind == "card" else str(case.evidence.get("card"))
    return {
        NOTHING: lambda: None,
        "block_card": lambda: cards.block_card(scope, card_id=card_id),
        "stop_staff": lambda: merchants.stop_staff(scope, case.subject_id, public_url=public_url),
        "remove_pin": lambda: merchants.remove_staff_pin(scope, case.subject_id),
        "revoke_device": lambda: merchants.revoke_device(scope, _device_of(case) or ""),
    }


def _device_of(case: RiskCase) -> str | None:
    if case.subject_kind == "device":
        return case.subject_id
    found = case.evidence.get("device_id")
    return None if found is None else str(found)


def _case(tx: Transaction, case_id: str, *, fresh: bool = False) -> RiskCase:
    case = tx.session.get(RiskCase, case_id, populate_existing=fresh) if is_id(case_id) else None
    if case is None:
        raise NotFoundError
    return case


def _reason(note: str) -> str:
    reason = " ".join(note.split())[:LONGEST_NOTE]
    if not reason:
        raise ReasonMissingError
    return reason
