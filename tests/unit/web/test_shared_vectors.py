"""What Python and TypeScript must agree on: the same files are read by frontend/tests."""

import json
from pathlib import Path

from app.cards import numbers
from app.merchants.logos import draw_logo

VECTORS = Path(__file__).parents[2] / "vectors"


def test_card_numbers() -> None:
    written = json.loads((VECTORS / "card_numbers.json").read_text())["numbers"]
    assert len(written) == 30
    assert [number for number in written if not numbers.is_valid(number)] == []


def test_a_drawn_logo_is_built_as_the_tablet_takes_it_apart() -> None:
    assert (VECTORS / "drawn_logo.svg").read_text().strip() == draw_logo("bakery", 52)
