"""Whose request it is, where a proxy stands in front: the address that the proxy saw, and nobody else's word for it."""

from __future__ import annotations

import ipaddress
from collections.abc import Callable, Iterable, Sequence
from typing import Any

Application = Callable[[dict[str, Any], Callable[..., Any]], Iterable[bytes]]
Network = ipaddress.IPv4Network | ipaddress.IPv6Network


def networks(names: Sequence[str]) -> tuple[Network, ...]:
    """The networks that addresses or ``address/length`` name. Raises ``ValueError``."""
    return tuple(ipaddress.ip_network(name, strict=False) for name in names)


class Behind:
    """A WSGI application around another that sets ``REMOTE_ADDR`` to the client's own address.

    Only what a trusted proxy appended to ``X-Forwarded-For`` counts: the list is read from its end, up to the first
    address that is no trusted proxy. What a client wrote there itself stands before that, and is not believed.
    """

    def __init__(self, application: Application, trusted: Sequence[Network]) -> None:
        self._application = application
        self._trusted = trusted

    def __call__(self, environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        address = str(environ.get("REMOTE_ADDR", ""))
        told = [part.strip() for part in str(environ.get("HTTP_X_FORWARDED_FOR", "")).split(",")]
        while told and self._is_trusted(address):
            before = _address(told.pop())
            if before is None:
                break
            address = before
        environ["REMOTE_ADDR"] = address
        return self._application(environ, start_response)

    def _is_trusted(self, address: str) -> bool:
        try:
            found = ipaddress.ip_address(address)
        except ValueError:
            return False
        mapped = getattr(found, "ipv4_mapped", None) or found
        return any(mapped in network for network in self._trusted if network.version == mapped.version)


def _address(text: str) -> str | None:
    """The address in one part of the header, which some proxies write with a port; none where there is none."""
    for candidate in (text, text.strip("[]"), text.rpartition(":")[0].strip("[]")):
        try:
            return str(ipaddress.ip_address(candidate))
        except ValueError:
            continue
    return None
