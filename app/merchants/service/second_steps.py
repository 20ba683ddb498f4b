"""The second step of signing in: set up with an authenticator app, proved, taken away."""

from __future__ import annotations

from dataclasses import dataclass, field

from sqlalchemy import delete, func, insert, select

from app.common import audit
from app.common.branding import brand_of
from app.common.database import Transaction
from app.common.errors import NotFoundError
from app.common.scope import Scope
from app.common.sql import Statement
from app.merchants import second_steps
from app.merchants.errors import SecondStepRefusedError
from app.merchants.models import StaffLogin, StaffPasskey, StaffRecoveryCode
from app.merchants.service.logins import end_sessions_in, has_second_in, tell

# Guarded, not read and then written: of two tries with one code one is right.
_USE_STEP = Statement(
    "UPDATE staff_login SET totp_step = :step WHERE id = :login_id AND (totp_step IS NULL OR totp_step < :step)"
)
_USE_CODE = Statement(
    "UPDATE staff_recovery_code SET used_at = :now"
    " WHERE login_id = :login_id AND code_hash = :code_hash AND used_at IS NULL"
)


@dataclass(frozen=True, slots=True)
class OfferedStep:
    """What an authenticator app is to keep: ``secret`` to type, ``address`` for its QR."""

    secret: str = field(repr=False)
    address: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class SecondStepView:
    """What a login's second step consists of."""

    has_totp: bool
    recovery_left: int


def offer_totp(scope: Scope, login_id: str) -> OfferedStep:
    """What to put into an authenticator app. The same is offered until it is proved by :func:`add_totp`."""

    def work(tx: Transaction) -> OfferedStep:
        login = tx.session.get_one(StaffLogin, login_id)
        if login.totp_offered is None:
            login.totp_offered = second_steps.seal_secret(scope.keys, login_id, second_steps.new_secret())
        secret = second_steps.open_secret(scope.keys, login_id, login.totp_offered)
        return OfferedStep(secret, second_steps.address_of(secret, login.email, brand_of(scope.database).name))

    return scope.run(work)


def add_totp(scope: Scope, login_id: str, code: str, *, token: str, public_url: str) -> list[str]:
    """Ask for a code of this app from now on, at each sign-in. Returns new recovery codes, told this once, where the
    login had no second step before. Other browsers are signed out.

    Raises SecondStepRefusedError for a code that is not the offered secret's.
    """

    def work(tx: Transaction) -> list[str]:
        login = tx.session.get_one(StaffLogin, login_id, with_for_update=True)
        if login.totp_offered is None:
            raise SecondStepRefusedError
        secret = second_steps.open_secret(scope.keys, login_id, login.totp_offered)
        step = second_steps.step_of(secret, code, scope.now)
        if step is None:
            raise SecondStepRefusedError
        had_second = has_second_in(tx, login)
        login.totp_secret, login.totp_offered, login.totp_step = login.totp_offered, None, step
        tx.session.flush()
        end_sessions_in(tx, scope, login_id, but=token)
        audit.record(tx, scope, "login.second_added", "login", login_id)
        tell(tx, scope, login, "second_added", public_url)
        return [] if had_second else make_recovery_codes_in(tx, scope, login_id)

    return scope.run(work)


def remove_totp(scope: Scope, login_id: str, *, public_url: str) -> None:
    """Ask for no code any more. The recovery codes go with the last second step. A second time changes nothing."""

    def work(tx: Transaction) -> None:
        login = tx.session.get_one(StaffLogin, login_id, with_for_update=True)
        if login.totp_secret is None:
            return
        login.totp_secret = login.totp_offered = login.totp_step = None
        tx.session.flush()
        forget_recovery_in(tx, login)
        audit.record(tx, scope, "login.second_removed", "login", login_id)
        tell(tx, scope, login, "second_removed", public_url)

    scope.run(work)


def renew_recovery_codes(scope: Scope, login_id: str, *, public_url: str) -> list[str]:
    """New recovery codes, told this once; those before are worth nothing any more. Raises NotFoundError without a
    second step. Each call makes others."""

    def work(tx: Transaction) -> list[str]:
        login = tx.session.get_one(StaffLogin, login_id, with_for_update=True)
        if not has_second_in(tx, login):
            raise NotFoundError
        audit.record(tx, scope, "login.recovery_renewed", "login", login_id)
        tell(tx, scope, login, "recovery_made", public_url)
        return make_recovery_codes_in(tx, scope, login_id)

    return scope.run(work)


def prove_second(scope: Scope, login_id: str, code: str, *, public_url: str) -> None:
    """Check the code of an authenticator app, or one of the recovery codes. Each is good once; tries are limited by
    :mod:`app.backoffice.service.signing_in`. Raises SecondStepRefusedError."""

    def work(tx: Transaction) -> bool:
        login = tx.session.get_one(StaffLogin, login_id)
        if login.totp_secret is not None:
            secret = second_steps.open_secret(scope.keys, login_id, login.totp_secret)
            step = second_steps.step_of(secret, code, scope.now)
            if step is not None:
                return tx.run(_USE_STEP, {"login_id": login_id, "step": step}) == 1
        hashes = second_steps.recovery_hashes(scope.keys, login_id, code)
        named = {"login_id": login_id, "now": scope.now}
        if not any(tx.run(_USE_CODE, {**named, "code_hash": hashed}) == 1 for hashed in hashes):
            return False
        audit.record(tx, scope, "login.recovery_used", "login", login_id)
        tell(tx, scope, login, "recovery_used", public_url, left=str(_left(tx, login_id)))
        return True

    if not scope.run(work):
        raise SecondStepRefusedError


def view_second_step(scope: Scope, login_id: str) -> SecondStepView:
    """What a login's second step consists of."""
    with scope.reading() as tx:
        login = tx.session.get_one(StaffLogin, login_id)
        return SecondStepView(login.totp_secret is not None, _left(tx, login_id))


def forget_second_step(scope: Scope, email: str, *, public_url: str) -> None:
    """Take every second step from the login with this address, for whoever has lost phone and codes and was recognised
    by the operator in another way. All its browsers are signed out. Raises NotFoundError. A repeat changes nothing
    more."""

    def work(tx: Transaction) -> None:
        login = tx.session.scalars(
            select(StaffLogin).where(StaffLogin.email == email.strip().lower()).with_for_update()
        ).first()
        if login is None:
            raise NotFoundError(what="login")
        if not has_second_in(tx, login):
            return
        login.totp_secret = login.totp_offered = login.totp_step = None
        tx.session.execute(delete(StaffPasskey).where(StaffPasskey.login_id == login.id))
        tx.session.flush()
        forget_recovery_in(tx, login)
        end_sessions_in(tx, scope, login.id)
        audit.record(tx, scope, "login.second_removed", "login", login.id)
        tell(tx, scope, login, "second_removed", public_url)

    scope.run(work)


def make_recovery_codes_in(tx: Transaction, scope: Scope, login_id: str) -> list[str]:
    """Ten new codes in place of those before, in the caller's transaction."""
    codes = second_steps.new_recovery_codes()
    tx.session.execute(delete(StaffRecoveryCode).where(StaffRecoveryCode.login_id == login_id))
    tx.session.execute(
        insert(StaffRecoveryCode),
        [
            {"login_id": login_id, "code_hash": second_steps.recovery_hashes(scope.keys, login_id, code)[0]}
            for code in codes
        ],
    )
    return codes


def forget_recovery_in(tx: Transaction, login: StaffLogin) -> None:
    """Throw the recovery codes away with the last second step, in the caller's transaction."""
    if not has_second_in(tx, login):
        tx.session.execute(delete(StaffRecoveryCode).where(StaffRecoveryCode.login_id == login.id))


def _left(tx: Transaction, login_id: str) -> int:
    return (
        tx.session.scalar(
            select(func.count())
            .select_from(StaffRecoveryCode)
            .where(StaffRecoveryCode.login_id == login_id, StaffRecoveryCode.used_at.is_(None))
        )
        or 0
    )
