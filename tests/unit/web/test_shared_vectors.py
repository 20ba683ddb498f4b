"""What Python and TypeScript must agree on: the same files are read by frontend/tests."""

import base64
import json
from datetime import UTC, datetime
from pathlib import Path

from app.cards import numbers
from app.cards.rotating import code_at
from app.merchants.logos import draw_logo

VECTORS = Path(__file__).parents[2] / "vectors"


def test_card_numbers() -> None:
    written = json.loads((VECTORS / "card_numbers.json").read_text())["numbers"]
    assert len(written) == 30
    assert [number for number in written if not numbers.is_valid(number)] == []


def test_a_drawn_logo_is_built_as_the_tablet_takes_it_apart() -> None:
    assert (VECTORS / "drawn_logo.svg").read_text().strip() == draw_logo("bakery", 52)


def test_what_a_phone_computes_is_what_the_service_expects() -> None:
    written = json.loads((VECTORS / "rotating_codes.json").read_text())["codes"]
    assert len(written) == 24
    for code in written:
        secret = base64.b32decode(code["secret"] + "=" * (-len(code["secret"]) % 8))
        assert code_at(secret, datetime.fromtimestamp(code["at"], UTC)) == code["digits"]
