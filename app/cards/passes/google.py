"""A card as Google Wallet takes it: an object on Google's side, and a link by which its member saves it.

A link can be read by whoever has it, so no secret of the card stands in one. A code that changes needs the secret; that
is told to Google alone, by its interface (docs/decisions, 0026 and 0039).
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import jwt

from app.cards.numbers import format_number
from app.cards.passes.artwork import SEAL
from app.cards.passes.content import PassCard
from app.cards.passes.credentials import GoogleCredentials
from app.cards.passes.words import words
from app.cards.rotating import DIGITS, PERIOD
from app.common import outgoing
from app.common.branding import HUE, NAME
from app.common.outgoing import CallFailedError, Reach, UnsafeAddressError
from app.merchants.logos import shop_colour

LONGEST_LINK = 1800  # characters; browsers may cut longer ones, says Google
MOST_BALANCES = 8
TIMEOUT_SECONDS = 10.0

_SAVE = "https://pay.google.com/gp/v/save/"
_CLASS = "zegel"
_SCOPE = "https://www.googleapis.com/auth/wallet_object.issuer"
_GRANT = "urn:ietf:params:oauth:grant-type:jwt-bearer"
_API = "/walletobjects/v1"
_LIFE = 600  # seconds for which the assertion for a token is good


class GoogleFailedError(Exception):
    """Google could not be reached, or did not do what was asked."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where this service is: its own address, a PNG of its logo that Google can fetch, and whose card it is called."""

    public_url: str
    logo_url: str
    name: str = NAME
    hue: int = HUE


@dataclass(frozen=True, slots=True)
class Rotating:
    """The secret from which the object's code is computed."""

    secret: bytes = field(repr=False)


def save_link(credentials: GoogleCredentials, card: PassCard, place: Place, *, now: datetime) -> str:
    """Returns the link by which a member saves a card with its static code. The class of all cards comes along, so that
    nobody has to make it beforehand; one that is there already stays as it is."""
    payload = {
        "loyaltyClasses": [_class(credentials, place)],
        "loyaltyObjects": [_object(credentials, card, None)],
    }
    return _link(credentials, payload, place, now)


def link_to_object(credentials: GoogleCredentials, card_id: str, place: Place, *, now: datetime) -> str:
    """Returns the link by which a member saves an object that is on Google's side already. It holds its name alone."""
    named = {"id": _object_id(credentials, card_id), "classId": _class_id(credentials)}
    return _link(credentials, {"loyaltyObjects": [named]}, place, now)


class Wallet:
    """Google's interface, for one piece of work: a token is asked for at the first call, and used for the others."""

    def __init__(self, credentials: GoogleCredentials, *, now: datetime) -> None:
        self._credentials = credentials
        self._now = now
        self._token: str | None = None
        # Who names another place in the settings may mean this machine.
        self._reach = Reach(loopback=credentials.is_elsewhere, plain_http=credentials.is_elsewhere)

    def put(self, card: PassCard, place: Place, rotating: Rotating) -> None:
        """Make the card's object, or give the one that is there this code and content. Raises
        :class:`GoogleFailedError`; a repeat changes nothing more."""
        made = _object(self._credentials, card, rotating)
        status = self._send("POST", "/loyaltyObject", made, taken=(200, 404, 409))
        if status == 404:  # its class is not there yet
            self._send("POST", "/loyaltyClass", _class(self._credentials, place), taken=(200, 409))
            status = self._send("POST", "/loyaltyObject", made, taken=(200, 409))
        if status == 409:
            self._send("PUT", f"/loyaltyObject/{made['id']}", made, taken=(200,))

    def change(self, card: PassCard) -> bool:
        """Bring the balances of a card's object up to date, or end it with the card. Its code stays as it is. False
        where there is none any more. Raises :class:`GoogleFailedError`."""
        object_id = _object_id(self._credentials, card.card_id)
        changed = {"state": _state(card), "textModulesData": _texts(card, is_rotating=True)}
        return self._send("PATCH", f"/loyaltyObject/{object_id}", changed, taken=(200, 404)) == 200

    def end(self, card_id: str) -> None:
        """End a card's object and take everything off it that says whose it was. Raises :class:`GoogleFailedError`."""
        object_id = _object_id(self._credentials, card_id)
        empty: dict[str, Any] = {
            "state": "INACTIVE",
            "accountId": "",
            "textModulesData": [],
            "barcode": None,
            "rotatingBarcode": None,
        }
        self._send("PATCH", f"/loyaltyObject/{object_id}", empty, taken=(200, 404))

    def _send(self, method: str, path: str, content: Mapping[str, Any], *, taken: tuple[int, ...]) -> int:
        if self._token is None:
            self._token = self._ask_token()
        answer = self._call(
            method,
            self._credentials.api_base + _API + path,
            json.dumps(content).encode(),
            {"Authorization": f"Bearer {self._token}", "Content-Type": "application/json"},
        )
        if answer.status not in taken:
            raise GoogleFailedError(f"{method} of {path.split('/')[1]} was answered with {answer.status}")
        return answer.status

    def _ask_token(self) -> str:
        issued = int(self._now.timestamp())
        claims = {
            "iss": self._credentials.email,
            "scope": _SCOPE,
            "aud": self._credentials.token_url,
            "iat": issued,
            "exp": issued + _LIFE,
        }
        assertion = jwt.encode(claims, self._credentials.key, "RS256", headers={"kid": self._credentials.key_id})
        body = f"grant_type={_GRANT.replace(':', '%3A')}&assertion={assertion}".encode()
        form = {"Content-Type": "application/x-www-form-urlencoded"}
        answer = self._call("POST", self._credentials.token_url, body, form)
        try:
            token = json.loads(answer.body)["access_token"] if answer.status == 200 else None
        except (ValueError, KeyError, TypeError):
            token = None
        if not isinstance(token, str) or not token.isascii() or not token.isprintable():
            raise GoogleFailedError(f"no token was given: {answer.status}")
        return token

    def _call(self, method: str, url: str, body: bytes, headers: Mapping[str, str]) -> outgoing.Answer:
        try:
            return outgoing.ask(method, url, body, headers, reach=self._reach, timeout=TIMEOUT_SECONDS)
        except (CallFailedError, UnsafeAddressError) as error:
            raise GoogleFailedError(str(error)) from None


def _link(credentials: GoogleCredentials, payload: Mapping[str, Any], place: Place, now: datetime) -> str:
    claims = {
        "iss": credentials.email,
        "aud": "google",
        "typ": "savetowallet",
        "iat": int(now.timestamp()),
        "origins": [place.public_url],
        "payload": payload,
    }
    return _SAVE + jwt.encode(claims, credentials.key, algorithm="RS256", headers={"kid": credentials.key_id})


def _class_id(credentials: GoogleCredentials) -> str:
    return f"{credentials.issuer_id}.{_CLASS}"


def _object_id(credentials: GoogleCredentials, card_id: str) -> str:
    return f"{credentials.issuer_id}.{card_id}"


def _class(credentials: GoogleCredentials, place: Place) -> dict[str, Any]:
    return {
        "id": _class_id(credentials),
        "issuerName": place.name,
        "programName": place.name,
        "programLogo": {"sourceUri": {"uri": place.logo_url}},
        "hexBackgroundColor": SEAL if place.hue == HUE else shop_colour(place.hue),
        "reviewStatus": "UNDER_REVIEW",
    }


def _object(credentials: GoogleCredentials, card: PassCard, rotating: Rotating | None) -> dict[str, Any]:
    made: dict[str, Any] = {
        "id": _object_id(credentials, card.card_id),
        "classId": _class_id(credentials),
        "state": _state(card),
        "accountId": card.number,
        # Where a phone can't compute the changing one, this earns.
        "barcode": {"type": "QR_CODE", "value": card.url, "alternateText": format_number(card.number)},
        "textModulesData": _texts(card, is_rotating=rotating is not None),
    }
    if rotating is not None:
        made["rotatingBarcode"] = {
            "type": "QR_CODE",
            "renderEncoding": "UTF_8",
            "valuePattern": card.url + "/{totp_value_0}",
            "alternateText": format_number(card.number),
            "totpDetails": {
                "periodMillis": str(PERIOD * 1000),
                "algorithm": "TOTP_SHA1",
                "parameters": [{"key": rotating.secret.hex(), "valueLength": DIGITS}],
            },
        }
    return made


def _texts(card: PassCard, *, is_rotating: bool) -> list[dict[str, str]]:
    told = words(card.locale)
    if card.is_dead:
        return [{"id": "ended", "header": told.number, "body": told.ended}]
    how = told.how_rotating if is_rotating else told.how
    texts = [{"id": "how", "header": told.how_label, "body": how}]
    if card.balances:
        lines = "\n".join(f"{one.label}: {one.value}" for one in card.balances[:MOST_BALANCES])
        texts.insert(0, {"id": "balances", "header": told.balances, "body": lines})
    if card.news is not None:
        texts.insert(0, {"id": "news", "header": card.news.shop, "body": card.news.title})
    return texts


def _state(card: PassCard) -> str:
    return "INACTIVE" if card.is_dead else "ACTIVE"
