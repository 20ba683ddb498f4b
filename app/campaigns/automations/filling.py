"""Filling in what stands in braces in a shop's words. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from app.campaigns.automations.words import YEARS
from app.campaigns.wording import LOCALES, ending, units

_BRACES = re.compile(r"\{([a-z_]+)\}")
_ANY = re.compile(r"\{[^{}]*\}")


@dataclass(frozen=True, slots=True)
class Facts:
    """What is known at the moment of sending. ``left``: units to the full card, of the kind ``unit_kind``; ``lots`` as
    the message of units that end has them."""

    shop: str
    left: int | None = None
    unit_kind: str = "stamps"
    reward: Mapping[str, str] = field(default_factory=dict)  # names by language; "" for any
    years: int | None = None
    lots: Sequence[Mapping[str, Any]] = ()

    def words(self, tongue: str) -> dict[str, str]:
        """What each name in braces stands for in a language."""
        found = {"shop": self.shop}
        if self.left is not None:
            found["left"] = units(self.left, self.unit_kind, tongue)
        if self.reward:
            found["reward"] = self.reward.get(tongue) or self.reward.get("", "")
        if self.years is not None:
            one, more = YEARS[tongue]
            found["years"] = one if self.years == 1 else more.format(n=self.years)
        if self.lots:
            found["lots"] = ending(self.lots, tongue)
        return found


def filled(texts: Mapping[str, str], facts: Facts) -> dict[str, str]:
    """Texts by language with everything filled in, once: what is filled in may itself hold braces."""
    made = {}
    for tongue in LOCALES:
        text = texts.get(tongue)
        if text:
            known = facts.words(tongue)
            made[tongue] = _BRACES.sub(lambda found, known=known: known.get(found[1], ""), text).strip()  # type: ignore[misc]
    return made


def unknown(text: str, names: Sequence[str]) -> list[str]:
    """What stands in braces in a text and is none of these names."""
    return sorted({found for found in _ANY.findall(text) if found[1:-1] not in names})
