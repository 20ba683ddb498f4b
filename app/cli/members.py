"""``zegel members``: what shops see of their members, counted anew."""

from __future__ import annotations

import click

from app.cli.reporting import json_option, progress, report


@click.group()
def members() -> None:
    """What shops see of their members."""


@members.command()
@click.option("--merchant", "merchant_id", help="Of this merchant alone; of all unless told.")
@json_option
def rebuild(merchant_id: str | None, as_json: bool) -> None:
    """Count every member's figures anew from visits and accounts. They are kept up by themselves; this mends what was
    changed by hand, and changes nothing otherwise."""
    from app.cli.running import running
    from app.rewards.service.shop_members import rebuild as count

    with running() as here, progress("Counting") as advance:
        counted = count(here.scope, merchant_id, on_progress=lambda done, total: advance(done=done, total=total))
    report({"members": counted}, as_json)
