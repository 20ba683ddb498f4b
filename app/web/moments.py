"""Moments as a person reads them: in the person's language, and in the zone that the page's door has found
(``g.timezone``, a shop's)."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

from babel.dates import format_date, format_datetime
from flask import g

from app.web import locale

_NO_SHOP = "Europe/Brussels"


def local_day(moment: datetime) -> str:
    """``28 November 2026``."""
    return str(format_date(moment.astimezone(_zone()).date(), format="long", locale=_locale()))


def local_moment(moment: datetime) -> str:
    """``28 Nov 2026, 14:05``."""
    return str(format_datetime(moment, format="d MMM y, HH:mm", tzinfo=_zone(), locale=_locale()))


def local_time(moment: datetime, timezone: str) -> str:
    """``14:05`` in a zone."""
    return str(format_datetime(moment, format="HH:mm", tzinfo=ZoneInfo(timezone), locale=_locale()))


def _zone() -> ZoneInfo:
    return ZoneInfo(g.get("timezone", _NO_SHOP))


def _locale() -> str:
    tongue = locale.language()
    return "en_GB" if tongue == "en" else tongue
