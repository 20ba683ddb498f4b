"""How the service itself does, and what an administrator can do about it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, timedelta

from flask import Blueprint, abort, flash, redirect, send_file, url_for
from flask.typing import ResponseReturnValue
from flask_babel import LazyString, ngettext
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from markupsafe import Markup

from app import messages
from app.admin.doors import door, scope
from app.admin.pages import page, part
from app.admin.queries.health import find_backup, read_backups, read_health
from app.admin.service import health as acting
from app.admin.views import overview_words as words
from app.common.backup_runs import KEPT
from app.common.errors import DomainError
from app.extensions import platform
from app.web.charts import spark

blueprint = Blueprint("admin_health", __name__, template_folder="../templates")

# What to do where a job failed; all others are tried again by themselves and say why in their error.
REMEDIES: Mapping[str, LazyString] = {
    "verify-ledger": _l(
        "Change nothing. Run “zegel ledger verify” and keep what it says; then find out who wrote into the database,"
        " and restore the last good backup."
    ),
    "anchor-ledger": _l("Is the disk full, or the service's folder not its own? Make room, then it is tried again."),
    "billing": _l("Is Stripe reachable, and the key still good? It is tried again by itself."),
    "billing-compare": _l("Is Stripe reachable, and the key still good? It is tried again by itself."),
    "measure-database": _l("The disk may be failing: run “zegel doctor”."),
    "outbox": _l("Are the jobs running? On PostgreSQL start “zegel worker”, on SQLite “zegel serve” runs them."),
}
USUAL_REMEDY = _l("It is tried again ten minutes later. If it fails again, look at the log of the jobs, and tell us.")
LATE_REMEDY = _l("Is “zegel worker” running, or on SQLite “zegel serve”? Start it: what was missed is made up for.")


@door(blueprint, "/admin/health", right="operator")
def show() -> ResponseReturnValue:
    """Everything at a glance, what is wrong first."""
    told = read_health(scope(), platform().settings.var)
    now = scope().now
    oldest = told.backlog.oldest
    return page(
        "admin/health/health.html",
        here="health",
        told=told,
        age=None if oldest is None else duration(now - oldest),
        drawn=_drawn(told.sizes.days),
        remedy=remedy,
        late_remedy=LATE_REMEDY,
        duration=duration,
        outcome=outcome,
        words=words,
        now=now,
        kept=KEPT,
    )


@door(blueprint, "/admin/health/backups", right="operator")
def show_backups() -> ResponseReturnValue:
    """The backups alone, for the page to look again while one is made."""
    with scope().reading() as tx:
        backups = read_backups(tx, scope().now, platform().settings.var)
    return part(
        "admin/health/backups.html", backups=backups, words=words, duration=duration, kept=KEPT, now=scope().now
    )


@door(blueprint, "/admin/health/backups/new", right="administrator", methods=("POST",), is_fresh=True)
def ask_backup() -> ResponseReturnValue:
    """Have a backup made, beside the service."""
    try:
        acting.ask_backup(scope())
    except DomainError as error:
        flash(messages.sentence(error), "bad")
    else:
        flash(_("The backup begins in a moment. The service goes on meanwhile."), "good")
    return _back("backups")


@door(blueprint, "/admin/health/backups/<run_id>/file", right="administrator", methods=("POST",), is_fresh=True)
def take_backup(run_id: str) -> ResponseReturnValue:
    """Take a backup's file away. Who did so is noted before the first byte."""
    path = find_backup(scope(), run_id, platform().settings.var)
    if path is None:
        abort(404)
    acting.note_download(scope(), run_id, path.name)
    answer = send_file(path, mimetype="application/octet-stream", as_attachment=True, download_name=path.name)
    answer.headers["Cache-Control"] = "no-store"
    return answer


@door(blueprint, "/admin/health/letters/<message_id>/retry", right="administrator", methods=("POST",))
def retry(message_id: str) -> ResponseReturnValue:
    """Try a message that was given up once more."""
    try:
        acting.retry_message(scope(), message_id)
    except DomainError as error:
        flash(messages.sentence(error), "bad")
    else:
        flash(_("It is tried again, within seconds."), "good")
    return _back("letters")


@door(blueprint, "/admin/health/letters/<message_id>/drop", right="administrator", methods=("POST",), is_fresh=True)
def drop(message_id: str) -> ResponseReturnValue:
    """Give a message up for good."""
    try:
        acting.drop_message(scope(), message_id)
    except DomainError as error:
        flash(messages.sentence(error), "bad")
    else:
        flash(_("The message is dropped. It is never sent."), "good")
    return _back("letters")


def remedy(job: str) -> str:
    """What to do where this job failed."""
    return str(REMEDIES.get(job, USUAL_REMEDY))


def outcome(result: Mapping[str, object]) -> str:
    """What a job did, in its own words; what it counted as nothing is left out."""
    told = [
        f"{key.replace('_', ' ')} {value}" for key, value in result.items() if isinstance(value, int | str) and value
    ]
    return ", ".join(told) or _("nothing to do")


def duration(span: timedelta) -> str:
    """A span as a person says it: ``3 minutes``, ``19 hours``, ``4 days``."""
    seconds = max(0, int(span.total_seconds()))
    if seconds < 120:
        return str(ngettext("%(num)d second", "%(num)d seconds", seconds))
    if seconds < 2 * 3600:
        return str(ngettext("%(num)d minute", "%(num)d minutes", seconds // 60))
    if seconds < 48 * 3600:
        return str(ngettext("%(num)d hour", "%(num)d hours", seconds // 3600))
    return str(ngettext("%(num)d day", "%(num)d days", seconds // 86400))


def _drawn(days: Sequence[tuple[date, int]]) -> Markup:
    if len(days) < 2:
        return Markup()
    first, last = words.size(days[0][1]), words.size(days[-1][1])
    said = _("Size of the database, from %(first)s to %(last)s", first=first, last=last)
    return spark([taken for _day, taken in days], said)


def _back(anchor: str) -> ResponseReturnValue:
    return redirect(url_for("admin_health.show", _anchor=anchor), 303)
