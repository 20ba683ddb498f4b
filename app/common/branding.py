"""How the town's card is called and looks, as every part of the service reads it.

The newest version is kept in the process for some seconds: a scan must not pay for what changes once a year. Whoever
publishes a version forgets what was kept, so that the own process shows it at once.
"""

from __future__ import annotations

import json
import re
import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import structlog

from app.common.database import Database
from app.common.sql import Executor, Statement

NAME = "Zegel"
HUE = 25
KEPT_SECONDS = 15.0
MARK = "\ue000"  # for private use, so nobody's name holds it; see :func:`marked`
_KEPT = "brand"
_NAMED = re.compile(rf"\b{NAME}(?:kaart|-Karte)?\b")  # a Dutch or German compound would swallow the name
_log = structlog.get_logger("zegel.brand")

_NEWEST = Statement(
    """
    SELECT version, name, hue, sender_name, reply_to, support_address, former_hosts,
        logo_svg IS NOT NULL, logo_picture IS NOT NULL
    FROM platform_brand ORDER BY version DESC LIMIT 1
    """
)
_LOGO = Statement("SELECT logo_svg, logo_picture FROM platform_brand WHERE version = :version")


@dataclass(frozen=True, slots=True)
class Brand:
    """A version of the brand; 0 is the one that a new town begins with. ``logo``: ``svg``, ``picture`` or None for the
    seal. ``former_hosts`` are those in whose names cards were printed, beside the settings' own."""

    version: int = 0
    name: str = NAME
    hue: int = HUE
    logo: str | None = None
    sender_name: str | None = None
    reply_to: str | None = None
    support_address: str | None = None
    former_hosts: tuple[str, ...] = ()

    @property
    def is_own(self) -> bool:
        """Whether the town has chosen a name of its own."""
        return self.name != NAME

    def named(self, text: str) -> str:
        """A text of the platform's own with the town's name in it: what calls the card a Zegel card calls it so."""
        return _NAMED.sub(lambda _: self.name, text) if self.is_own else text

    def filled(self, text: str) -> str:
        """A text in which the town's name was :func:`marked`, with the name in its places."""
        return text.replace(MARK, self.name)


def marked(text: str) -> str:
    """A text of the platform's own with a mark where the town's name will stand. What is made far from the database
    (mails) marks its texts before it puts shops' and people's own words in them, which stay as they are."""
    return _NAMED.sub(MARK, text)


def brand_of(database: Database) -> Brand:
    """The brand in force. Never fails: where the database can't be asked it is the one that was read last."""
    known: tuple[Brand, float] = database.memory.get(_KEPT, (Brand(), 0.0))
    brand, until = known
    now = time.monotonic()
    if now < until:
        return brand
    try:
        brand = database.look(read_brand)
    except Exception:
        # Error pages ask too; and until a database is migrated its table is not there.
        _log.warning("brand_unreadable", exc_info=True)
    database.memory[_KEPT] = (brand, now + KEPT_SECONDS)
    return brand


def forget(database: Database) -> None:
    """Read the brand anew the next time."""
    database.memory.pop(_KEPT, None)


def read_brand(tx: Executor) -> Brand:
    """The brand in force, as the database has it."""
    rows = tx.rows(_NEWEST, {})
    return _brand(rows[0]) if rows else Brand()


def read_logo(tx: Executor, version: int) -> tuple[str | None, bytes | None]:
    """A version's logo: the drawing, or the picture as WebP, or neither."""
    rows = tx.rows(_LOGO, {"version": version})
    if not rows:
        return None, None
    svg, picture = rows[0]
    return svg, None if picture is None else bytes(picture)


def _brand(row: Sequence[Any]) -> Brand:
    version, name, hue, sender_name, reply_to, support_address, hosts, is_svg, is_picture = row
    told = json.loads(hosts) if isinstance(hosts, str) else hosts
    return Brand(
        version=int(version),
        name=str(name),
        hue=int(hue),
        logo="svg" if is_svg else "picture" if is_picture else None,
        sender_name=sender_name,
        reply_to=reply_to,
        support_address=support_address,
        former_hosts=tuple(str(host) for host in told),
    )
