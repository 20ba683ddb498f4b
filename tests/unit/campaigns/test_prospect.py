"""What is said beforehand of an effect that could be noticed."""

from __future__ import annotations

import pytest

from app.campaigns.queries.results import within_reach


@pytest.mark.parametrize(
    ("smallest", "mean", "told"),
    [
        (0.2, 0.3, 0.2),
        (2.0, 0.3, 2.0),
        (2.1, 0.3, None),  # nobody comes that much more often for a mail
        (7.9, 4.0, 7.9),
        (35.8, 2.0, None),
        (None, 2.0, None),
    ],
)
def test_an_effect_that_no_message_has_is_not_promised(smallest: float | None, mean: float, told: float | None) -> None:
    assert within_reach(smallest, mean) == told
