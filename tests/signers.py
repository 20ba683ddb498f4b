"""Keys and certificates that sign passes in tests, as Apple and Google would give them out, made by ourselves."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    KeySerializationEncryption,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
)

PASS_TYPE = "pass.example.zegel"
TEAM = "TEAM123456"
ISSUER_ID = "3388000000012345678"
ACCOUNT = "wallet@example-project.iam.gserviceaccount.com"
KEY_ID = "0123456789abcdef0123456789abcdef01234567"
PASSWORD = "open, sesame"
_OID = x509.NameOID


@dataclass(frozen=True)
class Signers:
    """A folder with the files, and the settings that name them."""

    folder: Path
    google_public_key: bytes

    @property
    def environment(self) -> dict[str, str]:
        return {
            "APPLE_PASS_CERTIFICATE": str(self.folder / "pass.pem"),
            "APPLE_PASS_KEY": str(self.folder / "pass.key"),
            "APPLE_PASS_WWDR": str(self.folder / "issuer.pem"),
            "GOOGLE_WALLET_ISSUER_ID": ISSUER_ID,
            "GOOGLE_WALLET_SERVICE_ACCOUNT": str(self.folder / "account.json"),
        }


def make(folder: Path) -> Signers:
    """Beside the right files stand wrong ones: a locked key, another issuer, a certificate of no pass type, and one
    that is over. And a certificate of this machine's."""
    issuing, signing, google = (rsa.generate_private_key(65537, 2048) for _ in range(3))
    issuer = _name(("CN", "Our own issuer"))
    of_a_pass = _name(("UID", PASS_TYPE), ("CN", "Pass"), ("OU", TEAM))
    _write(folder / "issuer.pem", _certificate(issuer, issuing, issuer, issuing))
    _write(folder / "issuer-2.pem", _certificate(issuer, signing, issuer, signing))
    _write(folder / "pass.pem", _certificate(of_a_pass, signing, issuer, issuing))
    _write(folder / "nameless.pem", _certificate(_name(("CN", "Pass")), signing, issuer, issuing))
    _write(folder / "over.pem", _certificate(of_a_pass, signing, issuer, issuing, until=2021))
    here = _name(("CN", "localhost"))
    _write(folder / "here.pem", _certificate(here, google, issuer, issuing, host="localhost"))
    (folder / "here.key").write_bytes(_key(google))
    (folder / "pass.cer").write_bytes(_certificate(of_a_pass, signing, issuer, issuing).public_bytes(Encoding.DER))
    (folder / "pass.key").write_bytes(_key(signing))
    (folder / "locked.key").write_bytes(_key(signing, BestAvailableEncryption(PASSWORD.encode())))
    (folder / "other.key").write_bytes(_key(issuing))
    account = {"client_email": ACCOUNT, "private_key_id": KEY_ID, "private_key": _key(google).decode()}
    (folder / "account.json").write_text(json.dumps({"type": "service_account", **account}))
    (folder / "keyless.json").write_text(json.dumps({**account, "private_key": "none"}))
    public = google.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    return Signers(folder, public)


def _name(*parts: tuple[str, str]) -> x509.Name:
    kinds = {"UID": _OID.USER_ID, "CN": _OID.COMMON_NAME, "OU": _OID.ORGANIZATIONAL_UNIT_NAME}
    return x509.Name([x509.NameAttribute(kinds[kind], value) for kind, value in parts])


def _certificate(
    subject: x509.Name,
    key: rsa.RSAPrivateKey,
    issuer: x509.Name,
    issuing: rsa.RSAPrivateKey,
    until: int = 2090,
    host: str | None = None,
) -> x509.Certificate:
    builder = x509.CertificateBuilder(
        issuer, subject, key.public_key(), x509.random_serial_number(),
        datetime(2020, 1, 1, tzinfo=UTC), datetime(until, 1, 1, tzinfo=UTC),
    )  # fmt: skip
    builder = builder.add_extension(x509.BasicConstraints(ca=subject == issuer, path_length=None), critical=True)
    if host is not None:
        builder = builder.add_extension(x509.SubjectAlternativeName([x509.DNSName(host)]), critical=False)
    return builder.sign(issuing, hashes.SHA256())


def _key(key: rsa.RSAPrivateKey, locked: KeySerializationEncryption | None = None) -> bytes:
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, locked or NoEncryption())


def _write(path: Path, certificate: x509.Certificate) -> None:
    path.write_bytes(certificate.public_bytes(Encoding.PEM))
