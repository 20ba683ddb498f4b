"""What stands around the database: keys, certificate, mail server, backups, disk."""

from __future__ import annotations

import json
import shutil
import smtplib
import socket
import ssl
import stat
from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.parse import urlsplit

from app.campaigns import vapid
from app.cards.passes import credentials
from app.cli.backups.making import LAST
from app.cli.doctor.findings import FAIL, OK, WARN, Finding, Patient, ago
from app.common.sql import Statement
from app.jobs import mailing
from app.ledger import anchors

_TIMEOUT_SECONDS = 5
_CERTIFICATE_LEFT = timedelta(days=14)
_PASSES_LEFT = timedelta(days=30)
_RENEW = "Get a new one from Apple, name it in APPLE_PASS_CERTIFICATE and APPLE_PASS_KEY, and start again."
_BACKUP_WARN, _BACKUP_FAIL = timedelta(hours=26), timedelta(days=7)
_LEAST_FREE = 1 << 30
_LOOPBACK = {"127.0.0.1", "::1", "localhost"}
_SEAL_KEYS = Statement("SELECT DISTINCT seal_key FROM account")
# A wrapped key begins with a format byte, the length of its key's id, and the id.
_ID_LENGTHS = Statement("SELECT DISTINCT substr(wrapped, 2, 1) FROM member_key")
_DATA_KEYS = Statement(
    "SELECT DISTINCT substr(wrapped, 3, CAST(:length AS integer)) FROM member_key WHERE substr(wrapped, 2, 1) = :mark"
)


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


def key_ids(patient: Patient) -> Finding:
    """Whether the rings still hold every key that stored rows were made with."""
    rings = patient.settings.keys
    missing = {f"LEDGER_KEY {row[0]}" for row in patient.rows.rows(_SEAL_KEYS, {}) if row[0] not in rings.ledger.keys}
    for (mark,) in patient.rows.rows(_ID_LENGTHS, {}):
        length = bytes(mark)[0]
        for (key_id,) in patient.rows.rows(_DATA_KEYS, {"length": length, "mark": bytes(mark)}):
            name = bytes(key_id).decode("ascii", "replace")
            if name not in rings.data.keys:
                missing.add(f"DATA_KEY {name}")
    if missing:
        return Finding(
            "key-ids",
            FAIL,
            f"Rows were made with keys that are not set: {', '.join(sorted(missing))}.",
            "Add the old keys behind the present ones: LEDGER_KEY=k2:…,k1:…",
        )
    return Finding("key-ids", OK, "Every key that a row names is there.")


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


def tls(patient: Patient) -> Finding:
    """The certificate that phones see at PUBLIC_URL."""
    parts = urlsplit(patient.settings.public_url)
    host = parts.hostname or ""
    if parts.scheme == "http":
        if host in _LOOPBACK:
            return Finding("tls", OK, "This machine only: no certificate is needed.")
        return Finding(
            "tls", WARN, "PUBLIC_URL is not https: phones give no camera.", "Put TLS in front, or `make run LAN=1`."
        )
    try:
        with (
            socket.create_connection((host, parts.port or 443), _TIMEOUT_SECONDS) as connection,
            ssl.create_default_context().wrap_socket(connection, server_hostname=host) as secure,
        ):
            certificate = secure.getpeercert() or {}
    except ssl.SSLError as error:
        why = error.verify_message if isinstance(error, ssl.SSLCertVerificationError) else error.reason
        return Finding("tls", FAIL, f"{host}'s certificate is not good: {why}.", "Renew it, or mend its chain.")
    except OSError:
        return Finding("tls", WARN, f"{host} can't be reached from here.", "Look at it from outside: is it serving?")
    end = datetime.fromtimestamp(ssl.cert_time_to_seconds(str(certificate["notAfter"])), UTC)
    if end - patient.now < _CERTIFICATE_LEFT:
        return Finding(
            "tls", WARN, f"The certificate ends on {end:%Y-%m-%d}.", "Renew it, and have that done by itself."
        )
    return Finding("tls", OK, f"{host}'s certificate is good until {end:%Y-%m-%d}.")


def mail(patient: Patient) -> Finding:
    """Whether the mail server lets us in."""
    url = patient.settings.smtp_url
    if url is None:
        if patient.settings.is_production:
            return Finding("mail", FAIL, "No mail server is set: sign-in codes reach nobody.", "Set SMTP_URL.")
        return Finding("mail", OK, f"Mails are written to {patient.settings.var / 'outbox'}.")
    try:
        server = mailing.connect(url)
        server.quit()
    except (OSError, smtplib.SMTPException, mailing.MailServerError) as error:
        told = str(error) if isinstance(error, mailing.MailServerError) else type(error).__name__
        return Finding("mail", FAIL, f"The mail server does not let us in ({told}).", "Check SMTP_URL and the server.")
    return Finding(
        "mail", OK, f"{urlsplit(url).hostname} lets us in; mails come from {mailing.sender(patient.settings)}."
    )


def backup(patient: Patient) -> Finding:
    """How old the last backup is."""
    remedy = "Run `zegel backup FILE` every night, and keep FILE on another machine."
    try:
        last = json.loads((patient.settings.var / LAST).read_text())
        at, file = datetime.fromisoformat(last["at"]), Path(last["file"])
    except FileNotFoundError:
        return Finding("backup", patient.serious(), "No backup was ever made here.", remedy)
    except (OSError, ValueError, KeyError, TypeError):
        return Finding("backup", WARN, "The note of the last backup can't be read.", remedy)
    age = patient.now - at
    told = f"The last backup is from {ago(at, patient.now)}: {file}."
    if age > _BACKUP_FAIL:
        return Finding("backup", patient.serious(), told, remedy)
    if age > _BACKUP_WARN:
        return Finding("backup", WARN, told, remedy)
    if not file.exists():
        return Finding("backup", OK, f"{told} It has been moved since.")
    return Finding("backup", OK, told)


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
