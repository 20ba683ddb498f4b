"""What a run of the simulator found, in words and in lengths of bars."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from flask_babel import gettext, ngettext

from app.backoffice import sentences
from app.rewards.views import words


@dataclass(frozen=True, slots=True)
class Pair:
    """One figure under the rules that hold and under the draft, with the lengths of their bars (of 100)."""

    title: str
    now: str
    draft: str
    now_share: int
    draft_share: int


@dataclass(frozen=True, slots=True)
class Band:
    """Members who gain or lose about the same. ``width`` of 1,000; ``tone`` 0 to 3, the strongest last."""

    side: str
    tone: int
    x: int
    width: int
    members: int
    told: str


@dataclass(frozen=True, slots=True)
class Findings:
    """A run's result as its page tells it."""

    headline: str
    source: str
    is_typical: bool
    pairs: tuple[Pair, ...]
    bands: tuple[Band, ...]
    winners: int
    losers: int
    same: int
    winners_told: str
    losers_told: str
    reasons: Mapping[str, list[str]]
    notes: tuple[str, ...]
    result: Mapping[str, Any]

    def change(self, change: int, side: str) -> str:
        """What one member gains or loses."""
        told = _change(self.result, change)
        return f"+{told}" if side == "gain" else f"−{told}"


def findings(result: Mapping[str, Any]) -> Findings:
    """A run's result in the language of the request."""
    is_typical = result["source"] == "typical"
    return Findings(
        headline=_headline(result),
        source=_source(result),
        is_typical=is_typical,
        pairs=_pairs(result),
        bands=_bands(result),
        winners=result["winners"],
        losers=result["losers"],
        same=result["same"],
        winners_told=_most(result, "gains"),
        losers_told=_most(result, "losses"),
        reasons={side: [_reason(code, count) for code, count in rows] for side, rows in result["reasons"].items()},
        notes=_notes(result),
        result=result,
    )


def _headline(result: Mapping[str, Any]) -> str:
    now, draft = result["now"], result["draft"]
    sides = []
    if result["winners"]:
        sides.append(gettext("%(members)s better off", members=_members(result["winners"])))
    if result["losers"]:
        sides.append(gettext("%(members)s worse off", members=_members(result["losers"])))
    who = ", ".join(sides) or gettext("nobody would notice")
    if now["cost_minor"] is None or draft["cost_minor"] is None:
        more = draft["units"] - now["units"]
        told = _units(result, abs(more))
        if more == 0:
            return str(gettext("This would have given as much as now; %(who)s.", who=who))
        if more > 0:
            return str(gettext("This would have given %(units)s more; %(who)s.", units=told, who=who))
        return str(gettext("This would have given %(units)s less; %(who)s.", units=told, who=who))
    more = draft["cost_minor"] - now["cost_minor"]
    amount = sentences.money(abs(more), result["currency"])
    if more == 0:
        return str(gettext("This would have cost as much as now; %(who)s.", who=who))
    if more > 0:
        return str(gettext("This would have cost %(amount)s more; %(who)s.", amount=amount, who=who))
    return str(gettext("This would have cost %(amount)s less; %(who)s.", amount=amount, who=who))


def _source(result: Mapping[str, Any]) -> str:
    visits = ngettext("%(num)s visit", "%(num)s visits", result["visits"])
    if result["source"] == "typical":
        return str(
            gettext(
                "Your shop has too few visits for this yet. So these are made-up ones: %(visits)s of a typical year in "
                "your trade, by %(members)s. Run it again once you have a past of your own.",
                visits=visits,
                members=_members(result["members"]),
            )
        )
    return str(
        gettext(
            "Counted on your own %(visits)s of the last %(days)s days, by %(members)s, from %(first)s on.",
            visits=visits,
            days=result["days"],
            members=_members(result["members"]),
            first=sentences.day(date.fromisoformat(result["first"])),
        )
    )


def _pairs(result: Mapping[str, Any]) -> tuple[Pair, ...]:
    now, draft = result["now"], result["draft"]
    currency = result["currency"]
    is_cards = result["card_worth_minor"] is not None or (result["kind"] == "stamps" and result["reward"])
    found = []
    if is_cards:
        found.append(_pair(gettext("Full cards given"), now["cards"], draft["cards"], sentences.whole))
    found.append(
        _pair(
            gettext("Stamps given") if result["kind"] == "stamps" else gettext("Points given"),
            now["units"],
            draft["units"],
            sentences.whole,
        )
    )
    if now["cost_minor"] is not None and draft["cost_minor"] is not None:
        title = gettext("What the full cards cost") if is_cards else gettext("What the points are worth")
        found.append(
            _pair(title, now["cost_minor"], draft["cost_minor"], lambda value: sentences.money(value, currency))
        )
    if now["owed_minor"] is not None and draft["owed_minor"] is not None:
        found.append(
            _pair(
                gettext("Still owed to members today"),
                now["owed_minor"],
                draft["owed_minor"],
                lambda value: sentences.money(value, currency),
            )
        )
    else:
        found.append(
            _pair(gettext("Still held by members today"), now["owed_units"], draft["owed_units"], sentences.whole)
        )
    return tuple(found)


def _pair(title: str, now: int, draft: int, told: Any) -> Pair:
    most = max(now, draft, 1)
    return Pair(str(title), told(now), told(draft), now * 100 // most, draft * 100 // most)


def _bands(result: Mapping[str, Any]) -> tuple[Band, ...]:
    """From those who lose most over those who notice nothing to those who gain most."""
    every = max(result["members"], 1)
    losses: Sequence[Sequence[int]] = result["losses"]
    gains: Sequence[Sequence[int]] = result["gains"]
    rows: list[tuple[str, int, int, int]] = [
        ("lose", len(losses) - index, most, members) for index, (most, members) in enumerate(reversed(losses))
    ]
    if result["same"]:
        rows.append(("same", 0, 0, result["same"]))
    rows += [("gain", index + 1, most, members) for index, (most, members) in enumerate(gains)]
    found, x = [], 0
    for side, tone, most, members in rows:
        width = max(round(members * 1000 / every), 6)
        amount = _change(result, most)
        if side == "same":
            told = gettext("%(members)s without a difference", members=_members(members))
        elif side == "gain":
            told = gettext("%(members)s with up to %(amount)s more", members=_members(members), amount=amount)
        else:
            told = gettext("%(members)s with up to %(amount)s less", members=_members(members), amount=amount)
        found.append(Band(side, tone, x, width, members, str(told)))
        x += width
    return tuple(found)


def _most(result: Mapping[str, Any], side: str) -> str:
    rows = result[side]
    return _change(result, rows[-1][0]) if rows else ""


def _change(result: Mapping[str, Any], change: int) -> str:
    if result["in_money"]:
        return sentences.money(change, result["currency"])
    return _units(result, change)


def _reason(code: str, count: int) -> str:
    visits = ngettext("%(num)s visit", "%(num)s visits", count)
    told: dict[str, str] = {
        "minimum": gettext("the purchase is too small"),
        "cap:visit": gettext("the most for one visit"),
        "cap:day": gettext("the day's most"),
        "cap:day_visits": gettext("the day's number of visits"),
        "cap:card": gettext("the most for one member"),
        "no_amount": gettext("no amount was entered"),
        "no_items": gettext("no product that counts"),
        "excluded": gettext("goods that do not count"),
        "excluded_amount": gettext("goods that do not count"),
        "not_collecting": gettext("outside a collecting period"),
        "promotion": gettext("a promotion"),
        "tier": gettext("a level"),
    }
    return f"{told.get(code) or gettext('another rate')}: {visits}"


def _notes(result: Mapping[str, Any]) -> tuple[str, ...]:
    notes = []
    if not result["in_money"]:
        notes.append(gettext("Your rewards do not say what they are worth, so nothing is told in money. Fill that in."))
    missed = result["draft"]["missed"] - result["now"]["missed"]
    if missed > 0:
        notes.append(
            ngettext(
                "Once a member could not have redeemed what was redeemed.",
                "%(num)s times a member could not have redeemed what was redeemed.",
                missed,
            )
        )
    lost = result["draft"]["expired"] - result["now"]["expired"]
    if lost:
        told = _units(result, abs(lost))
        notes.append(
            gettext("%(units)s more would have expired.", units=told)
            if lost > 0
            else gettext("%(units)s fewer would have expired.", units=told)
        )
    notes.append(gettext("Nobody comes more or less often in this: it counts what was, not what people would do."))
    return tuple(str(note) for note in notes)


def _members(count: int) -> str:
    return str(ngettext("%(num)s member", "%(num)s members", count))


def _units(result: Mapping[str, Any], count: int) -> str:
    return words.units(result["kind"], count)
