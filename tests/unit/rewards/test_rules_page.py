"""The examples of docs/rules.md are documents that the service takes."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from app.rewards.rules import parse_programme, parse_promotion, points_document, stamps_document

PAGE = (Path(__file__).parents[3] / "docs" / "rules.md").read_text(encoding="utf-8")
EXAMPLES = re.findall(r"^```json (programme|promotion) ?(\w*)\n(.*?)^```", PAGE, re.MULTILINE | re.DOTALL)


@pytest.mark.parametrize(("sort", "kind", "text"), EXAMPLES)
def test_an_example_is_taken(sort: str, kind: str, text: str) -> None:
    document = json.loads(text)
    if sort == "promotion":
        parse_promotion(document, promotion_id="p", currency="EUR")
    else:
        parse_programme(document, kind=kind, currency="EUR", timezone="Europe/Brussels")


def test_the_page_shows_the_command_lines_defaults() -> None:
    assert [json.loads(text) for _, _, text in EXAMPLES[:2]] == [stamps_document(10), points_document("3")]
