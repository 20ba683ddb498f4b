"""What members are to a shop, as its people look at it: the map, the ladder, levels, lists, and kinds of customers."""

from app.backoffice.queries.relations.kinds import Kind, OfKind, list_kinds, list_of_kind
from app.backoffice.queries.relations.ladder import (
    Climb,
    Level,
    Listed,
    Mover,
    Rungs,
    count_rungs,
    levels_of,
    lists_of,
    movers_of,
)
from app.backoffice.queries.relations.mapping import Dots, Lines, Look, Standing, dots_of, look_of
from app.backoffice.queries.relations.movement import Month, Passage, months_of, passages_of
from app.backoffice.queries.relations.setting import Setting, names_given, setting_of
from app.backoffice.queries.relations.who import Who, who_is
from app.backoffice.queries.relations.worth import Equity, equity_of

__all__ = [
    "Climb",
    "Dots",
    "Equity",
    "Kind",
    "Level",
    "Lines",
    "Listed",
    "Look",
    "Month",
    "Mover",
    "OfKind",
    "Passage",
    "Rungs",
    "Setting",
    "Standing",
    "Who",
    "count_rungs",
    "dots_of",
    "equity_of",
    "levels_of",
    "list_kinds",
    "list_of_kind",
    "lists_of",
    "look_of",
    "months_of",
    "movers_of",
    "names_given",
    "passages_of",
    "setting_of",
    "who_is",
]
