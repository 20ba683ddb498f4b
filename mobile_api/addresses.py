"""What may stand in an address, and from which one a request comes."""

from __future__ import annotations

from werkzeug.routing import BaseConverter

from app.web.networks import network

__all__ = ["IdConverter", "network"]


class IdConverter(BaseConverter):
    """``<id:name>``: a UUID in any case, handed on in small letters. Anything else is an address that is not there."""

    regex = "[0-9A-Fa-f]{8}(?:-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}"

    def to_python(self, value: str) -> str:
        return value.lower()
