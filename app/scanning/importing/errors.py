"""What stops a whole import before it has changed anything."""

from __future__ import annotations


class ImportImpossibleError(Exception):
    """The file, its map or the shop can't be used at all. The message is one clear line."""
