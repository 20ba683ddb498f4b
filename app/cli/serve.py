"""``zegel serve``: the service over HTTP, with the job runner beside it where there is one process."""

from __future__ import annotations

import socket
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from flask import Flask

PORT = 8000


@click.command()
@click.option("--host", help="Where to listen; 127.0.0.1, or with --lan every address, unless told.")
@click.option("--port", type=click.IntRange(1, 65535), default=PORT, show_default=True)
@click.option("--workers", type=click.IntRange(1, 256), help="Processes, on PostgreSQL; SQLite has one that writes.")
@click.option("--lan", is_flag=True, help="Serve the local network over HTTPS, for a phone's camera.")
def serve(host: str | None, port: int, workers: int | None, lan: bool) -> None:
    """Serve in production mode until SIGTERM, then answer what is under way and stop."""
    import os
    import tempfile

    import config
    from app.cli import serving
    from app.cli.lan import address, certificate, picture

    settings = config.load()
    pair = None
    url = f"http://{host or '127.0.0.1'}:{port}"
    if lan:
        here = host or address()
        url = f"https://{here}:{port}"
        # The workers read the same environment: the cards' codes must name the address that phones can reach, and
        # those that were printed for the old one stay good.
        os.environ["FORMER_HOSTS"] = ",".join(filter(None, (os.environ.get("FORMER_HOSTS"), settings.host)))
        os.environ["PUBLIC_URL"] = url
        pair = certificate(Path(settings.var) / "lan", here, datetime.now(UTC))
    processes = serving.processes_for(settings.database_url, workers)
    listens_on = host or ("0.0.0.0" if lan else "127.0.0.1")  # noqa: S104  asked for by --lan
    refuse_if_taken(listens_on, port)
    if processes > 1:
        # Each worker counts into a file of its own; whichever is asked for /metrics adds them up.
        counts = tempfile.TemporaryDirectory(prefix="zegel-metrics-")
        os.environ.setdefault("PROMETHEUS_MULTIPROC_DIR", counts.name)

    def ready() -> None:
        click.echo(f"Zegel listens on {url} ({'SQLite' if settings.is_sqlite else 'PostgreSQL'}, {processes} workers).")
        click.echo(f"The member's app: {url}/ · the tablet: {url}/tablet · the API's documentation: {url}/api/docs")
        if lan:
            click.echo(picture(f"{url}/tablet"))

    serving.serve(
        "wsgi:app",
        host=listens_on,
        port=port,
        processes=processes,
        certificate=pair,
        beside=start_jobs if settings.is_sqlite else None,
        ready=ready,
    )


def refuse_if_taken(host: str, port: int) -> None:
    """Raises a clear line when somebody listens there already.

    The server's own sockets may share a port among its workers, and would share it with a stranger's too; on SQLite
    that would be a second process that writes.
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            raise click.ClickException(
                f"{host}:{port} can't be used ({error.strerror}): stop what listens there, or name another --port."
            ) from None


def start_jobs(flask_app: Flask) -> Callable[[], None]:
    """Runs in the serving process: starts the job runner's threads on the application's own database, and gives how to
    stop them."""
    from app.cli.backups.from_screen import make_asked
    from app.extensions import platform
    from app.jobs.context import JobContext
    from app.jobs.runner import Runner

    with flask_app.app_context():
        here = platform()
    runner = Runner(JobContext(here.settings, here.database, here.clock, back_up=make_asked), is_sole=True)
    runner.start()
    return runner.stop
