"""``zegel device`` and ``zegel key``: what acts at a shop."""

from __future__ import annotations

from typing import Any

import click

from app.cli.reporting import json_option, report
from app.cli.shops import location_id


@click.group()
def device() -> None:
    """Tablets at the counter."""


@device.command("pair-code")
@click.option("--location", required=True, help="The location's id.")
@click.option("--at", "address", help="Where the tablet reaches this service; PUBLIC_URL unless told.")
@json_option
def pair_code(location: str, address: str | None, as_json: bool) -> None:
    """Make a code that connects one tablet, once, within fifteen minutes.

    The address opens the tablet's page with the code filled in; as a QR it is read by the tablet's own camera, or by
    the page that asks for the code.
    """
    from app.cli.lan import picture
    from app.cli.running import running
    from app.merchants.service import create_pairing_code

    with running() as here:
        made = create_pairing_code(here.scope, location_id(location))
        # After the hash: a browser keeps that part to itself, so that the code reaches no log.
        url = f"{(address or here.settings.public_url).rstrip('/')}/tablet#pair={made.code}"
        report(
            {
                "pairing_code": made.code if as_json else made.shown,
                "expires_at": made.expires_at.isoformat().replace("+00:00", "Z"),
                "url": url,
            },
            as_json,
        )
        if not as_json:
            click.echo(picture(url))


@device.command("write-off")
@click.argument("device_id")
@click.option("--reason", required=True, help="What became of it; kept in the audit trail.")
@click.option("--missing-only", is_flag=True, help="Only give up what is missing of its queue; the tablet goes on.")
@json_option
def write_off(device_id: str, reason: str, missing_only: bool, as_json: bool) -> None:
    """Give up a lost tablet, with what its queue still held.

    Its token is refused from now on, and the vouchers that phones had reserved for it are free again: what it gave
    without a network and never told can then be redeemed once more. Only for a tablet that will not come back.
    """
    from app.cli.running import running
    from app.common.errors import NotFoundError
    from app.common.ids import is_id
    from app.scanning.service import write_off_device, write_off_missing

    wanted = device_id.strip().lower()
    if not is_id(wanted):
        raise NotFoundError
    with running() as here:
        act = write_off_missing if missing_only else write_off_device
        given_up = act(here.scope, wanted, reason=reason)
        report(
            {
                "device_id": given_up.device_id,
                "name": given_up.name,
                "missing": [list(run) for run in given_up.missing],
                "released": given_up.released,
                "written_off_at": given_up.written_off_at
                and given_up.written_off_at.isoformat().replace("+00:00", "Z"),
            },
            as_json,
        )


@click.group()
def key() -> None:
    """API keys for tills."""


@key.command("add")
@click.option("--location", required=True, help="The location's id.")
@click.option("--name", default="API key", show_default=True, help="What it is for.")
@click.option("--scope", "scopes", type=click.Choice(["approve"]), multiple=True, help="What it may do beside earning.")
@click.option("--sandbox", is_flag=True, help="Books nothing real; comes with three test cards.")
@json_option
def key_add(location: str, name: str, scopes: tuple[str, ...], sandbox: bool, as_json: bool) -> None:
    """Make a key that may call /pos for one location. It is shown this once."""
    from app.cards.codes import card_url
    from app.cli.running import running
    from app.merchants.service import create_key
    from app.rewards.sandbox import create_sandbox_key

    with running() as here:
        if not sandbox:
            made = create_key(here.scope, location_id(location), name=name, scopes=scopes)
            report({"device_id": made.device_id, "location_id": made.location_id, "api_key": made.token}, as_json)
            return
        tried = create_sandbox_key(here.scope, location_id(location), name=name, scopes=scopes)
        facts: dict[str, Any] = {
            "device_id": tried.key.device_id,
            "merchant_id": tried.key.merchant_id,
            "location_id": tried.key.location_id,
            "api_key": tried.key.token,
        }
        if as_json:
            facts["cards"] = [
                {"card_id": card.card_id, "number": card.number, "url": card_url(here.settings.host, card.number)}
                for card in tried.cards
            ]
        else:
            facts["test_cards"] = [card.number for card in tried.cards]
        report(facts, as_json)
