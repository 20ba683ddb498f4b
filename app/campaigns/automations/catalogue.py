"""The ready automations: when each writes, to whom, and what may be left to a lot."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta

from app.campaigns.automations.settings import Settings
from app.campaigns.models import LEVELS, WAYS


@dataclass(frozen=True, slots=True)
class Ready:
    """A ready automation. ``level``: from which service level on it writes. ``is_marketing``: it wants a consent for
    this shop and counts against the caps; what it isn't belongs to the programme that the member joined.
    ``control_percent`` stay without it by lot, so that its effect can be told; 0 where that would take from somebody
    what was promised, or what is hers by custom. ``by_day``: it looks through the members once a local day, not after
    each visit. ``lasts``: after so long it is too late to send. ``least`` and ``most`` bound ``days``, or the
    ``hours`` of what follows a visit. ``facts`` may stand in braces in its words. ``ways`` can be
    chosen: what wants no consent comes where the member keeps her card, and by mail only where the programme promises
    it.
    """

    trigger: str
    level: str
    is_marketing: bool
    control_percent: int
    by_day: bool
    lasts: timedelta
    standard: Settings
    least: int = 0
    most: int = 0
    is_for_everybody: bool = False
    link: str | None = None
    facts: tuple[str, ...] = ("shop",)
    ways: tuple[str, ...] = WAYS

    def serves(self, level: str) -> bool:
        """Whether a group that is served at that level gets it."""
        return LEVELS.index(level) >= LEVELS.index(self.level)


_DAY = timedelta(days=1)
_CARDS = "#/wallet"
READY: Mapping[str, Ready] = {
    one.trigger: one
    for one in (
        Ready(
            "welcome",
            "basic",
            False,
            0,
            False,
            5 * _DAY,
            Settings(hours=2),
            most=72,
            link=_CARDS,
            ways=("inbox", "push"),
        ),
        Ready(
            "expiring",
            "basic",
            False,
            0,
            True,
            14 * _DAY,
            Settings(days=7, hour=10),
            least=3,
            most=60,
            is_for_everybody=True,
            link=_CARDS,
            facts=("shop", "lots"),
            ways=("inbox", "push", "email"),
        ),
        Ready(
            "nearly_full",
            "reactive",
            True,
            15,
            True,
            7 * _DAY,
            Settings(days=7, hour=None, pause_days=45),
            least=1,
            most=60,
            link=_CARDS,
            facts=("shop", "left", "reward"),
        ),
        Ready(
            "thanks",
            "accountable",
            False,
            0,
            False,
            3 * _DAY,
            Settings(hours=3, pause_days=60),
            most=72,
            link="#/me/feedback",
            ways=("inbox", "push"),
        ),
        Ready(
            "come_back",
            "proactive",
            True,
            15,
            True,
            7 * _DAY,
            Settings(days=45, hour=None, pause_days=30),
            least=0,
            most=120,
            link=_CARDS,
        ),
        Ready(
            "birthday", "proactive", True, 0, True, _DAY, Settings(days=365, hour=9), least=30, most=1095, link=_CARDS
        ),
        Ready(
            "anniversary",
            "proactive",
            True,
            0,
            True,
            2 * _DAY,
            Settings(days=180, hour=10),
            least=30,
            most=1095,
            link=_CARDS,
            facts=("shop", "years"),
        ),
        Ready(
            "tip",
            "proactive",
            True,
            10,
            True,
            7 * _DAY,
            Settings(days=1, hour=10, pause_days=14),
            least=1,
            most=60,
            link=_CARDS,
        ),
    )
}
"""By trigger, in the order in which a level adds them."""
STANDARD_LEVELS: Mapping[str, str] = {
    "stranger": "basic",
    "butterfly": "reactive",
    "barnacle": "accountable",
    "friend": "proactive",
}
"""How the four groups are best served, as long as nobody has chosen."""
STANDARD_WAYS = ("inbox", "push", "email")
