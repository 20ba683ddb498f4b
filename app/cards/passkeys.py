"""Passkeys (WebAuthn): what a browser is asked to make or to sign, and whether what came back is genuine.

A passkey belongs to a host name. It is asked to know its person (a face, a finger, a code), so it is as good as two
proofs; and it is kept where the authenticator finds it by itself, so that nobody has to say first who she is.
"""

from __future__ import annotations

import ipaddress
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from urllib.parse import urlsplit

import webauthn
from webauthn.helpers import base64url_to_bytes, options_to_json_dict
from webauthn.helpers.cose import COSEAlgorithmIdentifier
from webauthn.helpers.structs import (
    AttestationConveyancePreference,
    AuthenticatorSelectionCriteria,
    PublicKeyCredentialDescriptor,
    ResidentKeyRequirement,
    UserVerificationRequirement,
)

from app.cards.errors import PasskeyRefusedError, PasskeysNotOfferedError
from app.common.branding import NAME

CHALLENGE_LIFE = timedelta(minutes=5)
CHALLENGE_BYTES = 32
LONGEST_CREDENTIAL_ID = 1023  # by the specification
_ALGORITHMS = [
    COSEAlgorithmIdentifier.EDDSA,
    COSEAlgorithmIdentifier.ECDSA_SHA_256,
    COSEAlgorithmIdentifier.RSASSA_PKCS1_v1_5_SHA_256,
]


@dataclass(frozen=True, slots=True)
class Site:
    """Whose passkeys they are (a host name), and the origin of the pages that may use them."""

    host: str
    origin: str


@dataclass(frozen=True, slots=True)
class NewPasskey:
    """What an authenticator has made. The public key is in COSE form."""

    credential_id: bytes
    public_key: bytes
    sign_count: int


def are_offered(public_url: str) -> bool:
    """Whether passkeys can be made for the service at this address: it has a name, and not a bare number."""
    host = urlsplit(public_url).hostname or ""
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return bool(host)
    return False


def site_of(public_url: str) -> Site:
    """The site of the service at this address. Raises :class:`PasskeysNotOfferedError`."""
    if not are_offered(public_url):
        raise PasskeysNotOfferedError
    parts = urlsplit(public_url)
    return Site(host=parts.hostname or "", origin=f"{parts.scheme}://{parts.netloc}".lower())


def creation_options(
    site: Site, *, challenge: bytes, user_id: bytes, user_name: str, known: Sequence[bytes], town: str = NAME
) -> dict[str, Any]:
    """What ``navigator.credentials.create`` takes as ``publicKey`` (as JSON, for ``parseCreationOptionsFromJSON``).

    ``user_name`` is what the phone shows when it asks which passkey to use; ``known`` are the credential ids that the
    member has, so that one authenticator makes one; ``town`` is how the card is called here.
    """
    options = webauthn.generate_registration_options(
        rp_id=site.host,
        rp_name=town,
        user_id=user_id,
        user_name=user_name,
        challenge=challenge,
        attestation=AttestationConveyancePreference.NONE,
        authenticator_selection=AuthenticatorSelectionCriteria(
            resident_key=ResidentKeyRequirement.REQUIRED,
            user_verification=UserVerificationRequirement.REQUIRED,
        ),
        exclude_credentials=[PublicKeyCredentialDescriptor(id=one) for one in known],
        supported_pub_key_algs=_ALGORITHMS,
        timeout=int(CHALLENGE_LIFE.total_seconds() * 1000),
    )
    return options_to_json_dict(options)


def request_options(site: Site, *, challenge: bytes) -> dict[str, Any]:
    """What ``navigator.credentials.get`` takes as ``publicKey``; no credential is named, so nobody is."""
    options = webauthn.generate_authentication_options(
        rp_id=site.host,
        challenge=challenge,
        user_verification=UserVerificationRequirement.REQUIRED,
        timeout=int(CHALLENGE_LIFE.total_seconds() * 1000),
    )
    return options_to_json_dict(options)


def read_new(site: Site, challenge: bytes, credential: Mapping[str, Any]) -> NewPasskey:
    """The passkey that an authenticator made for this challenge, in the form of ``PublicKeyCredential.toJSON()``.

    Raises :class:`PasskeyRefusedError` for anything else: another challenge, origin or host, no person verified.
    """
    try:
        made = webauthn.verify_registration_response(
            credential=json.dumps(credential),
            expected_challenge=challenge,
            expected_rp_id=site.host,
            expected_origin=site.origin,
            require_user_verification=True,
            supported_pub_key_algs=_ALGORITHMS,
        )
    # What a stranger sends can break a parser in many ways, and each means the same.
    except Exception as error:
        raise PasskeyRefusedError from error
    if not 0 < len(made.credential_id) <= LONGEST_CREDENTIAL_ID:
        raise PasskeyRefusedError
    return NewPasskey(made.credential_id, made.credential_public_key, made.sign_count)


def credential_id(credential: Mapping[str, Any]) -> bytes:
    """The credential id that an authenticator names; unproven. Raises :class:`PasskeyRefusedError`."""
    try:
        found = base64url_to_bytes(credential["rawId"])
    except Exception as error:
        raise PasskeyRefusedError from error
    if not 0 < len(found) <= LONGEST_CREDENTIAL_ID:
        raise PasskeyRefusedError
    return found


def verify(site: Site, challenge: bytes, credential: Mapping[str, Any], *, public_key: bytes, sign_count: int) -> int:
    """Returns the passkey's new count of signatures, once its signature over this challenge has proven its person.

    Raises :class:`PasskeyRefusedError`; also for a count that does not go up, by which a copied passkey shows.
    """
    try:
        checked = webauthn.verify_authentication_response(
            credential=json.dumps(credential),
            expected_challenge=challenge,
            expected_rp_id=site.host,
            expected_origin=site.origin,
            credential_public_key=public_key,
            credential_current_sign_count=sign_count,
            require_user_verification=True,
        )
    except Exception as error:
        raise PasskeyRefusedError from error
    return int(checked.new_sign_count)
