"""``zegel mail``: what became of mails, for whoever reads what comes back."""

from __future__ import annotations

import click

from app.cli.reporting import json_option, report


@click.group()
def mail() -> None:
    """Mails that did not arrive."""


@mail.command("bounced")
@click.argument("address")
@click.option("--code", default="", help="What the other server said, such as 5.1.1.")
@json_option
def bounced(address: str, code: str, as_json: bool) -> None:
    """Note that a mail to ADDRESS came back. Of the address its domain alone is kept.

    For the script that reads the sender's mailbox; what a server refuses at once is noted by the jobs themselves.
    """
    from app.cli.running import running
    from app.common import bounces

    if "@" not in address.strip("@"):
        raise click.ClickException(f"{address!r} is not an address: write it as it stood in the mail.")
    with running() as here:
        scope = here.scope
        scope.run(lambda tx: bounces.note(tx, scope, address, how="returned", told=code))
    report({"domain": address.rpartition("@")[2].lower(), "noted": "returned"}, as_json)
