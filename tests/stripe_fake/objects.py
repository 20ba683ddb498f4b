"""The pretended Stripe's objects: how they are kept, found and listed, and what is told of them."""

from __future__ import annotations

import hashlib
import hmac
import itertools
import json
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

VERSION = "2026-10-28.endive"

Object = dict[str, Any]


class ApiError(Exception):
    """An answer that is an error, as Stripe gives it."""

    def __init__(self, status: int, kind: str, code: str, message: str) -> None:
        super().__init__(message)
        self.status = status
        self.body = {"error": {"type": kind, "code": code, "message": message}}


def missing(what: str) -> ApiError:
    return ApiError(404, "invalid_request_error", "resource_missing", f"No such {what}")


def invalid(message: str, code: str = "parameter_invalid") -> ApiError:
    return ApiError(400, "invalid_request_error", code, message)


@dataclass
class Objects:
    """What one account holds. ``events`` are those that were made and not yet taken by whoever delivers them."""

    clock: Callable[[], datetime]
    secret: str = "whsec_pretended"
    origin: str = "http://127.0.0.1:1"
    events: list[Object] = field(default_factory=list)
    _objects: dict[str, Object] = field(default_factory=dict)
    _numbers: Any = field(default_factory=lambda: itertools.count(1))

    def only(self, kind: str) -> Object:
        """The one object of a kind."""
        [found] = self.all(kind)
        return found

    def all(self, kind: str) -> list[Object]:
        return [one for one in self._objects.values() if one["object"] == kind]

    def sign(self, body: bytes, at: datetime | None = None, secret: str | None = None) -> str:
        """The header that Stripe sends with a message."""
        stamp = int((at or self.clock()).timestamp())
        made = hmac.new((secret or self.secret).encode(), b"%d." % stamp + body, hashlib.sha256).hexdigest()
        return f"t={stamp},v1={made}"

    def take_events(self) -> list[Object]:
        """What is to be delivered, oldest first; it is taken out."""
        taken, self.events = self.events, []
        return taken

    # --- inside ---

    def _now(self) -> int:
        return int(self.clock().timestamp())

    def _id(self, prefix: str) -> str:
        return f"{prefix}_{next(self._numbers):06d}{hashlib.sha256(self.secret.encode()).hexdigest()[:8]}"

    def _put(self, prefix: str, kind: str, fields: Object) -> Object:
        made = {**fields, "id": self._id(prefix), "object": kind, "created": self._now(), "livemode": False}
        self._objects[made["id"]] = made
        return made

    def _get(self, kind: str, ident: str) -> Object:
        found = self._objects.get(ident)
        if found is None or found["object"] != kind:
            raise missing(f"{kind}: '{ident}'")
        return found

    def _list(self, kind: str, is_wanted: Callable[[Object], bool], fields: Object, route: str) -> Object:
        found = [one for one in reversed(self.all(kind)) if is_wanted(one)]
        most = int(fields.get("limit") or 10)
        return {"object": "list", "url": f"/v1/{route}", "data": found[:most], "has_more": len(found) > most}

    def _tell(self, kind: str, thing: Object) -> None:
        self.events.append(
            {
                "id": self._id("evt"),
                "object": "event",
                "type": kind,
                "created": self._now(),
                "livemode": False,
                "api_version": VERSION,
                "data": {"object": json.loads(json.dumps(thing))},
            }
        )
