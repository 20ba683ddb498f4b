"""What a new shop of each trade begins with: a programme, rewards, a welcome, a colour, a sentence about itself. One
file for each trade, with every text in the four languages; the owner changes all of it."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

# In the order in which they are offered; the last one suits any shop.
TRADES = (
    *("bakery", "cafe", "restaurant", "butcher", "hairdresser"),
    *("florist", "bookshop", "bicycle", "pharmacy", "general"),
)
Texts = Mapping[str, str]


@dataclass(frozen=True, slots=True)
class TradeReward:
    """A reward of a template. ``worth`` is a decimal string in the shop's currency; a percentage has none."""

    cost: int
    kind: str
    worth: str | None
    percent: int | None
    name: Texts
    text: Texts


@dataclass(frozen=True, slots=True)
class Trade:
    """A trade's template. Texts are by locale; ``hue`` in degrees; the first reward is what a full card gives."""

    key: str
    category: str
    hue: int
    kind: str
    rules: Mapping[str, Any]
    programme: Texts
    story: Texts
    rewards: tuple[TradeReward, ...]
    welcome_rule: Mapping[str, Any]
    welcome: Texts


@cache
def trade(key: str) -> Trade:
    """The template of one of :data:`TRADES`. Raises ``KeyError`` for any other."""
    if key not in TRADES:
        raise KeyError(key)
    told = tomllib.loads(Path(__file__).with_name(f"{key}.toml").read_text(encoding="utf-8"))
    return Trade(
        key=key,
        category=told["category"],
        hue=told["hue"],
        kind=told["kind"],
        rules=told["rules"],
        programme=told["programme"],
        story=told["story"],
        rewards=tuple(
            TradeReward(
                one["cost"], one.get("kind", "item"), one.get("worth"), one.get("percent"), one["name"], one["text"]
            )
            for one in told["reward"]
        ),
        welcome_rule=told["welcome"]["rule"],
        welcome=told["welcome"]["name"],
    )
