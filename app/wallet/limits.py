"""How often things may be tried at the member's face."""

from __future__ import annotations

from datetime import timedelta

from app.cards.attempts import Limit

HOUR = timedelta(hours=1)
TEN_MINUTES = timedelta(minutes=10)

# Whole shops and schools share one network address, so these only stop machines.
NEW_MEMBERS_OF_NETWORK = Limit("new members of a network", 600, TEN_MINUTES)
CODES_OF_NETWORK = Limit("mailed codes of a network", 120, TEN_MINUTES)
SIGN_INS_OF_NETWORK = Limit("sign-ins of a network", 240, TEN_MINUTES)

CODES_OF_ADDRESS = Limit("mailed codes of an address", 5, HOUR)
TRIES_OF_CODE = 5

CLAIMS_OF_CARD = Limit("claims of a card", 5, HOUR)
CLAIMS_OF_MEMBER = Limit("claims of a member", 20, HOUR)
