"""Who stays without a message, by lot. Pure."""

from __future__ import annotations

import hashlib


def arm_of(seed: int, member_id: str, occasion: str, control_percent: int) -> str:
    """``control`` for that share of all occasions, else ``treated``: the same for the same occasion, whoever draws and
    however often, and not to be foreseen without the seed."""
    drawn = hashlib.sha256(f"{seed}/{member_id}/{occasion}".encode()).digest()
    return "control" if int.from_bytes(drawn[:8]) * 100 < control_percent << 64 else "treated"
