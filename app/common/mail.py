"""Mails, as others queue them. They rest in the outbox sealed, since they hold addresses and codes; the job runner
opens, sends and forgets them."""

from __future__ import annotations

import base64
import email
import email.policy
import json
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from app.common import outbox
from app.common.branding import Brand
from app.common.keys import KeyRing
from app.common.sealing import UnreadableSecretError, seal, unseal
from app.common.sql import Executor, Statement

TOPIC = "mail"
LIFETIME = timedelta(days=3)
FOLDER = "outbox"  # under var/: where mails are written while no mail server is set
_PURPOSE = "mail"
_WAITING = Statement("SELECT id, payload FROM outbox WHERE topic = 'mail' AND done_at IS NULL")
_FORGET = Statement("UPDATE outbox SET payload = '{}', last_error = NULL, done_at = :now WHERE id = :id")


@dataclass(frozen=True, slots=True)
class Mail:
    """One mail to one address; ``html`` is optional, ``text`` is always there. ``headers`` come on top of the usual.
    ``files``: PDFs that go with it, by name, in base64."""

    to: str
    subject: str
    text: str
    html: str | None = None
    headers: Mapping[str, str] = field(default_factory=dict)
    files: Mapping[str, str] = field(default_factory=dict)


def queue_mail(
    tx: Executor,
    data_keys: KeyRing,
    mail: Mail,
    *,
    now: datetime,
    until: datetime | None = None,
    merchant_id: str | None = None,
    member_id: str | None = None,
) -> str:
    """Queue a mail in the caller's transaction; it goes out within a second or two of the commit.

    ``data_keys`` is ``scope.keys.data``. After ``until`` (three days without it) it is not sent any more: give the end
    of the code that it carries. ``member_id``: whom it tells about, so that it goes with her when she leaves, also
    where it goes to an address that is no longer hers. Returns the outbox message's id.
    """
    told: dict[str, Any] = {"to": mail.to, "subject": mail.subject, "text": mail.text, "html": mail.html}
    content = json.dumps({**told, "headers": dict(mail.headers), "files": dict(mail.files)})
    sealed = base64.b64encode(seal(data_keys, _PURPOSE, content.encode())).decode()
    end = (until if until is not None else now + LIFETIME).isoformat()
    payload = {"sealed": sealed, "until": end}
    if member_id is not None:
        payload["member_id"] = member_id
    return outbox.enqueue(tx, topic=TOPIC, payload=payload, merchant_id=merchant_id, now=now)


def open_mail(data_keys: KeyRing, payload: Mapping[str, Any], brand: Brand | None = None) -> tuple[Mail, datetime]:
    """The mail in an outbox message's payload, and until when it may be sent. ``brand`` is the town's, whose name takes
    the places that were marked for it.

    Raises :class:`~app.common.sealing.UnreadableSecretError` where its key is gone or the row was altered.
    """
    content = json.loads(unseal(data_keys, _PURPOSE, base64.b64decode(payload["sealed"])))
    brand = brand or Brand()
    content.update({part: brand.filled(content[part]) for part in ("subject", "text", "html") if content[part]})
    return Mail(**content), datetime.fromisoformat(payload["until"])


def forget_mails(
    tx: Executor, data_keys: KeyRing, *, addresses: Collection[str], member_ids: Collection[str], now: datetime
) -> int:
    """Throw away, in the caller's transaction, what waits to be sent to these addresses or tells about these members:
    somebody has left. Returns how many mails that were. ``addresses`` are in small letters."""
    forgotten = 0
    for message_id, payload in tx.rows(_WAITING, {}):
        told = json.loads(payload) if isinstance(payload, str) else payload
        if told.get("member_id") in member_ids or _address(data_keys, told) in addresses:
            forgotten += tx.run(_FORGET, {"id": message_id, "now": now})
    return forgotten


def remove_written(folder: Path, *, addresses: Collection[str], member_ids: Collection[str]) -> int:
    """Remove the files of mails to these addresses, or about these members. Returns how many. A folder that isn't there
    holds none; a repeat removes nothing more."""
    removed = 0
    for path in sorted(folder.glob("*.eml")):
        is_about = any(member_id in path.name for member_id in member_ids)
        if is_about or _written_to(path) in addresses:
            path.unlink(missing_ok=True)
            removed += 1
    return removed


def file_name(message_id: str, payload: Mapping[str, Any]) -> str:
    """How the file of a mail is called: after its message, and whom it tells about."""
    return "-".join([message_id, *([payload["member_id"]] if payload.get("member_id") else [])])


def _address(data_keys: KeyRing, payload: Mapping[str, Any]) -> str | None:
    try:
        return open_mail(data_keys, payload)[0].to.lower()
    except (UnreadableSecretError, KeyError):
        return None  # nobody can read it any more, so nothing of the person is in it


def _written_to(path: Path) -> str:
    try:
        composed = email.message_from_bytes(path.read_bytes(), policy=email.policy.default)
    except FileNotFoundError:
        return ""  # another process was faster
    return str(composed["To"] or "").lower()
