"""``zegel insights``: the models of customer value at work on any purchase history, without touching the database; and
counting anew what reports are read from."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import Any

import click

from app.cli.reporting import json_option, progress, report

_WORKERS = 2
FILE = click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))


@click.group()
def insights() -> None:
    """Customer value, and the numbers behind reports."""


@insights.command("recount")
@click.option("--merchant", help="Only this merchant's (its id); else all.")
@json_option
def recount(merchant: str | None, as_json: bool) -> None:
    """Throw away what reports are read from, and count it anew from visits and vouchers."""
    from app.cli.running import running
    from app.insights import platform_days, rolling, standing, turnover

    with running() as here:
        days = rolling.rebuild(here.scope, merchant_id=merchant)
        programmes = standing.count_by_night(here.scope)
        platform_days.rebuild(here.scope)
        turnover.count_ledger(here.scope)
    report({"days": days, "programmes": programmes}, as_json)


@insights.command("refresh")
@click.option("--merchant", help="Only this merchant (its id); else every one where something happened.")
@click.option("--anew", is_flag=True, help="Read everything and fit every model, whatever is known.")
@json_option
def refresh_values(merchant: str | None, anew: bool, as_json: bool) -> None:
    """Bring up to date what members are worth, the relationship groups, the ladder, and what follows from them."""
    from app.cli.running import running
    from app.insights import service

    with running() as here, progress("Shops") as advance:
        done = service.refresh(
            here.scope,
            merchant_id=merchant,
            is_anew=anew,
            workers=_WORKERS,
            on_progress=lambda done, total: advance(done=done, total=total),
        )
    report(asdict(done), as_json)


@insights.command("fit")
@FILE
@click.option("--calibration-weeks", type=click.IntRange(1, 5200), help="Only the first weeks of the file; else all.")
@json_option
def fit(file: Path, calibration_weeks: int | None, as_json: bool) -> None:
    """Fit BG/NBD and Gamma-Gamma to FILE: CSV with customer, at and amount, gzipped or not.

    First purchases in the file start a customer's clock; several on one day are one. Time is in weeks.
    """
    from app.insights import bgnbd, gamma_gamma
    from app.insights.purchases import read_history, summarise

    history = read_history(file)
    end = history.last_day if calibration_weeks is None else history.first_day + calibration_weeks * 7 - 1
    summary = summarise(history, end)
    coming, spending = bgnbd.fit(summary), gamma_gamma.fit(summary)
    facts: dict[str, Any] = {
        "customers": len(summary.customer),
        "bgnbd": asdict(coming),
        "gamma_gamma": asdict(spending),
    }
    report(facts if as_json else _flat(facts), as_json)


@insights.command("evaluate")
@FILE
@click.option("--holdout-days", type=click.IntRange(7, 3650), required=True, help="How many days to forecast.")
@json_option
def evaluate(file: Path, holdout_days: int, as_json: bool) -> None:
    """Forecast the last days of FILE from what came before, for each customer, and say how far off it was.

    The error (MAE) is in days of purchase; the AUC says how well those who came are told from those who did not.
    """
    from app.insights import forecasting
    from app.insights.purchases import read_history

    found = forecasting.evaluate(read_history(file), holdout_days)
    facts: dict[str, Any] = {
        "customers": found.customers,
        **asdict(found.ours),
        "baselines": {"repeat": asdict(found.repeat), "bgnbd": asdict(found.bgnbd)},
    }
    report(facts if as_json else _flat(facts), as_json)


def _flat(facts: dict[str, Any], before: str = "") -> dict[str, Any]:
    flat: dict[str, Any] = {}
    for name, value in facts.items():
        if isinstance(value, dict):
            flat |= _flat(value, f"{before}{name} ")
        else:
            flat[before + name] = f"{value:.4f}" if isinstance(value, float) else value
    return flat
