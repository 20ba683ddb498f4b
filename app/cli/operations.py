"""``zegel worker``, ``backup``, ``restore`` and ``doctor``: running the service from day to day."""

from __future__ import annotations

from pathlib import Path

import click

from app.cli.reporting import json_option, progress, report


@click.command()
@click.option("--retry", is_flag=True, help="First take up again what was given up after many tries.")
def worker(retry: bool) -> None:
    """Run the background jobs until SIGTERM: mails, webhooks, expiry, the ledger's daily proof.

    On PostgreSQL run one or more beside `zegel serve`. On SQLite `zegel serve` runs the jobs itself.
    """
    import signal
    import threading
    from types import FrameType

    from app.cli.running import running
    from app.common import logs, outbox
    from app.jobs.context import JobContext
    from app.jobs.runner import Runner

    ended = threading.Event()

    def end(_: int, __: FrameType | None) -> None:
        ended.set()

    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, end)
    with running() as here:
        logs.configure(here.settings.log_format)
        if here.settings.is_sqlite:
            click.echo("On SQLite `zegel serve` runs the jobs itself; a worker is needed only where it does not run.")
        if retry:
            scope = here.scope
            count = scope.run(lambda tx: outbox.unpark(tx, now=scope.now))
            click.echo(f"{count} messages are taken up again.")
        runner = Runner(JobContext(here.settings, here.scope.database), is_sole=False)
        runner.start()
        click.echo("The jobs are running.")
        ended.wait()
        runner.stop()


@click.command()
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
@json_option
def backup(file: Path, as_json: bool) -> None:
    """Copy the whole database, as it is at this moment, to FILE. The service goes on meanwhile.

    The keys are not in it: without LEDGER_KEY it can't be restored, and without DATA_KEY the personal data in it can't
    be read by anybody. FILE itself is not encrypted: keep it as you keep the database, and the keys elsewhere.
    """
    import config
    from app.cli.backups import making
    from app.cli.backups.manifest import BackupError
    from app.common.clock import system_clock

    settings = config.load()
    with progress("Copying") as advance:
        try:
            manifest = making.make(
                settings.database_url,
                file,
                settings.keys.ledger,
                now=system_clock(),
                progress=lambda done, total: advance(done=done, total=total),
            )
        except BackupError as error:
            raise click.ClickException(str(error)) from None
    making.remember(settings.var, file, manifest)
    report(
        {
            "file": str(file),
            "bytes": file.stat().st_size,
            "made_at": manifest.made_at,
            "schema_version": manifest.schema_version,
            "rows": sum(manifest.counts.values()),
            "accounts": manifest.counts["account"],
            "transactions": manifest.counts["ledger_transaction"],
            "heads_digest": manifest.heads_digest,
        },
        as_json,
    )
    if not as_json:
        click.echo("The keys are not in it. Keep them elsewhere: without LEDGER_KEY it can't be restored.")


@click.command()
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@json_option
def restore(file: Path, as_json: bool) -> None:
    """Put the backup FILE in the database's place, once it has proved to be whole.

    It is unpacked beside the database, brought to this version's tables, and its whole ledger is recomputed. Only then
    does it replace the database, which is kept under another name. Refused while the database is in use.
    """
    import config
    from app.cli.backups import restoring
    from app.cli.backups.manifest import BackupError
    from app.common.clock import system_clock

    settings = config.load()
    with progress("Restoring") as advance:
        try:
            restored = restoring.restore(
                settings.database_url,
                settings.var,
                settings.keys,
                file,
                now=system_clock(),
                progress=lambda _, done, total: advance(done=done, total=total),
            )
        except BackupError as error:
            raise click.ClickException(f"{error} Nothing was replaced.") from None
    report(
        {
            "made_at": restored.made_at,
            "transactions": restored.transactions,
            "accounts": restored.accounts,
            "former_database": restored.former,
            "anchors_set_aside": restored.anchors_set_aside,
        },
        as_json,
    )


@click.command()
@json_option
@click.pass_context
def doctor(ctx: click.Context, as_json: bool) -> None:
    """Check the installation, line by line, and say what to do. Exit code 1 if anything fails."""
    import json

    from app.cli.doctor import examine
    from app.cli.doctor.findings import FAIL, OK

    findings = examine()
    failed = [finding for finding in findings if finding.state == FAIL]
    if as_json:
        facts = {"ok": not failed, "checks": [finding.document() for finding in findings]}
        click.echo(json.dumps(facts, ensure_ascii=False))
    else:
        for finding in findings:
            click.echo(f"{finding.state:<4}  {finding.check:<11} {finding.told}")
            if finding.state != OK and finding.remedy:
                click.echo(f"{'':<18}{finding.remedy}")
    if failed:
        ctx.exit(1)
