"""Anchors: the heads of all accounts' chains, written outside the database once a day, so that a tail that was cut off,
or a ledger that was put back to an older state, is found even when every remaining row is in order.

A file holds the heads that changed since the file before it, names that file's digest, and ends with a keyed digest of
its own (``LEDGER_KEY``). So a line that was changed and a file that was taken away are both found.
"""

from __future__ import annotations

import gzip
import hashlib
import hmac
import json
import os
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import make_url

from app.common.keys import KeyRing
from app.common.scope import Scope
from app.common.sql import Statement
from app.common.types import decode_time

FOLDER = "anchors"  # under var/, with a folder for each database
_PURPOSE = b"anchor file"
_STEP = 20_000
# A booking's moment is taken before it is committed: what was still under way at the last anchor is taken along.
_OVERLAP = timedelta(hours=1)
_CHANGED = Statement(
    """
    SELECT id, seq, chain FROM account WHERE updated_at >= :since AND id > :after ORDER BY id LIMIT :step
    """
)
_FIRST = "00000000-0000-0000-0000-000000000000"
_BEGINNING = decode_time("2000-01-01 00:00:00.000000")

Heads = dict[str, tuple[int, str]]


class AnchorsAlteredError(Exception):
    """An anchor file was changed, cut off or taken away, or its ledger key is not in the ring."""


@dataclass(frozen=True, slots=True)
class Anchored:
    """What one run wrote: the file, how many heads, and its digest."""

    path: Path
    heads: int
    digest: str


def folder_of(var: Path, database_url: str) -> Path:
    """Where the anchors of one database are kept: two that share ``var`` never take each other's ledger for their own.

    The folder is named after the database, with a digest of where it is (never of its password).
    """
    url = make_url(database_url)
    place = f"{url.get_backend_name()}:{url.host or ''}:{url.port or ''}:{url.database or ''}"
    name = re.sub(r"[^a-z0-9]+", "-", Path(url.database or "").stem.lower()).strip("-")
    return var / FOLDER / f"{name}-{hashlib.sha256(place.encode()).hexdigest()[:8]}"


def write(scope: Scope, folder: Path) -> Anchored:
    """Write the heads that changed since the last file to ``folder/YYYY-MM-DD.jsonl.gz``.

    The file appears whole or not at all. A repeat on the same day replaces that day's file by one that holds its heads
    and the newer ones. Raises :class:`AnchorsAlteredError` where an earlier file is not as it was written.
    """
    now = scope.now
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    path = folder / f"{now:%Y-%m-%d}.jsonl.gz"
    ring = scope.keys.ledger
    earlier = [each for each in _files(folder) if each.name < path.name]
    heads: Heads = {}
    previous = _File.read(earlier[-1], ring) if earlier else None
    since = previous.at - _OVERLAP if previous is not None else _BEGINNING
    if path.exists():
        today = _File.read(path, ring)
        heads.update(today.heads)
        since = today.at - _OVERLAP
    with scope.reading() as tx:
        after = _FIRST
        while rows := tx.rows(_CHANGED, {"since": since, "after": after, "step": _STEP}):
            heads.update((row[0], (row[1], bytes(row[2]).hex())) for row in rows)
            after = rows[-1][0]
    digest = _write(path, heads, at=now, previous=previous.digest if previous is not None else None, ring=ring)
    return Anchored(path, len(heads), digest)


def read_heads(path: Path, ring: KeyRing, *, until: datetime | None = None) -> Heads:
    """The last anchored head of each account, as ``{account_id: (seq, chain in hex)}``, from one file or a folder of
    them; empty where there is none. With ``until``, files of a folder that were written later are left out.

    Raises :class:`AnchorsAlteredError`.
    """
    heads: Heads = {}
    if path.is_file():
        return _File.read(path, ring).heads
    digest: str | None = None
    for each in _files(path):
        found = _File.read(each, ring)
        if found.previous != digest:
            raise AnchorsAlteredError(f"the file before {each.name} was changed or taken away")
        if until is not None and found.at > until:
            break
        heads.update(found.heads)
        digest = found.digest
    return heads


def head_on(folder: Path, ring: KeyRing, day: date, account_id: str) -> tuple[datetime, int, str] | None:
    """What the file of one day says of an account: when it was written, and the head as ``(seq, chain in hex)``; None
    where there is no such file, it is not as it was written, or the account did not change."""
    path = folder / f"{day.isoformat()}.jsonl.gz"
    if not path.is_file():
        return None
    try:
        found = _File.read(path, ring)
    except AnchorsAlteredError:
        return None
    head = found.heads.get(account_id)
    return None if head is None else (found.at, *head)


def last_written(folder: Path, ring: KeyRing) -> datetime | None:
    """When the last file was written; none where there is no file. Reads them all, and raises
    :class:`AnchorsAlteredError` where one is not as it was written."""
    read_heads(folder, ring)
    files = _files(folder)
    return _File.read(files[-1], ring).at if files else None


def set_aside(folder: Path, ring: KeyRing, *, since: datetime, name: str) -> list[Path]:
    """Move the files written at ``since`` or later into a folder of that name beside them, after the database was put
    back to an older state on purpose. Returns where they are now. Raises :class:`AnchorsAlteredError`."""
    later = [path for path in _files(folder) if _File.read(path, ring).at >= since]
    aside = folder / name
    if later:
        aside.mkdir(exist_ok=True, mode=0o700)
    return [path.rename(aside / path.name) for path in later]


def _files(folder: Path) -> list[Path]:
    return sorted(folder.glob("????-??-??.jsonl.gz"))


@dataclass(frozen=True, slots=True)
class _File:
    at: datetime
    previous: str | None
    heads: Heads
    digest: str

    @classmethod
    def read(cls, path: Path, ring: KeyRing) -> _File:
        altered = AnchorsAlteredError(f"{path.name} is not as it was written")
        try:
            lines = gzip.decompress(path.read_bytes()).splitlines(keepends=True)
            header, end = json.loads(lines[0]), json.loads(lines[-1])
            key = ring.keys.get(end["key_id"])
            if key is None:
                raise AnchorsAlteredError(f"the ledger key {end['key_id']} of {path.name} is not in the ring")
            if not hmac.compare_digest(_digest(key, b"".join(lines[:-1])), end["digest"]):
                raise altered
            heads: Heads = {}
            for line in lines[1:-1]:
                head = json.loads(line)
                heads[head["account_id"]] = (head["seq"], head["chain"])
            return cls(datetime.fromisoformat(header["at"]), header["previous"], heads, end["digest"])
        except (OSError, EOFError, ValueError, KeyError, IndexError, TypeError) as error:
            raise altered from error


def _lines(heads: Heads, at: datetime, previous: str | None) -> Iterator[bytes]:
    yield _line({"at": at.isoformat(), "previous": previous})
    for account_id in sorted(heads):
        seq, chain = heads[account_id]
        yield _line({"account_id": account_id, "seq": seq, "chain": chain})


def _line(document: dict[str, Any]) -> bytes:
    return json.dumps(document, separators=(",", ":")).encode() + b"\n"


def _write(path: Path, heads: Heads, *, at: datetime, previous: str | None, ring: KeyRing) -> str:
    content = b"".join(_lines(heads, at, previous))
    digest = _digest(ring.current, content)
    made = path.with_name(f".{path.name}.part")
    with made.open("wb") as file:
        file.write(gzip.compress(content + _line({"key_id": ring.active, "digest": digest}), mtime=0))
        file.flush()
        os.fsync(file.fileno())
    made.replace(path)
    return digest


def _digest(key: bytes, content: bytes) -> str:
    return hmac.digest(hmac.digest(key, _PURPOSE, "sha256"), content, "sha256").hex()
