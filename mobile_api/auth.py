"""From a bearer token to the scope in which a request may act."""

from __future__ import annotations

from collections import OrderedDict
from threading import Lock

from flask import Flask, Request, current_app

from app.common.errors import DomainError, Kind
from app.common.scope import Scope
from app.extensions import Platform, platform
from app.merchants import service as merchants
from app.merchants.queries import DeviceIdentity, find_device_by_token_hash
from app.merchants.tokens import token_hash
from app.wallet import service as wallet

_NAME = "zegel_known_devices"
_MOST_KNOWN = 20_000
_LONGEST_TOKEN = 4096


class TokenInvalidError(DomainError):
    """No bearer token, or one that is not ours, not for this, or not valid any more."""

    code = "unauthenticated"
    kind = Kind.UNAUTHENTICATED


class KnownDevices:
    """The facts about devices that never change, by their tokens' hashes, so that a scan costs no look-up.

    Whether a device was revoked is not among them: whoever authenticates from here must ask that with the first query.
    """

    def __init__(self) -> None:
        self._known: OrderedDict[bytes, DeviceIdentity] = OrderedDict()
        self._writing = Lock()

    def get(self, hashed: bytes) -> DeviceIdentity | None:
        """The device whose token has this hash, if it was seen before."""
        return self._known.get(hashed)

    def keep(self, hashed: bytes, device: DeviceIdentity) -> None:
        """Remember a device that was just found; the oldest of very many are forgotten."""
        with self._writing:
            self._known[hashed] = device
            if len(self._known) > _MOST_KNOWN:
                self._known.popitem(last=False)

    def forget(self, hashed: bytes) -> None:
        """A token that is no longer valid."""
        with self._writing:
            self._known.pop(hashed, None)


class Device:
    """A tablet's token or a till's API key. ``trusts_cache`` is for calls whose first query asks for the revocation
    themselves: they save this look-up."""

    name = "device"

    def __init__(self, *, trusts_cache: bool = False) -> None:
        self._trusts_cache = trusts_cache

    def __call__(self, http: Request) -> Scope:
        hashed = token_hash(bearer_token(http))
        here = platform()
        known: KnownDevices = current_app.extensions[_NAME]
        device = known.get(hashed) if self._trusts_cache else None
        if device is None:
            device = _look_up(here, known, hashed)
        scope = Scope(
            here.database,
            here.keys,
            clock=here.clock,
            actor_kind="device",
            actor_id=device.device_id,
            merchant_id=device.merchant_id,
            location_id=device.location_id,
            device_id=device.device_id,
            device_kind=device.kind,
            is_sandbox=device.is_sandbox,
            scopes=device.scopes,
            currency=device.currency,
        )
        staff_token = http.environ.get("HTTP_X_STAFF_TOKEN")
        if staff_token is not None:
            session = merchants.resume_staff_session(scope, staff_token[:_LONGEST_TOKEN])
            scope.staff_id, scope.staff_role = session.staff_id, session.role
        return scope


class Member:
    """A member's access token. After a merge it stands for the one who survived."""

    name = "member"

    def __call__(self, http: Request) -> Scope:
        here = platform()
        signed_in = wallet.authenticate(here.scope(), access_token=bearer_token(http))
        member = signed_in.member
        return here.scope(
            actor_kind="member",
            actor_id=member.member_id,
            member_id=member.member_id,
            session_id=signed_in.session_id,
            waits_until=signed_in.waits_until,
            is_sandbox=member.is_sandbox,
            locale=member.locale,
        )


class MemberIfAny(Member):
    """Like :class:`Member` where there is a token; without one, whoever it is sees what everybody may see."""

    is_optional = True

    def __call__(self, http: Request) -> Scope:
        if "HTTP_AUTHORIZATION" not in http.environ:
            return platform().scope()
        return super().__call__(http)


class ApplePass:
    """The token that stands in a pass of Apple's: the phone that has it shows it. Whether it is the token of the pass
    that the address names is asked by the use case."""

    name = "apple_pass"

    def __call__(self, http: Request) -> Scope:
        scheme, _, token = http.environ.get("HTTP_AUTHORIZATION", "").partition(" ")
        if scheme.lower() != "applepass" or not token.strip() or len(token) > _LONGEST_TOKEN:
            raise TokenInvalidError
        return platform().scope(actor_kind="device")


device = Device()
scanning_device = Device(trusts_cache=True)
member = Member()
member_if_any = MemberIfAny()
apple_pass = ApplePass()


def bearer_token(http: Request) -> str:
    """The token in the header ``Authorization``. Raises :class:`TokenInvalidError` where there is none."""
    scheme, _, token = http.environ.get("HTTP_AUTHORIZATION", "").partition(" ")
    token = token.strip()
    if scheme.lower() != "bearer" or not token or len(token) > _LONGEST_TOKEN:
        raise TokenInvalidError
    return str(token)


def _look_up(here: Platform, known: KnownDevices, hashed: bytes) -> DeviceIdentity:
    with here.database.reading() as tx:
        found = find_device_by_token_hash(tx, hashed)
    if found is None:
        known.forget(hashed)
        raise TokenInvalidError
    known.keep(hashed, found)
    return found


def init_app(flask_app: Flask) -> None:
    """Give an application its memory of devices."""
    flask_app.extensions[_NAME] = KnownDevices()
