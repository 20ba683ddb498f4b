"""How often what lets people in may be tried."""

from __future__ import annotations

from datetime import timedelta

from app.cards.attempts import Limit

# For one address from one network: whoever knows somebody's address must not lock that person out everywhere.
PASSWORDS_HERE = Limit("office password here", 10, timedelta(minutes=15))
PASSWORDS = Limit("office password", 100, timedelta(hours=1))
PASSWORDS_OF_NETWORK = Limit("office password of network", 100, timedelta(hours=1))
SECOND_STEPS = Limit("office second step", 8, timedelta(minutes=15))
CONFIRMATIONS = Limit("office confirmation", 10, timedelta(minutes=15))
MAILS_TO_ADDRESS = Limit("office mail to address", 4, timedelta(hours=1))
MAILS_OF_NETWORK = Limit("office mail of network", 20, timedelta(hours=1))
MAILS_OF_LOGIN = Limit("office mail of login", 20, timedelta(hours=1))
PASSKEYS_OF_NETWORK = Limit("office passkeys of network", 100, timedelta(hours=1))
