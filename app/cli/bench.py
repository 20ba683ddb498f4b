"""``zegel bench``: the service measured against floors, in the same run on the same machine."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import click

from app.cli.reporting import json_option, progress

_DATABASES = ("sqlite", "postgresql")
_MEASURES = (
    "visits",
    "merchants",
    "import",
    "reads",
    "shops",
    "answer",
    "office",
    "insights",
    "decoding",
    "start",
    "audit",
    "models",
)


@click.command()
@click.option("--quick", is_flag=True, help="A minute or two, for a rough figure.")
@click.option("--database", "databases", type=click.Choice(_DATABASES), multiple=True, help="Both unless told.")
@click.option("--only", type=click.Choice(_MEASURES), multiple=True, help="All unless told.")
@json_option
def bench(quick: bool, databases: tuple[str, ...], only: tuple[str, ...], as_json: bool) -> None:
    """Measure recording visits, one busy merchant, imports, reads and finding shops against their floors; the back
    office of a very large shop against a small one's; refreshing what members are worth; the tablet in a browser:
    reading codes beside other decoders, answering, starting; the members' app and the public pages by Lighthouse; and
    the models of customer value on real histories.

    Makes databases of its own and drops them: SQLite files in the temporary folder, and on the PostgreSQL server that
    TEST_DATABASE_URL names (a local one unless told) new databases. Yours is not touched.
    """
    if not (Path(__file__).parents[2] / "benchmarks").is_dir():
        raise click.ClickException("This installation has no benchmarks/: run it in a clone of the project.")
    from benchmarks import suite

    kinds, names = databases or _DATABASES, only or _MEASURES
    effort = suite.QUICK if quick else suite.FULL
    # The browser's own measures need no database, and are taken once.
    rounds = [(kind, name) for kind in kinds for name in names if name not in suite.ONCE]
    rounds += [("browser", name) for name in names if name in suite.ONCE]
    told: dict[str, dict[str, Any]] = {}
    with progress("Measuring", len(rounds)) as advance:
        for kind, name in rounds:
            told.setdefault(kind, {}).update(suite.measure(kind, [name], effort))
            advance()
    if as_json:
        click.echo(json.dumps(told))
        return
    for kind, figures in told.items():
        click.echo(f"{kind}")
        for name, facts in figures.items():
            click.echo(f"  {(suite.MEASURES | suite.ONCE)[name][0]}")
            for fact, value in facts.items():
                click.echo(f"    {fact.replace('_', ' ')}: {value}")
        for goal in suite.goals(figures):
            click.echo(f"  {'reached' if goal.is_reached else 'MISSED '}  {goal.name}: {goal.figure} ({goal.bound})")
