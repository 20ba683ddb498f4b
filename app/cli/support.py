"""``zegel support``: where a mail server hands in what people ask."""

from __future__ import annotations

import sys

import click

from app.cli.reporting import json_option, report

_CHUNK = 1024 * 1024
TRY_LATER = 75  # EX_TEMPFAIL: the mail server keeps the mail and hands it in again


@click.group()
def support() -> None:
    """Questions of members and shops."""


@support.command("receive")
@json_option
def support_receive(as_json: bool) -> None:
    """Take in one mail (RFC 5322) from standard input: for a mail server's pipe, or fetchmail.

    Done with 0 whatever the mail is: what asks nothing (a bounce, an absence note) is left, and a mail that is handed
    in twice counts once. 75 where the database is away: the mail is to be handed in again.
    """
    from sqlalchemy.exc import SQLAlchemyError

    from app.cli.running import running
    from app.jobs.mailing import sender
    from app.support.reading import LARGEST
    from app.support.service import receive_mail

    raw = _read(LARGEST + 1)
    try:
        with running() as here:
            received = receive_mail(here.scope, raw, own_addresses=frozenset({_bare(sender(here.settings))}))
    except (SQLAlchemyError, OSError) as error:
        click.echo(f"The mail was not taken in: {type(error).__name__}. Hand it in again.", err=True)
        raise SystemExit(TRY_LATER) from None
    report(
        {
            "outcome": received.outcome,
            "number": received.number,
            **({"why": received.why} if received.why else {}),
        },
        as_json,
    )


def _read(most: int) -> bytes:
    """The beginning of standard input. The rest is read and thrown away: a pipe that is closed early is an error to
    whoever writes into it, and the mail would come back."""
    source = sys.stdin.buffer
    kept = source.read(most)
    while source.read(_CHUNK):
        pass
    return kept


def _bare(text: str) -> str:
    from email.utils import parseaddr

    return parseaddr(text)[1].lower()
