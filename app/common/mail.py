"""Mails, as others queue them. They rest in the outbox sealed, since they hold addresses and codes; the job runner
opens, sends and forgets them."""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from app.common import outbox
from app.common.keys import KeyRing
from app.common.sealing import seal, unseal
from app.common.sql import Executor

TOPIC = "mail"
LIFETIME = timedelta(days=3)
_PURPOSE = "mail"


@dataclass(frozen=True, slots=True)
class Mail:
    """One mail to one address; ``html`` is optional, ``text`` is always there."""

    to: str
    subject: str
    text: str
    html: str | None = None


def queue_mail(
    tx: Executor,
    data_keys: KeyRing,
    mail: Mail,
    *,
    now: datetime,
    until: datetime | None = None,
    merchant_id: str | None = None,
) -> str:
    """Queue a mail in the caller's transaction; it goes out within a second or two of the commit.

    ``data_keys`` is ``scope.keys.data``. After ``until`` (three days without it) it is not sent any more: give the end
    of the code that it carries. Returns the outbox message's id.
    """
    content = json.dumps({"to": mail.to, "subject": mail.subject, "text": mail.text, "html": mail.html})
    sealed = base64.b64encode(seal(data_keys, _PURPOSE, content.encode())).decode()
    end = (until if until is not None else now + LIFETIME).isoformat()
    payload = {"sealed": sealed, "until": end}
    return outbox.enqueue(tx, topic=TOPIC, payload=payload, merchant_id=merchant_id, now=now)


def open_mail(data_keys: KeyRing, payload: Mapping[str, Any]) -> tuple[Mail, datetime]:
    """The mail in an outbox message's payload, and until when it may be sent.

    Raises :class:`~app.common.sealing.UnreadableSecretError` where its key is gone or the row was altered.
    """
    content = json.loads(unseal(data_keys, _PURPOSE, base64.b64decode(payload["sealed"])))
    return Mail(**content), datetime.fromisoformat(payload["until"])
