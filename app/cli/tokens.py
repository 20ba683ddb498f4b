"""``zegel token``: tokens to try the API with, in development and tests only."""

from __future__ import annotations

import click

from app.cli.reporting import json_option, report_to_programs


@click.group()
def token() -> None:
    """Access tokens, for development and tests."""


@token.command("member")
@click.option("--card", "number", required=True, help="The number of one of the member's cards.")
@json_option
def member(number: str, as_json: bool) -> None:
    """A token with which the member app's calls can be made, for a quarter of an hour."""
    from app.cards.queries import read_number
    from app.cli.development import member_token, refuse_in_production
    from app.cli.running import running

    with running() as here:
        refuse_in_production(here.settings)
        report_to_programs({"access_token": member_token(here.scope, read_number(number))}, as_json)


@token.command("device")
@click.option("--location", required=True, help="The location's id.")
@json_option
def device(location: str, as_json: bool) -> None:
    """A token with which a tablet's calls can be made: it pairs a new device with the location."""
    from app.cli.development import device_token, refuse_in_production
    from app.cli.running import running
    from app.cli.shops import location_id

    with running() as here:
        refuse_in_production(here.settings)
        report_to_programs({"access_token": device_token(here.scope, location_id(location))}, as_json)
