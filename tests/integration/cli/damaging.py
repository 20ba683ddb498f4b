"""Ways in which a backup is damaged."""

import json
import zipfile
from pathlib import Path


def cut_off(file: Path) -> None:
    file.write_bytes(file.read_bytes()[:-200])


def flip(file: Path) -> None:
    """One byte of the largest part, with the zip's own checksum mended."""
    with zipfile.ZipFile(file) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    largest = max(parts, key=lambda name: len(parts[name]))
    content = bytearray(parts[largest])
    content[len(content) // 2] ^= 1
    parts[largest] = bytes(content)
    rewrite(file, parts)


def alter_manifest(file: Path) -> None:
    with zipfile.ZipFile(file) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    envelope = json.loads(parts["manifest.json"])
    envelope["manifest"]["counts"]["visit"] += 1
    parts["manifest.json"] = json.dumps(envelope).encode()
    rewrite(file, parts)


def no_manifest(file: Path) -> None:
    with zipfile.ZipFile(file) as archive:
        parts = {name: archive.read(name) for name in archive.namelist() if name != "manifest.json"}
    rewrite(file, parts)


def part_missing(file: Path) -> None:
    with zipfile.ZipFile(file) as archive:
        names = [name for name in archive.namelist() if name != "manifest.json"]
        parts = {name: archive.read(name) for name in archive.namelist() if name != names[0]}
    rewrite(file, parts)


def other_file(file: Path) -> None:
    file.write_text("not a backup")


def rewrite(file: Path, parts: dict[str, bytes]) -> None:
    with zipfile.ZipFile(file, "w") as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
