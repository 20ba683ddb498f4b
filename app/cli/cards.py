"""``zegel card``: printed cards, and the rotating code of this moment for development."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import click

from app.cli.reporting import json_option, progress, report_to_programs

if TYPE_CHECKING:
    from app.cards.print_sheet import PrintedCard


@click.group()
def card() -> None:
    """Printed cards, and codes for development."""


@card.command()
@click.option("--count", type=click.IntRange(1, 1_000_000), default=1, show_default=True, help="How many.")
@click.option("--pdf", type=click.Path(dir_okay=False, path_type=Path), help="A print sheet of them, as a PDF.")
@click.option("--town", help="Whose card it is, as printed; the town's own brand unless told.")
@click.option("--locale", type=click.Choice(["nl", "fr", "en", "de"]), default="nl", show_default=True)
@click.option("--batch", help="A name by which these cards are found again.")
@json_option
def issue(count: int, pdf: Path | None, town: str | None, locale: str, batch: str | None, as_json: bool) -> None:
    """Make printed cards and print one a line. The claim codes are told this once."""
    from app.cards.codes import card_url
    from app.cards.print_sheet import PrintedCard, write_sheets
    from app.cards.service import issue_printed_cards
    from app.cli.running import running
    from app.common.branding import HUE, brand_of
    from app.merchants.logos import shop_colour

    with running() as here, progress("Cards", count) as advance:

        def issued() -> Iterator[PrintedCard]:
            for made in issue_printed_cards(here.scope, count, batch_name=batch, locale=locale):
                url = card_url(here.settings.host, made.number)
                facts = {
                    "card_id": made.card_id,
                    "member_id": made.member_id,
                    "number": made.number,
                    "claim_code": made.claim_code,
                    "url": url,
                }
                click.echo(json.dumps(facts) if as_json else f"{made.number}  {made.claim_code}  {url}")
                advance()
                yield PrintedCard(made.number, made.claim_code, url)

        if pdf is None:
            for _ in issued():
                pass
            return
        # Beside it and then renamed: a print shop never gets half a sheet. Opened first: no card is made in vain.
        half = pdf.with_name(f".{pdf.name}.{os.getpid()}")
        try:
            with half.open("wb") as file:
                brand = brand_of(here.scope.database)
                colour = None if brand.hue == HUE else shop_colour(brand.hue)
                write_sheets(file, issued(), town=town or brand.name, locale=locale, colour=colour)
            half.replace(pdf)
        finally:
            half.unlink(missing_ok=True)


@card.command()
@click.argument("number")
@json_option
def code(number: str, as_json: bool) -> None:
    """The card's rotating code of this moment, from an installation made for it (development and test only)."""
    from app.cards.queries import read_number
    from app.cli.development import current_code, refuse_in_production
    from app.cli.running import running

    with running() as here:
        refuse_in_production(here.settings)
        shown = current_code(here.scope, read_number(number), here.settings.host)
    report_to_programs({"code": shown}, as_json)
