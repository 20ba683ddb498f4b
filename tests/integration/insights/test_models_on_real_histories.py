"""The models' figures on real histories, as docs/measurements.md tells them."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from app.cli.insights import insights
from benchmarks.models import fitting, following, journey, redeeming

pytestmark = pytest.mark.prove


def test_fitting_takes_no_longer_than_the_floor() -> None:
    told = fitting.against_floor(7)
    print(json.dumps(told))
    assert abs(told["log_likelihood"] + 9582.4) <= 0.1
    for model in ("bgnbd", "gamma_gamma"):
        assert max(one["off_percent"] for one in told[model]["estimates"].values()) < 1
        assert told["ratio"][model] <= 3


@pytest.mark.parametrize(
    ("by_store", "customers", "repeat", "plain", "auc"),
    [(False, 2446, 4.477, 4.534, 0.873), (True, 9062, 1.851, 1.884, 0.850)],
    ids=["per card", "per card and shop"],
)
def test_the_forecast_is_better_than_the_simple_ones(
    tmp_path: Path, by_store: bool, customers: int, repeat: float, plain: float, auc: float
) -> None:
    """By the command line, as anybody can repeat it."""
    file = journey.write_purchases(tmp_path / "purchases.csv", by_store=by_store)
    answer = CliRunner().invoke(insights, ["evaluate", str(file), "--holdout-days", "92", "--json"])
    assert answer.exit_code == 0, answer.output
    print(answer.output)
    told = json.loads(answer.output)
    assert told["customers"] == customers
    assert told["baselines"]["repeat"]["mae"] == pytest.approx(repeat, abs=0.001)
    assert told["baselines"]["bgnbd"]["mae"] == pytest.approx(plain, abs=0.001)
    assert told["mae"] < min(repeat, plain)
    assert told["auc"] > max(auc, *(one["auc"] for one in told["baselines"].values()))


@pytest.mark.parametrize("ahead", [92, 1])
def test_the_next_shop_is_found_more_often_than_by_the_favourite(ahead: int) -> None:
    told = following.held_out(ahead)
    print(json.dumps(told))
    assert told["ours_1"] > max(68.1, told["favourite_1"])
    assert told["ours_3"] > max(87.5, told["favourite_3"])
    assert told["new_ours_3"] > 2 * told["new_popular_3"]


def test_redeemers_are_found_better_than_by_the_list_and_by_rfm() -> None:
    told = redeeming.held_out()
    print(json.dumps(told))
    assert told["held_out"]["redeemers"] == 297
    assert told["ours"] > told["rfm"] + 0.1
    assert told["ours"] > told["listed"] + 0.1
    assert all(one["ours"] > one["rfm"] for one in told["each"].values())
