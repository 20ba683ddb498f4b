"""What a browser calls itself, in words that its person knows it by."""

from __future__ import annotations

_KINDS = (("Edg/", "Edge"), ("OPR/", "Opera"), ("Firefox/", "Firefox"), ("SamsungBrowser/", "Samsung Internet"))
_SYSTEMS = (
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Android", "Android"),
    ("Windows", "Windows"),
    ("CrOS", "ChromeOS"),
    ("Macintosh", "Mac"),
    ("Linux", "Linux"),
)


def browser_name(sent: str | None) -> str:
    """``Firefox, Windows`` of a User-Agent; its first words where it names nothing that is known."""
    told = sent or ""
    kind = next((name for mark, name in _KINDS if mark in told), None)
    if kind is None and "Chrome/" in told:
        kind = "Chrome"
    elif kind is None and "Safari/" in told:
        kind = "Safari"
    system = next((name for mark, name in _SYSTEMS if mark in told), None)
    parts = [part for part in (kind, system) if part is not None]
    return ", ".join(parts) or told[:40] or "?"
