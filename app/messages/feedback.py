"""Refusals about feedback, complaints, ideas, clubs and events."""

from __future__ import annotations

from collections.abc import Mapping

from flask_babel import LazyString

SENTENCES: Mapping[str, LazyString] = {}
FIELDS: Mapping[str, LazyString] = {}
