"""The proof of a reservation, as the tablet's own code checks it."""

from __future__ import annotations

import base64
import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from app.cards.numbers import is_valid_voucher_code
from app.common.keys import KeyRing, Keys
from app.rewards.reservations import proof, reservation_key, reservation_url

VECTORS: list[dict[str, Any]] = json.loads((Path(__file__).parents[2] / "vectors/reservations.json").read_text())
IDS = {"hold_id": VECTORS[0]["hold_id"], "code": VECTORS[0]["code"], "reward_id": VECTORS[0]["reward_id"]}


@pytest.mark.parametrize("vector", VECTORS, ids=lambda vector: vector["code"])
def test_both_languages_say_the_same(vector: dict[str, Any]) -> None:
    ends = vector["expires_at"]
    made = proof(
        base64.b64decode(vector["key"]),
        hold_id=vector["hold_id"],
        code=vector["code"],
        reward_id=vector["reward_id"],
        expires_at=None if ends is None else datetime.fromisoformat(ends),
    )
    assert made == vector["proof"]
    assert len(made) == 75
    assert is_valid_voucher_code(vector["code"])
    assert reservation_url("card.example", vector["code"], made) == vector["url"]


def test_another_tablet_another_end_another_voucher_another_proof() -> None:
    ring = KeyRing("k1", {"k1": bytes(range(32))})
    keys = Keys(ring, ring, ring)
    mine, theirs = (reservation_key(keys, device) for device in ("a", "b"))
    ends = datetime(2026, 3, 4, tzinfo=UTC)
    made = {
        proof(mine, **IDS, expires_at=None)[-16:],
        proof(theirs, **IDS, expires_at=None)[-16:],
        proof(mine, **IDS, expires_at=ends)[-16:],
        proof(mine, **{**IDS, "code": VECTORS[1]["code"]}, expires_at=None)[-16:],
    }
    assert len(made) == 4
    with pytest.raises(ValueError, match="too large"):
        proof(mine, **IDS, expires_at=datetime(3100, 1, 1, tzinfo=UTC))
