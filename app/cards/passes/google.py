"""A card as Google Wallet takes it: a link that holds a signed note of the card, to be opened by its member.

Whoever has the link can read what is in it, so no secret of the card is: its code is the static one, which earns
(docs/decisions, 0026).
"""

from __future__ import annotations

from datetime import datetime

import jwt

from app.cards.numbers import format_number
from app.cards.passes.artwork import SEAL
from app.cards.passes.credentials import GoogleCredentials
from app.cards.passes.words import BRAND, words

LONGEST_LINK = 1800  # characters; browsers may cut longer ones, says Google

_SAVE = "https://pay.google.com/gp/v/save/"
_CLASS = "zegel"


def save_link(
    credentials: GoogleCredentials,
    *,
    card_id: str,
    number: str,
    url: str,
    public_url: str,
    logo_url: str,
    locale: str,
    now: datetime,
) -> str:
    """Returns the link by which a member saves a card. ``url`` is what its QR holds, ``public_url`` the service's own
    address, ``logo_url`` a PNG that Google can fetch. The class of all cards comes along, so that nobody has to make it
    beforehand; one that is there already stays as it is."""
    class_id = f"{credentials.issuer_id}.{_CLASS}"
    kind = {
        "id": class_id,
        "issuerName": BRAND,
        "programName": BRAND,
        "programLogo": {"sourceUri": {"uri": logo_url}},
        "hexBackgroundColor": SEAL,
        "reviewStatus": "UNDER_REVIEW",
    }
    told = words(locale)
    card = {
        "id": f"{credentials.issuer_id}.{card_id}",
        "classId": class_id,
        "state": "ACTIVE",
        "accountId": number,
        "barcode": {"type": "QR_CODE", "value": url, "alternateText": format_number(number)},
        "textModulesData": [{"header": told.how_label, "body": told.how}],
    }
    claims = {
        "iss": credentials.email,
        "aud": "google",
        "typ": "savetowallet",
        "iat": int(now.timestamp()),
        "origins": [public_url],
        "payload": {"loyaltyClasses": [kind], "loyaltyObjects": [card]},
    }
    return _SAVE + jwt.encode(claims, credentials.key, algorithm="RS256", headers={"kid": credentials.key_id})
