"""A card as Apple Wallet takes it: a ZIP of a description, pictures, their digests, and a signature over those.

The code on it never changes, so it earns and does not redeem by itself; and it shows no balance, which would be wrong
after the next visit.
"""

from __future__ import annotations

import hashlib
import io
import json
import zipfile
from typing import Any

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.serialization import Encoding, pkcs7

from app.cards.numbers import format_number
from app.cards.passes.artwork import apple_pictures
from app.cards.passes.credentials import AppleCredentials
from app.cards.passes.words import BRAND, words

MEDIA_TYPE = "application/vnd.apple.pkpass"

_RED, _WHITE = "rgb(180, 35, 42)", "rgb(255, 255, 255)"


def build(credentials: AppleCredentials, *, card_id: str, number: str, url: str, locale: str) -> bytes:
    """Returns the ``.pkpass`` file of a card. ``url`` is what its QR holds; ``card_id`` is the pass's serial number, so
    that a second one takes the place of the first on the same phone."""
    files = {
        "pass.json": _json(_description(credentials, card_id=card_id, number=number, url=url, locale=locale)),
        **apple_pictures(),
    }
    # The format asks for SHA-1 here; what is signed below is signed over SHA-256.
    manifest = _json(
        {name: hashlib.sha1(content, usedforsecurity=False).hexdigest() for name, content in files.items()}
    )
    return _zipped({**files, "manifest.json": manifest, "signature": _signature(credentials, manifest)})


def _description(credentials: AppleCredentials, *, card_id: str, number: str, url: str, locale: str) -> dict[str, Any]:
    told = words(locale)
    shown = format_number(number)
    return {
        "formatVersion": 1,
        "passTypeIdentifier": credentials.pass_type,
        "teamIdentifier": credentials.team,
        "serialNumber": card_id,
        "organizationName": BRAND,
        "description": told.description,
        "logoText": BRAND,
        "backgroundColor": _RED,
        "foregroundColor": _WHITE,
        "labelColor": _WHITE,
        "sharingProhibited": True,
        "barcodes": [
            {
                "format": "PKBarcodeFormatQR",
                "message": url,
                "messageEncoding": "iso-8859-1",
                "altText": shown,
            }
        ],
        "storeCard": {
            "secondaryFields": [{"key": "number", "label": told.number, "value": shown}],
            "backFields": [{"key": "how", "label": told.how_label, "value": told.how}],
        },
    }


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
