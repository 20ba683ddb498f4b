"""What a business sees of its members, kept up behind the counter: figures, words to find them by, and notes."""

from app.rewards.shop_members.belongings import erase, hand_back, hand_over, record_of
from app.rewards.shop_members.figures import Figures, Visited, figures
from app.rewards.shop_members.refreshing import merchants_of, refresh
from app.rewards.shop_members.relations import note_relations
from app.rewards.shop_members.words import beginnings, spoken, tokens_for

__all__ = [
    "Figures",
    "Visited",
    "beginnings",
    "erase",
    "figures",
    "hand_back",
    "hand_over",
    "merchants_of",
    "note_relations",
    "record_of",
    "refresh",
    "spoken",
    "tokens_for",
]
