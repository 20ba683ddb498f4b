"""What Vite built: from an entry's name to the addresses of its scripts, styles and fonts."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

DIST = Path(__file__).parent / "static" / "dist"
ENTRIES = {
    "tablet": "tablet/main.ts",
    "member": "member/main.ts",
    "api-docs": "docs/main.ts",
    "office": "office/main.ts",
    "admin": "admin/main.ts",
    "pages": "../app/web/styles/pages.css",
}


class FrontEndNotBuiltError(Exception):
    """The front end was not built on this machine."""

    def __init__(self) -> None:
        super().__init__("The front end is not built. Run 'make build', or 'npm ci && npm run build' in frontend/.")


@dataclass(frozen=True, slots=True)
class Entry:
    """File names under ``dist/`` that a page needs, in the order in which they are named there."""

    script: str | None
    styles: tuple[str, ...]
    fonts: tuple[str, ...]


def entry(name: str, dist: Path | None = None) -> Entry:
    """The files of an entry of ``ENTRIES``, in ``dist`` or where Vite puts them. A new build is seen without a restart.

    Raises :class:`FrontEndNotBuiltError` where there is no build or it lacks the entry, KeyError for another name.
    """
    source = ENTRIES[name]
    path = (dist or DIST) / "manifest.json"
    try:
        built_at = path.stat().st_mtime_ns
    except OSError:
        raise FrontEndNotBuiltError from None
    manifest = _manifest(path, built_at)
    if source not in manifest:
        raise FrontEndNotBuiltError
    return _entry(manifest, source)


def _entry(manifest: Mapping[str, Any], source: str) -> Entry:
    found = manifest[source]
    # An imported chunk's styles come first: the entry may overrule them.
    imported = [_entry(manifest, name) for name in found.get("imports", ())]
    styles = [style for one in imported for style in one.styles] + list(found.get("css", ()))
    is_style = found["file"].endswith(".css")
    if is_style:
        styles.append(found["file"])
    fonts = [font for one in imported for font in one.fonts]
    fonts += [asset for asset in found.get("assets", ()) if asset.endswith(".woff2")]
    return Entry(
        script=None if is_style else found["file"],
        styles=tuple(dict.fromkeys(styles)),
        fonts=tuple(dict.fromkeys(fonts)),
    )


def chunk(source: str, dist: Path | None = None) -> str | None:
    """The file that holds a part which is loaded later, by its path under ``frontend/``; None where there is none."""
    path = (dist or DIST) / "manifest.json"
    try:
        found = _manifest(path, path.stat().st_mtime_ns).get(source)
    except (OSError, FrontEndNotBuiltError):
        return None
    return str(found["file"]) if found else None


def service_worker(name: str, dist: Path | None = None) -> str:
    """The service worker of a client (``tablet`` or ``member``), as Vite built it. Raises
    :class:`FrontEndNotBuiltError` where there is no build."""
    try:
        return ((dist or DIST) / f"{name}.sw.js").read_text(encoding="utf-8")
    except OSError:
        raise FrontEndNotBuiltError from None


@lru_cache(maxsize=4)
def _manifest(path: Path, built_at: int) -> Mapping[str, Any]:
    del built_at  # only so that a new build is read anew
    try:
        manifest: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        raise FrontEndNotBuiltError from None
    return manifest
