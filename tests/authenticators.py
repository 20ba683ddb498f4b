"""An authenticator in software: makes passkeys and signs with them as the WebAuthn specification says, so that what the
service checks is genuine, bit by bit. Nothing of the library by which the service checks is used."""

from __future__ import annotations

import base64
import hashlib
import json
import secrets
import struct
from dataclasses import dataclass, field
from typing import Any

import cbor2
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256

ORIGIN = "https://card.example"
PRESENT, VERIFIED, ATTESTED = 0x01, 0x04, 0x40


def encoded(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).decode().rstrip("=")


def decoded(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


@dataclass
class Passkey:
    """A key pair of one member at one host."""

    host: str
    user_handle: bytes
    key: ec.EllipticCurvePrivateKey
    credential_id: bytes = field(default_factory=lambda: secrets.token_bytes(32))
    signed: int = 0


@dataclass
class Authenticator:
    """A phone that holds passkeys. ``verifies``: it asks for a face, a finger or a code, and got it."""

    origin: str = ORIGIN
    verifies: bool = True
    passkeys: list[Passkey] = field(default_factory=list)

    def create(self, options: dict[str, Any], credential_id: bytes | None = None) -> dict[str, Any]:
        """What ``navigator.credentials.create({publicKey})`` gives, as ``toJSON()`` tells it. A thief's may claim to be
        a credential that there is already."""
        assert {"type": "public-key", "alg": -7} in options["pubKeyCredParams"]
        made = Passkey(options["rp"]["id"], decoded(options["user"]["id"]), ec.generate_private_key(ec.SECP256R1()))
        made.credential_id = credential_id or made.credential_id
        self.passkeys.append(made)
        numbers = made.key.public_key().public_numbers()
        public_key = {1: 2, 3: -7, -1: 1, -2: numbers.x.to_bytes(32, "big"), -3: numbers.y.to_bytes(32, "big")}
        attested = bytes(16) + struct.pack(">H", len(made.credential_id)) + made.credential_id
        data = self._data(made, ATTESTED) + attested + cbor2.dumps(public_key)
        return self._credential(
            made,
            {
                "clientDataJSON": encoded(self._client("webauthn.create", options["challenge"])),
                "attestationObject": encoded(cbor2.dumps({"fmt": "none", "attStmt": {}, "authData": data})),
                "transports": ["internal"],
            },
        )

    def get(self, options: dict[str, Any], passkey: Passkey | None = None) -> dict[str, Any]:
        """What ``navigator.credentials.get({publicKey})`` gives, as ``toJSON()`` tells it."""
        used = passkey or next(one for one in self.passkeys if one.host == options["rpId"])
        used.signed += 1
        data, client = self._data(used), self._client("webauthn.get", options["challenge"])
        signature = used.key.sign(data + hashlib.sha256(client).digest(), ec.ECDSA(SHA256()))
        return self._credential(
            used,
            {
                "clientDataJSON": encoded(client),
                "authenticatorData": encoded(data),
                "signature": encoded(signature),
                "userHandle": encoded(used.user_handle),
            },
        )

    def _data(self, passkey: Passkey, more: int = 0) -> bytes:
        flags = PRESENT | (VERIFIED if self.verifies else 0) | more
        return hashlib.sha256(passkey.host.encode()).digest() + struct.pack(">BI", flags, passkey.signed)

    def _client(self, kind: str, challenge: str) -> bytes:
        return json.dumps({"type": kind, "challenge": challenge, "origin": self.origin, "crossOrigin": False}).encode()

    def _credential(self, passkey: Passkey, response: dict[str, Any]) -> dict[str, Any]:
        return {
            "id": encoded(passkey.credential_id),
            "rawId": encoded(passkey.credential_id),
            "type": "public-key",
            "response": response,
            "clientExtensionResults": {},
            "authenticatorAttachment": "platform",
        }
