"""``zegel ledger``: the proof that every balance follows from the rows, and that no row was touched."""

from __future__ import annotations

import json

import click

from app.cli.reporting import json_option, progress


@click.group()
def ledger() -> None:
    """The ledger's proof."""


@ledger.command()
@json_option
@click.pass_context
def verify(ctx: click.Context, as_json: bool) -> None:
    """Recompute every balance, lot and seal from the ledger's rows; exit code 1 on any difference."""
    from app.cli.running import running
    from app.ledger import anchors
    from app.ledger.verifying import verify as recompute

    with running() as here, progress("Verifying") as advance:
        folder = anchors.folder_of(here.settings.var, here.settings.database_url)
        try:
            anchored = anchors.read_heads(folder, here.settings.keys.ledger)
        except anchors.AnchorsAlteredError as error:
            raise click.ClickException(f"The anchors under {folder} are not as they were written: {error}") from None
        result = recompute(
            here.scope, anchored=anchored, on_progress=lambda done, total: advance(done=done, total=total)
        )
    if as_json:
        facts = {
            "transactions": result.transactions,
            "accounts": result.accounts,
            "mismatches": result.mismatches,
        }
        click.echo(json.dumps(facts, ensure_ascii=False))
    else:
        click.echo(f"{result.transactions} transactions, {result.accounts} accounts")
        for mismatch in result.mismatches:
            ids = " ".join(f"{name}={value}" for name, value in mismatch.items() if name not in ("kind", "detail"))
            click.echo(f"{mismatch['kind']}: {mismatch['detail']} {ids}", err=True)
        click.echo("Everything agrees." if not result.mismatches else f"{len(result.mismatches)} differences.")
    if result.mismatches:
        ctx.exit(1)
