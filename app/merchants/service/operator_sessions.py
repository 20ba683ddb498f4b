"""Operators' sessions: a password, then always the second step, and an end after two hours."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta

from sqlalchemy import delete, insert, select, update

from app.common import audit
from app.common.branding import brand_of
from app.common.database import Transaction
from app.common.scope import Scope
from app.common.sql import Statement
from app.merchants import proofs, second_steps, tokens
from app.merchants.errors import SecondStepRefusedError, SignInRefusedError
from app.merchants.models import Operator, OperatorRecoveryCode, OperatorSession
from app.merchants.service.logins import LONGEST_BROWSER, SECOND_WITHIN, SEEN_EVERY, OpenedSession
from app.merchants.service.operators import rights_of
from app.merchants.service.second_steps import OfferedStep

OPERATOR_SESSION_LIFETIME = timedelta(hours=2)
IDLE_FOR = timedelta(minutes=30)  # a desk that somebody walked away from

_SEEN = Statement("UPDATE operator_session SET seen_at = :now WHERE token_hash = :token_hash AND seen_at < :before")
_END = Statement("UPDATE operator_session SET ended_at = :now WHERE token_hash = :token_hash AND ended_at IS NULL")
# Guarded, not read and then written: of two tries with one code one is right.
_USE_STEP = Statement(
    "UPDATE operator SET totp_step = :step WHERE id = :operator_id AND (totp_step IS NULL OR totp_step < :step)"
)
_USE_CODE = Statement(
    "UPDATE operator_recovery_code SET used_at = :now"
    " WHERE operator_id = :operator_id AND code_hash = :code_hash AND used_at IS NULL"
)


@dataclass(frozen=True, slots=True)
class SignedInOperator:
    """Who is behind an operator's session. ``waits_for_second``: the password was right, and nothing is shown yet."""

    operator_id: str
    email: str
    name: str
    rights: frozenset[str]
    has_totp: bool
    waits_for_second: bool
    proved_at: datetime | None
    expires_at: datetime

    def may(self, right: str) -> bool:
        """Whether the person has this right; an administrator has every one."""
        return right in self.rights or "administrator" in self.rights


@dataclass(frozen=True, slots=True)
class ProvedStep:
    """A session under its new token, and recovery codes that are told this once, where the step is new."""

    session: OpenedSession
    recovery_codes: list[str] = field(repr=False)


def sign_in_operator(scope: Scope, *, email: str, password: str, browser: str | None = None) -> OpenedSession:
    """Open a session that still waits for its second step, for the operator with this address and password. Tries are
    limited by :mod:`app.admin.service.signing_in`.

    Raises SignInRefusedError, the same for an unknown address and a wrong password and after the same time. Each call
    opens another session.
    """
    with scope.reading() as tx:
        found = tx.session.scalars(
            select(Operator).where(Operator.email == email.strip().lower(), Operator.is_active)
        ).first()
        operator_id, stored = (None, None) if found is None else (found.id, found.password_hash)
    # Outside any transaction: hashing takes its time.
    if not proofs.is_password(stored, password) or operator_id is None:
        raise SignInRefusedError
    return open_operator_session(scope, operator_id, browser=browser)


def open_operator_session(
    scope: Scope, operator_id: str, *, browser: str | None = None, is_second_proved: bool = False
) -> OpenedSession:
    """Open a session for an operator who has proved the first step. Each call opens another one."""
    token = tokens.new_token(tokens.SESSION_PREFIX)
    now = scope.now
    row = OperatorSession(
        token_hash=tokens.token_hash(token),
        operator_id=operator_id,
        browser=None if browser is None else browser[:LONGEST_BROWSER],
        created_at=now,
        seen_at=now,
        proved_at=now if is_second_proved else None,
        expires_at=now + OPERATOR_SESSION_LIFETIME,
    )
    scope.run(lambda tx: tx.session.add(row))
    return OpenedSession(token, now + OPERATOR_SESSION_LIFETIME, not is_second_proved)


def resume_operator_session(scope: Scope, token: str) -> SignedInOperator | None:
    """Who is behind a session's token; None for one that is unknown, ended, too old or left alone for half an hour."""
    hashed = tokens.token_hash(token)
    with scope.reading() as tx:
        found = tx.session.execute(
            select(OperatorSession, Operator)
            .join(Operator, Operator.id == OperatorSession.operator_id)
            .where(OperatorSession.token_hash == hashed, Operator.is_active)
        ).first()
        if found is None:
            return None
        session, operator = found
        if session.ended_at is not None or session.expires_at <= scope.now or session.seen_at + IDLE_FOR <= scope.now:
            return None
        if session.proved_at is None and session.created_at + SECOND_WITHIN <= scope.now:
            return None
        seen_at = session.seen_at
        known = SignedInOperator(
            operator_id=operator.id,
            email=operator.email,
            name=operator.name or operator.email.partition("@")[0],
            rights=frozenset(rights_of(tx, operator.id)),
            has_totp=operator.totp_secret is not None,
            waits_for_second=session.proved_at is None,
            proved_at=session.proved_at,
            expires_at=session.expires_at,
        )
    if scope.now - seen_at > SEEN_EVERY:
        before = scope.now - SEEN_EVERY
        scope.run(lambda tx: tx.run(_SEEN, {"token_hash": hashed, "now": scope.now, "before": before}))
    return known


def end_operator_session(scope: Scope, token: str) -> None:
    """Sign a browser out. A second time changes nothing."""
    scope.run(lambda tx: tx.run(_END, {"token_hash": tokens.token_hash(token), "now": scope.now}))


def offer_operators_totp(scope: Scope, operator_id: str) -> OfferedStep:
    """What to put into an authenticator app. The same is offered until it is proved."""

    def work(tx: Transaction) -> OfferedStep:
        operator = tx.session.get_one(Operator, operator_id)
        if operator.totp_offered is None:
            operator.totp_offered = second_steps.seal_secret(scope.keys, operator_id, second_steps.new_secret())
        secret = second_steps.open_secret(scope.keys, operator_id, operator.totp_offered)
        return OfferedStep(secret, second_steps.address_of(secret, operator.email, brand_of(scope.database).name))

    return scope.run(work)


def prove_operators_second_step(scope: Scope, operator_id: str, token: str, code: str) -> ProvedStep:
    """Let a session in, or note once more that its person is there, by a code of the authenticator app or a recovery
    code. An app that was only offered so far is the operator's from then on. The session gets a new token.

    Each code is good once. Raises SecondStepRefusedError, and SignInRefusedError for a session that ended meanwhile.
    """
    fresh = tokens.new_token(tokens.SESSION_PREFIX)

    def work(tx: Transaction) -> ProvedStep | None:
        operator = tx.session.get_one(Operator, operator_id, with_for_update=True, populate_existing=True)
        sealed = operator.totp_secret or operator.totp_offered
        is_new = operator.totp_secret is None
        step = (
            None
            if sealed is None
            else second_steps.step_of(second_steps.open_secret(scope.keys, operator_id, sealed), code, scope.now)
        )
        codes: list[str] = []
        if step is not None:
            if tx.run(_USE_STEP, {"operator_id": operator_id, "step": step}) != 1:
                return None
            if is_new:
                operator.totp_secret, operator.totp_offered = operator.totp_offered, None
                codes = _make_recovery_codes(tx, scope, operator_id)
                audit.record(tx, scope, "operator.second_added", "operator", operator_id)
        elif is_new or not _use_recovery_code(tx, scope, operator_id, code):
            return None
        row = tx.session.execute(
            update(OperatorSession)
            .where(OperatorSession.token_hash == tokens.token_hash(token), OperatorSession.ended_at.is_(None))
            .values(token_hash=tokens.token_hash(fresh), proved_at=scope.now, seen_at=scope.now)
            .returning(OperatorSession.expires_at)
        ).first()
        if row is None:
            raise SignInRefusedError
        return ProvedStep(OpenedSession(fresh, row.expires_at, False), codes)

    proved = scope.run(work)
    if proved is None:
        raise SecondStepRefusedError
    return proved


def _use_recovery_code(tx: Transaction, scope: Scope, operator_id: str, code: str) -> bool:
    named = {"operator_id": operator_id, "now": scope.now}
    hashes = second_steps.recovery_hashes(scope.keys, operator_id, code)
    if not any(tx.run(_USE_CODE, {**named, "code_hash": hashed}) == 1 for hashed in hashes):
        return False
    audit.record(tx, scope, "operator.recovery_used", "operator", operator_id)
    return True


def _make_recovery_codes(tx: Transaction, scope: Scope, operator_id: str) -> list[str]:
    codes = second_steps.new_recovery_codes()
    tx.session.execute(delete(OperatorRecoveryCode).where(OperatorRecoveryCode.operator_id == operator_id))
    tx.session.execute(
        insert(OperatorRecoveryCode),
        [
            {"operator_id": operator_id, "code_hash": second_steps.recovery_hashes(scope.keys, operator_id, code)[0]}
            for code in codes
        ],
    )
    return codes
