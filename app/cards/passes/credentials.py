"""The keys that sign passes, read from the files that the settings name, and checked before anything is served.

A pass signed with the wrong key looks whole here and is refused by every phone, so the pieces are held against each
other when the service starts.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import lru_cache
from pathlib import Path
from urllib.parse import urlsplit

from cryptography import x509
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat, load_pem_private_key

APPLE = "APPLE_PASS_"
GOOGLE = "GOOGLE_WALLET_"

# Where changes are told, unless the settings name a relay.
APPLE_PUSH = "https://api.push.apple.com"
GOOGLE_API = "https://walletobjects.googleapis.com"
GOOGLE_TOKENS = "https://oauth2.googleapis.com/token"

_Items = tuple[tuple[str, str], ...]
_APPLE_OPTIONAL = ("key_password", "push_url", "push_authorities")


class CredentialsError(ValueError):
    """A setting is missing or wrong. The message is one line that says which, and what it should be."""


@dataclass(frozen=True, slots=True)
class AppleCredentials:
    """A pass type's certificate with its key, and Apple's certificate that issued it. ``repr`` shows no key."""

    certificate: x509.Certificate
    key: rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey = field(repr=False)
    issuer: x509.Certificate
    pass_type: str
    team: str
    push_url: str = APPLE_PUSH
    push_authorities: str | None = None  # of the certificate behind push_url, where it is not Apple's own

    @property
    def valid_until(self) -> datetime:
        """When the first of both certificates ends."""
        return min(self.certificate.not_valid_after_utc, self.issuer.not_valid_after_utc)

    def is_valid_at(self, when: datetime) -> bool:
        """Whether a pass that is signed now is taken by a phone: both certificates are in their time."""
        return max(self.certificate.not_valid_before_utc, self.issuer.not_valid_before_utc) <= when < self.valid_until


@dataclass(frozen=True, slots=True)
class GoogleCredentials:
    """A Google Wallet issuer and the service account that signs for it. ``repr`` shows no key."""

    issuer_id: str
    email: str
    key_id: str
    key: rsa.RSAPrivateKey = field(repr=False)
    token_url: str = GOOGLE_TOKENS
    api_base: str = GOOGLE_API
    is_elsewhere: bool = False  # whether the settings name another place than Google's own


def apple(group: Mapping[str, str]) -> AppleCredentials | None:
    """Reads the settings ``APPLE_PASS_*``, named in small letters without that; ``None`` where none is set.

    The files are read once, so that a new certificate takes a new start. Raises :class:`CredentialsError` for a
    missing or unknown setting, a file that can't be read, a certificate without pass type and team, a key that is not
    the certificate's, and an issuer that did not issue it.
    """
    return _apple(tuple(sorted(group.items()))) if group else None


def google(group: Mapping[str, str]) -> GoogleCredentials | None:
    """Reads the settings ``GOOGLE_WALLET_*`` as :func:`apple` does its own; ``None`` where none is set.

    Raises :class:`CredentialsError` for a missing or unknown setting, an issuer that is no number, and a file that is
    not a service account's key.
    """
    return _google(tuple(sorted(group.items()))) if group else None


@lru_cache(maxsize=4)
def _apple(items: _Items) -> AppleCredentials:
    given = _taken(APPLE, items, needed=("certificate", "key", "wwdr"), optional=_APPLE_OPTIONAL)
    certificate = _certificate("APPLE_PASS_CERTIFICATE", given["certificate"])
    issuer = _certificate("APPLE_PASS_WWDR", given["wwdr"])
    password = given.get("key_password")
    locked = _content("APPLE_PASS_KEY", given["key"])
    try:
        key = load_pem_private_key(locked, password.encode() if password else None)
    except (ValueError, TypeError, UnsupportedAlgorithm):
        raise CredentialsError(
            "APPLE_PASS_KEY must name a private key in PEM, with its password in APPLE_PASS_KEY_PASSWORD if it has one"
        ) from None
    if not isinstance(key, rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey):
        raise CredentialsError("APPLE_PASS_KEY must be an RSA key or one on an elliptic curve")
    form = (Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    if key.public_key().public_bytes(*form) != certificate.public_key().public_bytes(*form):
        raise CredentialsError("APPLE_PASS_KEY is not the key of APPLE_PASS_CERTIFICATE")
    try:
        certificate.verify_directly_issued_by(issuer)
    except (ValueError, TypeError, InvalidSignature):
        raise CredentialsError(
            "APPLE_PASS_WWDR did not issue APPLE_PASS_CERTIFICATE: take the one of the generation that it names"
        ) from None
    authorities = given.get("push_authorities")
    if authorities is not None:
        _certificate("APPLE_PASS_PUSH_AUTHORITIES", authorities)
    return AppleCredentials(
        certificate=certificate,
        key=key,
        issuer=issuer,
        push_url=_address("APPLE_PASS_PUSH_URL", given.get("push_url", APPLE_PUSH), plain=False),
        push_authorities=authorities,
        pass_type=_named(certificate, x509.NameOID.USER_ID),
        team=_named(certificate, x509.NameOID.ORGANIZATIONAL_UNIT_NAME),
    )


@lru_cache(maxsize=4)
def _google(items: _Items) -> GoogleCredentials:
    given = _taken(GOOGLE, items, needed=("issuer_id", "service_account"), optional=("api_base",))
    if not re.fullmatch(r"[0-9]{1,20}", given["issuer_id"], re.ASCII):
        raise CredentialsError("GOOGLE_WALLET_ISSUER_ID must be the issuer's number, digits only")
    content = _content("GOOGLE_WALLET_SERVICE_ACCOUNT", given["service_account"])
    try:
        account = json.loads(content)
        email, key_id = account["client_email"], account["private_key_id"]
        token_url = account.get("token_uri", GOOGLE_TOKENS)
        key = load_pem_private_key(account["private_key"].encode(), None)
    except (ValueError, TypeError, KeyError, AttributeError, UnsupportedAlgorithm):
        email = key_id = token_url = None
        key = None
    if not (isinstance(key, rsa.RSAPrivateKey) and isinstance(email, str) and isinstance(key_id, str)):
        raise CredentialsError("GOOGLE_WALLET_SERVICE_ACCOUNT must name the JSON file of a service account's key")
    if not isinstance(token_url, str):
        raise CredentialsError("GOOGLE_WALLET_SERVICE_ACCOUNT names no address for tokens: token_uri")
    is_elsewhere = "api_base" in given
    return GoogleCredentials(
        issuer_id=given["issuer_id"],
        email=email,
        key_id=key_id,
        key=key,
        token_url=_address("GOOGLE_WALLET_SERVICE_ACCOUNT's token_uri", token_url, plain=is_elsewhere),
        api_base=_address("GOOGLE_WALLET_API_BASE", given.get("api_base", GOOGLE_API), plain=True).rstrip("/"),
        is_elsewhere=is_elsewhere,
    )


def _address(name: str, text: str, *, plain: bool) -> str:
    """An address to call. ``plain``: also without TLS, on this machine."""
    parts = urlsplit(text)
    is_here = plain and parts.scheme == "http" and parts.hostname in ("127.0.0.1", "localhost", "::1")
    if not (parts.scheme == "https" or is_here) or not parts.hostname:
        raise CredentialsError(f"{name} must be an address that begins with https://")
    return text


def _taken(prefix: str, items: _Items, *, needed: tuple[str, ...], optional: tuple[str, ...]) -> dict[str, str]:
    given = dict(items)
    for name in given:
        if name not in needed and name not in optional:
            raise CredentialsError(f"{prefix}{name.upper()} is not a setting: check its name")
    for name in needed:
        if name not in given:
            raise CredentialsError(f"{prefix}{name.upper()} is not set: the others of {prefix}* do nothing without it")
    return given


def _content(name: str, path: str) -> bytes:
    try:
        return Path(path).read_bytes()
    except OSError as error:
        raise CredentialsError(f"{name} names a file that can't be read: {error.strerror}") from None


def _certificate(name: str, path: str) -> x509.Certificate:
    content = _content(name, path)
    try:
        # Apple gives its certificates out as DER, everybody's tools write PEM.
        if b"-----BEGIN" in content:
            return x509.load_pem_x509_certificate(content)
        return x509.load_der_x509_certificate(content)
    except ValueError:
        raise CredentialsError(f"{name} must name a certificate in PEM or DER") from None


def _named(certificate: x509.Certificate, which: x509.ObjectIdentifier) -> str:
    found = certificate.subject.get_attributes_for_oid(which)
    if not found or not isinstance(found[0].value, str):
        raise CredentialsError(
            "APPLE_PASS_CERTIFICATE must be a pass type's: it names a pass type (UID) and a team (OU)"
        )
    return found[0].value
