"""The simulator: a draft of rules run over visits that were made, by the one evaluator, beside the rules that hold."""

from app.rewards.simulator.figures import Figures, Tally, unit_worth, worth_of
from app.rewards.simulator.reading import DAYS, Reader
from app.rewards.simulator.replay import Event, Line, Past, replay
from app.rewards.simulator.typical import TRADES, typical_year

__all__ = [
    "DAYS",
    "TRADES",
    "Event",
    "Figures",
    "Line",
    "Past",
    "Reader",
    "Tally",
    "replay",
    "typical_year",
    "unit_worth",
    "worth_of",
]
