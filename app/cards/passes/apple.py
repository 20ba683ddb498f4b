"""A card as Apple Wallet takes it: a ZIP of a description, pictures, their digests, and a signature over those.

The code on it never changes, so it earns and does not redeem by itself. Its balances are those of the moment when it
was made; the phone that has it asks for it anew when it is told that something changed.
"""

from __future__ import annotations

import hashlib
import hmac
import io
import json
import zipfile
from typing import Any

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.serialization import Encoding, pkcs7

from app.cards.numbers import format_number
from app.cards.passes.artwork import apple_pictures
from app.cards.passes.content import Balance, News, PassCard
from app.cards.passes.credentials import AppleCredentials
from app.cards.passes.words import words
from app.common.branding import HUE, Brand
from app.common.keys import KeyRing
from app.merchants.logos import shop_colour

MEDIA_TYPE = "application/vnd.apple.pkpass"
WEB_SERVICE = "/api/v1/passes/apple"
MOST_IN_FRONT = 2
MOST_ON_BACK = 60

_RED, _WHITE = "rgb(180, 35, 42)", "rgb(255, 255, 255)"
_PURPOSE = "apple passes"


def build(
    credentials: AppleCredentials, card: PassCard, *, public_url: str, token: str, brand: Brand | None = None
) -> bytes:
    """Returns the ``.pkpass`` file of a card. Its id is the serial number, so that a second one takes the place of the
    first on the same phone. ``public_url`` is where the phone asks for changes, and ``token`` (:func:`token_of`) what
    it shows then; ``brand`` is whose card it is called."""
    described = _description(credentials, card, brand or Brand())
    if public_url.startswith("https://"):  # phones ask nobody else
        described |= {"webServiceURL": public_url + WEB_SERVICE, "authenticationToken": token}
    files = {"pass.json": _json(described), **apple_pictures()}
    # The format asks for SHA-1 here; what is signed below is signed over SHA-256.
    manifest = _json(
        {name: hashlib.sha1(content, usedforsecurity=False).hexdigest() for name, content in files.items()}
    )
    return _zipped({**files, "manifest.json": manifest, "signature": _signature(credentials, manifest)})


def token_of(ring: KeyRing, card_id: str) -> str:
    """What a phone shows to prove that it has a card's pass. ``ring`` is ``scope.keys.secret``."""
    return _token(ring.derive(_PURPOSE), card_id)


def is_token_of(ring: KeyRing, card_id: str, token: str) -> bool:
    """Whether a phone that shows this token has the card's pass, also one that was made with an older key."""
    given = token.encode()
    return any(hmac.compare_digest(_token(key, card_id).encode(), given) for key in ring.derive_all(_PURPOSE))


def _token(key: bytes, card_id: str) -> str:
    return hmac.digest(key, card_id.encode(), hashlib.sha256).hex()


def _description(credentials: AppleCredentials, card: PassCard, brand: Brand) -> dict[str, Any]:
    told = words(card.locale)
    shown = format_number(card.number)
    described: dict[str, Any] = {
        "formatVersion": 1,
        "passTypeIdentifier": credentials.pass_type,
        "teamIdentifier": credentials.team,
        "serialNumber": card.card_id,
        "organizationName": brand.name,
        "description": brand.named(told.description),
        "logoText": brand.name,
        "backgroundColor": _RED if brand.hue == HUE else _rgb(shop_colour(brand.hue)),
        "foregroundColor": _WHITE,
        "labelColor": _WHITE,
        "sharingProhibited": True,
    }
    if card.is_dead:
        return described | {
            "voided": True,
            "storeCard": {"secondaryFields": [{"key": "ended", "label": told.number, "value": told.ended}]},
        }
    front, back = card.balances[:MOST_IN_FRONT], card.balances[:MOST_ON_BACK]
    return described | {
        "barcodes": [
            {"format": "PKBarcodeFormatQR", "message": card.url, "messageEncoding": "iso-8859-1", "altText": shown}
        ],
        "storeCard": {
            "secondaryFields": [{"key": "number", "label": told.number, "value": shown}],
            "auxiliaryFields": [_field("front", balance) for balance in front],
            "backFields": [
                *([] if card.news is None else [_news(card.news)]),
                *(_field("back", balance) | _told_when_changed(balance) for balance in back),
                {"key": "how", "label": told.how_label, "value": told.how},
            ],
        },
    }


def _rgb(colour: str) -> str:
    return f"rgb({', '.join(str(int(colour[at : at + 2], 16)) for at in (1, 3, 5))})"


def _field(side: str, balance: Balance) -> dict[str, str]:
    return {"key": f"{side}-{balance.programme_id}", "label": balance.label, "value": balance.value}


def _news(news: News) -> dict[str, str]:
    # The phone shows it when it changes: what may not come by night is not put here by night.
    return {
        "key": "news",
        "label": news.shop,
        "value": news.title,
        "changeMessage": f"{news.shop.replace('%', '')}: %@",
    }


def _told_when_changed(balance: Balance) -> dict[str, str]:
    # The phone puts the new value where %@ stands.
    return {"changeMessage": f"{balance.label.replace('%', '')}: %@"}


def _signature(credentials: AppleCredentials, manifest: bytes) -> bytes:
    builder = pkcs7.PKCS7SignatureBuilder().set_data(manifest)
    builder = builder.add_signer(credentials.certificate, credentials.key, hashes.SHA256())
    builder = builder.add_certificate(credentials.issuer)
    # Binary: otherwise line ends would be rewritten before signing.
    return builder.sign(Encoding.DER, [pkcs7.PKCS7Options.DetachedSignature, pkcs7.PKCS7Options.Binary])


def _zipped(files: dict[str, bytes]) -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_STORED) as archive:
        for name, content in files.items():
            archive.writestr(zipfile.ZipInfo(name), content)
    return made.getvalue()


def _json(content: dict[str, Any]) -> bytes:
    return json.dumps(content, ensure_ascii=False, separators=(",", ":")).encode()
