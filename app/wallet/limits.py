"""How often things may be tried at the member's face."""

from __future__ import annotations

from datetime import timedelta

from app.cards.attempts import Limit

HOUR = timedelta(hours=1)
DAY = timedelta(days=1)
TEN_MINUTES = timedelta(minutes=10)

# Whole shops and schools share one network address, so these only stop machines.
NEW_MEMBERS_OF_NETWORK = Limit("new members of a network", 600, TEN_MINUTES)
CODES_OF_NETWORK = Limit("mailed codes of a network", 120, TEN_MINUTES)
SIGN_INS_OF_NETWORK = Limit("sign-ins of a network", 240, TEN_MINUTES)

# Who guesses is mostly wrong, who mistypes is wrong once or twice: so the wrong ones have limits of their own.
WRONG_CODES_OF_NETWORK = Limit("wrong sign-in codes of a network", 60, HOUR)
WRONG_CODES_OF_ADDRESS = Limit("wrong sign-in codes of an address", 50, DAY)
PASSKEYS_OF_NETWORK = Limit("passkey sign-ins of a network", 240, TEN_MINUTES)
WRONG_MOVES_OF_NETWORK = Limit("wrong codes for moving of a network", 30, HOUR)
MOVES_OF_MEMBER = Limit("codes for moving of a member", 20, HOUR)

CODES_OF_ADDRESS = Limit("mailed codes of an address", 5, HOUR)
TRIES_OF_CODE = 5

CLAIMS_OF_CARD = Limit("claims of a card", 5, HOUR)
CLAIMS_OF_MEMBER = Limit("claims of a member", 20, HOUR)
