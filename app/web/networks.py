"""From which network a request comes."""

from __future__ import annotations

import ipaddress

from flask import Request


def network(http: Request) -> str | None:
    """Whose tries are counted together: an IPv4 address, or the /64 of an IPv6 one, of which one household has all."""
    address = http.remote_addr
    if address is None:
        return None
    try:
        found = ipaddress.ip_address(address)
    except ValueError:
        return address
    if found.version == 6 and found.ipv4_mapped is not None:
        return str(found.ipv4_mapped)
    return address if found.version == 4 else str(ipaddress.ip_network((found, 64), strict=False))
