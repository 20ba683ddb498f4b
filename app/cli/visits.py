"""``zegel visits``: visit history of other systems."""

from __future__ import annotations

from contextlib import ExitStack
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import click

from app.cli.reporting import json_option, progress, report
from app.cli.shops import RateOption, RewardOption


class ZoneOption(click.ParamType[str]):
    """An IANA time zone."""

    name = "ZONE"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> str:
        try:
            ZoneInfo(str(value))
        except (ZoneInfoNotFoundError, ValueError, OSError):
            self.fail(f"{value!r} is no time zone such as Europe/Brussels", param, ctx)
        return str(value)


@click.group()
def visits() -> None:
    """Visit history of other systems."""


@visits.command("import")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--merchant", "merchant_id", metavar="ID", help="All rows are this merchant's.")
@click.option(
    "--merchant-map",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="A CSV with the columns location_ref,location_id.",
)
@click.option("--each-location-a-merchant", "each", is_flag=True, help="Make a merchant of every location_ref.")
@click.option("--stamps", type=click.IntRange(1, 1000), help="With the former: stamp cards that N stamps fill.")
@click.option("--points-per-unit", type=RateOption(), help="With the former: points for each unit of money.")
@click.option("--reward", "rewards", type=RewardOption(), multiple=True, help="With the former: may be repeated.")
@click.option("--source", help="Where references are unique: the merchant's id or the file's name unless told.")
@click.option("--timezone", type=ZoneOption(), help="For times without an offset, and of merchants that are made.")
@click.option("--dry-run", is_flag=True, help="Check every row and say what would come of it; book nothing.")
@json_option
def import_(
    file: Path,
    merchant_id: str | None,
    merchant_map: Path | None,
    each: bool,
    stamps: int | None,
    points_per_unit: str | None,
    rewards: tuple[tuple[str, int], ...],
    source: str | None,
    timezone: str | None,
    dry_run: bool,
    as_json: bool,
) -> None:
    """Import visits from FILE (CSV, gzipped or not, or Parquet) as they would have been booked at the counter.

    Columns: visit_id,card_ref,location_ref,occurred_at,amount,currency. Rows that can't be taken go to
    FILE.rejected.csv with their line and the reason. Run again, it goes on where it stopped; run twice, it changes
    nothing.
    """
    if (merchant_id is not None) + (merchant_map is not None) + each != 1:
        raise click.UsageError("Say one of --merchant, --merchant-map and --each-location-a-merchant.")
    if each and (stamps is None) == (points_per_unit is None):
        raise click.UsageError("With --each-location-a-merchant say either --stamps N or --points-per-unit N.")
    if not each and (stamps is not None or points_per_unit is not None or rewards):
        raise click.UsageError("--stamps, --points-per-unit and --reward go with --each-location-a-merchant.")
    from app.cli.running import running
    from app.scanning import importing

    with running() as here, ExitStack() as bars:
        shown: dict[str, Any] = {}

        def advance(what: str, done: int, total: int) -> None:
            if what not in shown:
                bars.close()
                shown[what] = bars.enter_context(progress(what, total))
            shown[what](done=done)

        try:
            places: importing.Places
            if merchant_id is not None:
                places = importing.one_merchant(here.scope, merchant_id.strip().lower())
            elif merchant_map is not None:
                places = importing.read_map(here.scope, merchant_map)
            else:
                places = importing.EachAMerchant(stamps, points_per_unit, timezone or "Europe/Brussels", rewards)
            made = importing.import_visits(
                here.scope,
                file,
                places,
                source=source or (merchant_id.strip().lower() if merchant_id is not None else file.name),
                zone=ZoneInfo(timezone) if timezone else None,
                dry_run=dry_run,
                on_progress=advance,
            )
        except importing.ImportImpossibleError as error:
            raise click.ClickException(str(error)) from None
    report(made.totals(), as_json)
    if made.resumed_at is not None:
        click.echo(f"An earlier run had stopped after {made.resumed_at} visits; this one went on from there.", err=True)
    if made.rejected_file is not None:
        click.echo(f"Rejected rows and why: {made.rejected_file}", err=True)
