"""Signing in to the back office, with its tries counted: the first step, the second, and once more before what can't
be taken back."""

from __future__ import annotations

from app.backoffice.service import limits
from app.cards import attempts
from app.common.scope import Scope
from app.merchants import proofs
from app.merchants import service as merchants
from app.merchants.errors import SignInRefusedError
from app.merchants.queries.logins import password_of
from app.merchants.service import OpenedSession


def sign_in(
    scope: Scope, *, email: str, password: str, browser: str | None, network: str, public_url: str
) -> OpenedSession:
    """Open a session for the login with this address and password. Each call opens another one.

    Raises SignInRefusedError, and ``TriesUsedUpError`` (with ``retry_after`` in seconds) after ten wrong tries for this
    address from this ``network`` within a quarter of an hour, or a hundred for it from anywhere, or from the network
    for anybody, within an hour. Both are the same for addresses that nobody has.
    """
    address = email.strip().lower()
    here = f"{address}\x1f{network}"
    attempts.check(scope, limits.PASSWORDS, address)
    attempts.check(scope, limits.PASSWORDS_OF_NETWORK, network)
    # Counted before it is tried: many at once are as many tries.
    attempts.spend(scope, limits.PASSWORDS_HERE, here)
    try:
        session = merchants.sign_in(scope, email=address, password=password, browser=browser, public_url=public_url)
    except SignInRefusedError:
        attempts.count(scope, limits.PASSWORDS, address)
        attempts.count(scope, limits.PASSWORDS_OF_NETWORK, network)
        raise
    attempts.forget(scope, limits.PASSWORDS_HERE, here)
    return session


def pass_second_step(scope: Scope, login_id: str, token: str, code: str, *, public_url: str) -> OpenedSession:
    """Let a session in by a code of the authenticator app, or a recovery code. Its token is another one afterwards.

    Raises SecondStepRefusedError, and ``TriesUsedUpError`` after eight wrong ones within a quarter of an hour.
    """
    attempts.spend(scope, limits.SECOND_STEPS, login_id)
    merchants.prove_second(scope, login_id, code, public_url=public_url)
    attempts.forget(scope, limits.SECOND_STEPS, login_id)
    return merchants.pass_second(scope, token)


def confirm(scope: Scope, login_id: str, token: str, password: str) -> OpenedSession:
    """Note that the person behind a session has just given the password once more. Its token is another one afterwards.

    Raises SignInRefusedError, and ``TriesUsedUpError`` after ten wrong ones within a quarter of an hour.
    """
    attempts.spend(scope, limits.CONFIRMATIONS, login_id)
    with scope.reading() as tx:
        stored = password_of(tx, login_id)
    if not proofs.is_password(stored, password):
        raise SignInRefusedError
    attempts.forget(scope, limits.CONFIRMATIONS, login_id)
    return merchants.prove_again(scope, token)


def count_confirmation(scope: Scope, login_id: str) -> None:
    """Count one try of a password by somebody who is signed in. Raises ``TriesUsedUpError``."""
    attempts.spend(scope, limits.CONFIRMATIONS, login_id)


def prove_app(scope: Scope, login_id: str, code: str, *, token: str, public_url: str) -> list[str]:
    """Ask for a code of the app from now on (see ``app.merchants.service.add_totp``), with its tries counted."""
    attempts.spend(scope, limits.SECOND_STEPS, login_id)
    codes = merchants.add_totp(scope, login_id, code, token=token, public_url=public_url)
    attempts.forget(scope, limits.SECOND_STEPS, login_id)
    return codes


def ask_for_password(scope: Scope, email: str, *, network: str, public_url: str) -> None:
    """Send a link by which a new password is set, where somebody has this address; nobody is told whether.

    Raises ``TriesUsedUpError``.
    """
    attempts.spend(scope, limits.MAILS_OF_NETWORK, network)
    attempts.spend(scope, limits.MAILS_TO_ADDRESS, email.strip().lower())
    merchants.ask_for_password(scope, email, public_url=public_url)


def ask_for_address(scope: Scope, login_id: str, email: str, *, public_url: str) -> None:
    """Send a link to the address that is wanted. Raises InvalidError, ``TriesUsedUpError``."""
    attempts.spend(scope, limits.MAILS_OF_LOGIN, login_id)
    attempts.spend(scope, limits.MAILS_TO_ADDRESS, email.strip().lower())
    merchants.ask_for_address(scope, login_id, email, public_url=public_url)
