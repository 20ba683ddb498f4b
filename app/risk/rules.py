"""The eight rules: what each looks at, in what its limits count, and what holds until somebody sets something else."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

HOUR = timedelta(hours=1)
DAY = timedelta(days=1)
FORTNIGHT = timedelta(days=14)
PAST = timedelta(days=90)  # how far limits are tried, how long a dismissal is remembered, what figures look back on


@dataclass(frozen=True, slots=True)
class Rule:
    """``soft`` and ``hard`` are what holds unless set; a hard limit of None refuses nothing. ``least`` is the smallest
    limit that may be set. ``window`` is what the soft limit looks at at once."""

    key: str
    soft: int
    least: int
    window: timedelta
    has_hard: bool = False


RULES: dict[str, Rule] = {
    rule.key: rule
    for rule in (
        # Visits of one card at one device within a day; the hard limit counts those within an hour.
        Rule("card_device", soft=4, least=2, window=DAY, has_hard=True),
        # Percent of a person's awards that go to one card; the hard limit counts awards to one card within a day.
        Rule("staff_card", soft=25, least=5, window=FORTNIGHT, has_hard=True),
        # Kilometres an hour between two shops.
        Rule("far_apart", soft=150, least=20, window=DAY),
        # Bookings that one person undid after something was given for them.
        Rule("reversed", soft=3, least=1, window=FORTNIGHT),
        # Awards at one device while its shop is shut.
        Rule("night", soft=3, least=1, window=timedelta(hours=12)),
        # Tries that missed, from one device, network or account; the tries' own limits refuse, sooner or later.
        Rule("guessing", soft=20, least=5, window=DAY),
        # Visits of one queue that no clock of a real day would have written.
        Rule("offline_clock", soft=8, least=4, window=DAY),
        # First-visit bonuses at one device within an hour, of cards that never came again.
        Rule("welcome", soft=5, least=2, window=HOUR),
    )
}
SHARE_LEAST = 8  # awards to one card, below which a share says nothing
FAR_LEAST_KM = 3.0
SHUT_SLACK = timedelta(minutes=60)  # before opening and after closing, somebody may still stand there
NIGHT = (0, 5)  # local hours, where opening hours are not known
CLOCK_OFF = timedelta(minutes=10)
EVEN_SECONDS = 3.0  # how much the gaps of a made-up queue differ at most
EVEN_LONGEST = timedelta(minutes=15)
