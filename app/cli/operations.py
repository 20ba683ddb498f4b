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

    from app.cli.backups.from_screen import make_asked
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
        runner = Runner(JobContext(here.settings, here.scope.database, back_up=make_asked), is_sole=False)
        runner.start()
        click.echo("The jobs are running.")
        ended.wait()
        runner.stop()


@click.command()
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--keep", type=click.IntRange(1), help="In a folder: delete all but so many of the newest.")
@json_option
def backup(file: Path, keep: int | None, as_json: bool) -> None:
    """Copy the whole database, as it is at this moment, to FILE. The service goes on meanwhile.

    Where FILE is a folder, the backup gets a name after its moment in it.

    The keys are not in it: without LEDGER_KEY it can't be restored, and without DATA_KEY the personal data in it can't
    be read by anybody. FILE itself is not encrypted: keep it as you keep the database, and the keys elsewhere.
    """
    import config
    from app.cli.backups import making
    from app.cli.backups.manifest import BackupError
    from app.common.clock import system_clock

    settings = config.load()
    now = system_clock()
    folder = file if file.is_dir() else None
    if keep is not None and folder is None:
        raise click.UsageError("--keep is for a folder: FILE names one backup.")
    if folder is not None:
        file = folder / making.NAMED.format(now)
    with progress("Copying") as advance:
        try:
            manifest = making.make(
                settings.database_url,
                file,
                settings.keys.ledger,
                now=now,
                progress=lambda done, total: advance(done=done, total=total),
            )
        except BackupError as error:
            raise click.ClickException(str(error)) from None
    making.remember(settings.var, file, manifest)
    gone = making.thin_out(folder, keep) if folder is not None and keep is not None else []
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
            "deleted": len(gone),
        },
        as_json,
    )
    if not as_json:
        click.echo("The keys are not in it. Keep them elsewhere: without LEDGER_KEY it can't be restored.")


@click.command()
@click.argument("file", type=click.Path(exists=True, path_type=Path))
@click.option("--drill", is_flag=True, help="Only try it: prove the backup beside the database, then throw it away.")
@json_option
def restore(file: Path, drill: bool, as_json: bool) -> None:
    """Put the backup FILE in the database's place, once it has proved to be whole.

    It is unpacked beside the database, brought to this version's tables, and its whole ledger is recomputed. Only then
    does it replace the database, which is kept under another name. Refused while the database is in use.

    With --drill the service may go on. A folder stands for the newest backup in it.
    """
    import config
    from app.cli.backups import making, restoring
    from app.cli.backups.manifest import BackupError
    from app.common.clock import system_clock

    settings = config.load()
    now = system_clock()
    if file.is_dir():
        newest = making.newest_in(file)
        if newest is None:
            raise click.ClickException(f"There is no backup in {file}.")
        file = newest
    with progress("Restoring") as advance:
        try:
            restored = restoring.restore(
                settings.database_url,
                settings.var,
                settings.keys,
                file,
                now=now,
                progress=lambda _, done, total: advance(done=done, total=total),
                is_drill=drill,
            )
        except BackupError as error:
            raise click.ClickException(f"{error} Nothing was replaced.") from None
    if drill:
        making.remember_drill(settings.var, file, made_at=restored.made_at, now=now)
        facts = {"drill": str(file), "made_at": restored.made_at}
        report({**facts, "transactions": restored.transactions, "accounts": restored.accounts}, as_json)
        return
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
@click.option("--mail", "mail_to", metavar="ADDRESS", help="Send a trial mail to this address too.")
@json_option
@click.pass_context
def doctor(ctx: click.Context, mail_to: str | None, as_json: bool) -> None:
    """Check the installation, line by line, and say what to do. Exit code 1 if anything fails."""
    import json

    from app.cli.doctor import examine
    from app.cli.doctor.findings import FAIL, OK

    findings = examine(mail_to=mail_to)
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
