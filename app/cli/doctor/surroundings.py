"""What stands around the database: keys, wallets, mail server, queue, disk, anchors."""

from __future__ import annotations

import shutil
import smtplib
import stat
from datetime import timedelta
from email.message import EmailMessage
from urllib.parse import urlsplit

import redis

from app.campaigns import vapid
from app.cards.passes import credentials
from app.cli.doctor.findings import FAIL, OK, WARN, Finding, Patient, ago
from app.common.ids import new_id
from app.common.mail import Mail
from app.jobs import mailing
from app.ledger import anchors

_TIMEOUT_SECONDS = 5
_PASSES_LEFT = timedelta(days=30)
_RENEW = "Get a new one from Apple, name it in APPLE_PASS_CERTIFICATE and APPLE_PASS_KEY, and start again."
_LEAST_FREE = 1 << 30


def keys(patient: Patient) -> Finding:
    """Three different secrets, kept where only their owner reads them, and every id that stored rows name."""
    rings = patient.settings.keys
    each = {"SECRET_KEY": rings.secret, "LEDGER_KEY": rings.ledger, "DATA_KEY": rings.data}
    known = [key for ring in each.values() for key in set(ring.keys.values())]
    if len(known) != len(set(known)):
        return Finding("keys", FAIL, "Two of the three keys are the same.", "Give each a secret of its own.")
    folder = patient.settings.var / "keys"
    if folder.exists():
        open_ = [path for path in (folder, *folder.iterdir()) if path.stat().st_mode & (stat.S_IRWXG | stat.S_IRWXO)]
        if open_:
            return Finding("keys", FAIL, "Others can read the keys.", f"chmod -R go-rwx {folder}")
    return Finding("keys", OK, f"Three keys; the active ids are {', '.join(ring.active for ring in each.values())}.")


def passes(patient: Patient) -> Finding:
    """Whether the certificate that signs Apple passes is in its time: over, and nobody is offered one."""
    signer = credentials.apple(patient.settings.apple_pass)
    kinds = [name for name, is_set in (("Apple", signer), ("Google", patient.settings.google_wallet)) if is_set]
    if signer is not None:
        until = signer.valid_until
        if not signer.is_valid_at(patient.now):
            return Finding("passes", FAIL, f"The Apple pass certificate was good until {until:%Y-%m-%d}.", _RENEW)
        if until - patient.now < _PASSES_LEFT:
            return Finding("passes", WARN, f"The Apple pass certificate ends on {until:%Y-%m-%d}.", _RENEW)
    return Finding("passes", OK, f"Cards go to the wallets of {' and '.join(kinds)}." if kinds else "No wallet is set.")


def pushes(patient: Patient) -> Finding:
    """Whether phones can be told while the app is closed."""
    if vapid.read(patient.settings.vapid) is not None:
        return Finding("pushes", OK, "Pushes are signed with a key of this service.")
    return Finding(
        "pushes",
        WARN,
        "Nothing is pushed: there is no key to sign with. Mail and the inbox in the app still tell members.",
        "Set VAPID_PRIVATE_KEY (openssl rand -base64 32) and VAPID_SUBJECT (mailto:…), and keep the key.",
    )


def mail(patient: Patient) -> Finding:
    """Whether the mail server lets us in; with an address to try, whether it takes a mail to it."""
    url = patient.settings.smtp_url
    if url is None:
        if patient.settings.is_production:
            return Finding("mail", FAIL, "No mail server is set: sign-in codes reach nobody.", "Set SMTP_URL.")
        return Finding("mail", OK, f"Mails are written to {patient.settings.var / 'outbox'}.")
    try:
        with mailing.connect(url) as server:
            code, _ = server.noop()
            if code != 250:
                raise mailing.MailServerError(f"it answers {code}")
            if patient.mail_to is not None:
                server.send_message(_trial(patient, patient.mail_to))
    except smtplib.SMTPRecipientsRefused as error:
        codes = ", ".join(str(code) for code, _ in error.recipients.values())
        return Finding("mail", FAIL, f"The mail server refuses {patient.mail_to} ({codes}).", "Try another address.")
    except smtplib.SMTPSenderRefused as error:
        told = f"The mail server refuses mails from {mailing.sender(patient.settings)} ({error.smtp_code})."
        return Finding("mail", FAIL, told, "Set MAIL_FROM to an address that this server may send from.")
    except (OSError, smtplib.SMTPException, mailing.MailServerError) as error:
        told = str(error) if isinstance(error, mailing.MailServerError) else type(error).__name__
        return Finding("mail", FAIL, f"The mail server does not let us in ({told}).", "Check SMTP_URL and the server.")
    told = f"{urlsplit(url).hostname} lets us in; mails come from {mailing.sender(patient.settings)}."
    if patient.mail_to is not None:
        told += f" It took a trial mail to {patient.mail_to}: see whether it arrives, and not among the spam."
    return Finding("mail", OK, told)


def _trial(patient: Patient, address: str) -> EmailMessage:
    told = Mail(
        to=address,
        subject=f"Trial mail from {urlsplit(patient.settings.public_url).hostname}",
        text="`zegel doctor --mail` sent this. Where you can read it, mails of this service arrive.",
    )
    return mailing.compose(patient.settings, told, message_id=new_id(), at=patient.now)


def queue(patient: Patient) -> Finding:
    """Whether Redis answers, where the jobs' queue is kept in one, and keeps what it is given."""
    url = patient.settings.redis_url
    if url is None:
        return Finding("queue", OK, "The jobs' queue is a file under var/.")
    server = redis.Redis.from_url(url, socket_timeout=_TIMEOUT_SECONDS, socket_connect_timeout=_TIMEOUT_SECONDS)
    try:
        server.ping()
        policy = str(dict(server.info("memory")).get("maxmemory_policy", "noeviction"))
    except redis.RedisError as error:
        told = f"Redis does not answer ({type(error).__name__})."
        return Finding("queue", FAIL, told, "Check REDIS_URL, and whether Redis runs.")
    finally:
        server.close()
    if policy != "noeviction":
        told = f"Redis may forget what waits in it when it is full ({policy})."
        return Finding("queue", WARN, told, "Set maxmemory-policy noeviction.")
    return Finding("queue", OK, "Redis answers, and keeps what it is given.")


def disk(patient: Patient) -> Finding:
    """Room for the database's log, a backup, and what comes."""
    folder = patient.settings.var
    while not folder.exists():
        folder = folder.parent
    free = shutil.disk_usage(folder).free
    told = f"{free / (1 << 30):.1f} GiB free under {patient.settings.var}."
    if free < _LEAST_FREE:
        return Finding("disk", patient.serious(), told, "Make room: a full disk stops every booking.")
    return Finding("disk", OK, told)


def anchored(patient: Patient) -> Finding:
    """Whether the anchors are as they were written, and how old the last one is."""
    folder = anchors.folder_of(patient.settings.var, patient.settings.database_url)
    try:
        last = anchors.last_written(folder, patient.settings.keys.ledger)
    except anchors.AnchorsAlteredError as error:
        return Finding(
            "anchors",
            FAIL,
            f"The anchors can't be trusted: {error}.",
            "Find out who changed them; compare with a copy, then run `zegel ledger verify`.",
        )
    if last is None:
        return Finding(
            "anchors", WARN, "No anchor was written yet.", "The jobs write one every night: are they running?"
        )
    state = OK if patient.now - last < timedelta(days=2) else WARN
    return Finding("anchors", state, f"The last anchor is from {ago(last, patient.now)}.", "Are the jobs running?")
