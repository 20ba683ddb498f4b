"""How a merchant wants its counters to work. Kept in the merchant's settings under ``counter``; what is not set there
is as :class:`CounterSettings` has it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields, replace
from typing import Any

from app.common.errors import InvalidError

KEY = "counter"
ROTATING_CODE = "rotating_code"
MEMBER_PIN = "member_pin"
STAFF_APPROVAL = "staff_approval"
WAYS = (ROTATING_CODE, MEMBER_PIN, STAFF_APPROVAL)

# Least and most of each number, in its own unit.
_RANGES = {"lock_after": (15, 24 * 3600), "kiosk_wait": (1, 31 * 24 * 60), "opening_units_most": (0, 100_000)}


@dataclass(frozen=True, slots=True)
class CounterSettings:
    """``sign_in``: nobody books on a tablet before signing in by PIN. ``lock_after``: seconds without a touch after
    which a tablet locks. ``approves``: what redeeming may be approved by, in the order of :data:`WAYS`.
    ``cashier_approves``: whether a cashier's approval is enough; else a manager's or owner's is needed. ``kiosk_wait``:
    minutes between two visits of one member at a kiosk. ``opening_units_most``: the most units of an old paper card
    that may be entered; None: one fewer than fill a stamp card, and no points. ``hints``: whether a tablet shows staff
    one line after a scan, of what is nearly reached or often taken together."""

    sign_in: bool = False
    lock_after: int = 300
    approves: tuple[str, ...] = WAYS
    cashier_approves: bool = True
    kiosk_wait: int = 240
    opening_units_most: int | None = None
    hints: bool = False


DEFAULT = CounterSettings()
_NAMES = tuple(field.name for field in fields(CounterSettings))


def counter_settings(settings: Mapping[str, Any]) -> CounterSettings:
    """The counter's part of a merchant's settings. A name that this version doesn't know is left aside."""
    kept = settings.get(KEY)
    if not kept:
        return DEFAULT
    known = {name: kept[name] for name in _NAMES if name in kept}
    if "approves" in known:
        known["approves"] = tuple(way for way in WAYS if way in known["approves"])
    return CounterSettings(**known)


def as_document(settings: CounterSettings) -> dict[str, Any]:
    """The settings as they are kept and told: ``approves`` as a list."""
    return {**asdict(settings), "approves": list(settings.approves)}


def changed(settings: CounterSettings, changes: Mapping[str, Any]) -> CounterSettings:
    """The settings with some of them changed. Raises :class:`InvalidError` for a name or value that can't be."""
    errors: dict[str, list[str]] = {}
    wanted: dict[str, Any] = {}
    for name, value in changes.items():
        if name not in _NAMES:
            errors[name] = ["unknown_field"]
        elif name == "approves":
            if isinstance(value, str) or not value or not set(value) <= set(WAYS):
                errors[name] = ["approves_expected"]
            else:
                wanted[name] = tuple(way for way in WAYS if way in value)
        elif name in _RANGES:
            least, most = _RANGES[name]
            if name == "opening_units_most" and value is None:
                wanted[name] = None
            elif not isinstance(value, int) or isinstance(value, bool) or not least <= value <= most:
                errors[name] = [f"{name}_expected"]
            else:
                wanted[name] = value
        elif not isinstance(value, bool):
            errors[name] = ["yes_or_no_expected"]
        else:
            wanted[name] = value
    if errors:
        raise InvalidError(errors=errors)
    return replace(settings, **wanted)
