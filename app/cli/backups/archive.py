"""A backup's file: a zip of the manifest and the parts, written under another name until it is whole."""

from __future__ import annotations

import hashlib
import os
import zipfile
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from app.cli.backups.manifest import NAME, BackupError, Part

BLOCK = 1 << 20
Told = Callable[[int], None]


class Writer:
    """Writes the parts one after the other."""

    def __init__(self, archive: zipfile.ZipFile) -> None:
        self._archive = archive
        self.parts: list[Part] = []

    def part(
        self, name: str, blocks: Iterable[bytes], *, table: str | None = None, columns: tuple[str, ...] = ()
    ) -> None:
        """Add a part from its content, block by block."""
        size, digest = 0, hashlib.sha256()
        with self._archive.open(name, "w", force_zip64=True) as stream:
            for block in blocks:
                stream.write(block)
                digest.update(block)
                size += len(block)
        self.parts.append(Part(name, size, digest.hexdigest(), table, columns))

    def manifest(self, content: bytes) -> None:
        """Add the manifest, at the end, when everything is known."""
        self._archive.writestr(NAME, content)


@contextmanager
def writing(target: Path) -> Iterator[Writer]:
    """Write a backup at ``target``, readable by its owner alone. It appears there whole, or not at all."""
    part = target.with_name(f".{target.name}.part")
    part.unlink(missing_ok=True)
    try:
        with os.fdopen(os.open(part, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600), "w+b") as file:
            with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED, compresslevel=3) as archive:
                yield Writer(archive)
            file.flush()
            os.fsync(file.fileno())
        part.replace(target)
        settle(target.parent)
    finally:
        part.unlink(missing_ok=True)


@contextmanager
def reading(source: Path) -> Iterator[zipfile.ZipFile]:
    """Open a backup. Raises :class:`BackupError` for a file that is none."""
    try:
        archive = zipfile.ZipFile(source)
    except (zipfile.BadZipFile, EOFError):
        raise BackupError(f"{source} is not a backup, or it was cut off.") from None
    with archive:
        yield archive


def manifest_of(archive: zipfile.ZipFile) -> bytes:
    """The stored manifest. Raises :class:`BackupError`."""
    try:
        return archive.read(NAME)
    except (KeyError, zipfile.BadZipFile, EOFError, OSError):
        raise BackupError("This file holds no manifest: it is not a backup, or it was cut off.") from None


def blocks_of(archive: zipfile.ZipFile, part: Part, told: Told) -> Iterator[bytes]:
    """A part's content. Raises :class:`BackupError` at its end where it is not what the manifest says."""
    digest, size = hashlib.sha256(), 0
    damaged = BackupError(f"{part.name} in the backup is damaged: use another backup.")
    try:
        with archive.open(part.name) as stream:
            for block in blocks(stream):
                digest.update(block)
                size += len(block)
                told(len(block))
                yield block
    except (KeyError, zipfile.BadZipFile, EOFError, OSError) as error:
        raise damaged from error
    if size != part.size or digest.hexdigest() != part.sha256:
        raise damaged


def blocks(stream: IO[bytes]) -> Iterator[bytes]:
    """A stream, in blocks of a mebibyte."""
    while block := stream.read(BLOCK):
        yield block


def settle(folder: Path) -> None:
    """Make a renaming in this folder outlive a power cut."""
    opened = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(opened)
    finally:
        os.close(opened)
