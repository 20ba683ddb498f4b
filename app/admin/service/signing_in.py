"""Operators signing in, with their tries counted: the password, and the second step at once after it."""

from __future__ import annotations

from datetime import timedelta

from app.cards import attempts
from app.cards.attempts import Limit
from app.common.scope import Scope
from app.merchants import service as merchants
from app.merchants.errors import SignInRefusedError
from app.merchants.service import OpenedSession, ProvedStep

# For one address from one network: whoever knows somebody's address must not lock that person out everywhere.
PASSWORDS_HERE = Limit("operator password here", 8, timedelta(minutes=15))
PASSWORDS = Limit("operator password", 60, timedelta(hours=1))
PASSWORDS_OF_NETWORK = Limit("operator password of network", 30, timedelta(hours=1))
SECOND_STEPS = Limit("operator second step", 6, timedelta(minutes=15))


def sign_in(scope: Scope, *, email: str, password: str, browser: str | None, network: str) -> OpenedSession:
    """Open a session, which waits for its second step, for the operator with this address and password. Each call opens
    another one.

    Raises SignInRefusedError, and ``TriesUsedUpError`` (with ``retry_after`` in seconds) after eight wrong tries for
    this address from this ``network`` within a quarter of an hour, or more of them from elsewhere. Both are the same
    for addresses that nobody has.
    """
    address = email.strip().lower()
    here = f"{address}\x1f{network}"
    attempts.check(scope, PASSWORDS, address)
    attempts.check(scope, PASSWORDS_OF_NETWORK, network)
    # Counted before it is tried: many at once are as many tries.
    attempts.spend(scope, PASSWORDS_HERE, here)
    try:
        session = merchants.sign_in_operator(scope, email=address, password=password, browser=browser)
    except SignInRefusedError:
        attempts.count(scope, PASSWORDS, address)
        attempts.count(scope, PASSWORDS_OF_NETWORK, network)
        raise
    attempts.forget(scope, PASSWORDS_HERE, here)
    return session


def prove(scope: Scope, operator_id: str, token: str, code: str) -> ProvedStep:
    """Give the second step: see ``app.merchants.service.prove_operators_second_step``. Raises SecondStepRefusedError,
    SignInRefusedError, and ``TriesUsedUpError`` after six wrong codes within a quarter of an hour."""
    attempts.spend(scope, SECOND_STEPS, operator_id)
    proved = merchants.prove_operators_second_step(scope, operator_id, token, code)
    attempts.forget(scope, SECOND_STEPS, operator_id)
    return proved
