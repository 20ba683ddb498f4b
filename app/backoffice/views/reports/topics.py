"""The reports, each made from counted days: what it found, its chart and its table."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from app.backoffice.queries import looking_back as back
from app.backoffice.queries.looking_back import Sums
from app.backoffice.views.reports import patterns, words
from app.backoffice.views.reports.making import (
    Asked,
    before_word,
    days_lived,
    held_over_time,
    over_time,
    step_word,
    stepped,
    week_by_hours,
    worth,
)
from app.backoffice.views.reports.report import Cell, Fact, Money, Report, Share
from app.backoffice.views.reports.words import _, ngettext


def visits(asked: Asked) -> Report:
    """How many came, and when."""
    now, before, rows = stepped(asked)
    total, earlier = back.total([one for _, one in now]), back.total(list(before))
    week = back.hours_of_week(asked.scope, asked.frame, asked.period.span)
    change = words.change(total.visits, earlier.visits)
    title = words.visits(total.visits)
    if change is not None:
        title = (
            _("%(visits)s, %(change)s on the days before", visits=title, change=change)
            if total.visits != earlier.visits
            else _("%(visits)s, as many as before", visits=title)
        )
    facts = [
        Fact(words.count(total.visits), _("visits"), before_word(earlier.visits)),
        Fact(words.count(total.visits / max(1, days_lived(asked))), _("a day")),
    ]
    if week:
        (weekday, hour), _most = max(week.items(), key=lambda one: one[1])
        facts.append(
            Fact(f"{words.weekday(weekday, 'abbreviated')} {words.hour(hour)}", _("busiest hour"), words.hours(hour))
        )
    return Report(
        title=title,
        columns=[step_word(asked.period), _("Visits"), _("Before"), _("New members"), _("Rewards given")],
        rows=[
            [rows[at], one.visits, past.visits, one.new, one.redemptions]
            for at, ((_span, one), past) in enumerate(zip(now, before, strict=True))
        ],
        facts=facts,
        chart=over_time(asked, [one.visits for _, one in now], [one.visits for one in before], title),
        key=[("bar", _("visits")), ("before", _("the days before"))],
        extra={"week": week_by_hours(week, asked)} if week else {},
    )


def members(asked: Asked) -> Report:
    """New members, and those who come again."""
    now, before, rows = stepped(asked)
    total, earlier = back.total([one for _, one in now]), back.total(list(before))
    again = total.returning / total.visits if total.visits else 0
    title = (
        _("%(share)s of visits are by members who came before", share=words.percent(again))
        if total.visits
        else words.visits(0)
    )
    return Report(
        title=title,
        columns=[step_word(asked.period), _("New members"), _("Visits by returning members"), _("Share returning")],
        rows=[
            [rows[at], one.new, one.returning, Share(one.returning / one.visits) if one.visits else None]
            for at, (_span, one) in enumerate(now)
        ],
        facts=[
            Fact(words.count(total.new), _("new members"), before_word(earlier.new)),
            Fact(words.count(total.returning), _("visits by returning members"), before_word(earlier.returning)),
            Fact(words.percent(again), _("of visits are returning")),
        ],
        chart=over_time(asked, [one.visits for _, one in now], None, title, parts=[one.new for _, one in now]),
        key=[("part", _("new members")), ("bar", _("returning"))],
        notes=[_("A member is new at the first visit anywhere in your business.")],
    )


def basket(asked: Asked) -> Report:
    """What a visit comes to."""
    now, before, rows = stepped(asked)
    total, earlier = back.total([one for _, one in now]), back.total(list(before))
    mean, typed = total.basket_minor, asked.frame.basket
    guess = float(typed.minor) if typed.is_typed and typed.minor else None

    def turnover(sums: Sums) -> Money | None:
        if sums.amount_visits and not guess:
            return Money(sums.amount_minor)
        return None if guess is None else Money(sums.visits * guess, is_estimated=True)

    facts = []
    if mean is not None and guess is None:
        title = _("A visit comes to %(amount)s", amount=asked.money(mean))
        was = earlier.basket_minor
        facts.append(Fact(asked.money(mean), _("average basket"), "" if was is None else before_word(asked.money(was))))
        facts.append(
            Fact(
                asked.money(total.amount_minor),
                _("spent with the card"),
                before_word(asked.money(earlier.amount_minor)),
            )
        )
        known = total.amount_visits / total.visits if total.visits else 0
        facts.append(Fact(words.percent(known), _("of visits with an amount")))
    elif guess is not None:
        title = _("About %(amount)s spent with the card", amount=asked.money(total.visits * guess))
        facts.append(Fact(asked.money(guess), _("average basket"), _("as you typed it"), is_estimated=True))
        facts.append(Fact(asked.money(total.visits * guess), _("spent with the card"), is_estimated=True))
    else:
        title = _("What a visit comes to is not known yet")
    notes = []
    if guess is not None:
        notes.append(
            _(
                "Estimated from your average basket of %(amount)s: no amounts are entered at the counter.",
                amount=asked.money(guess),
            )
        )
    values = [(one.basket_minor or 0) if guess is None else one.visits * guess for _span, one in now]
    return Report(
        title=title,
        columns=[step_word(asked.period), _("Average basket"), _("Spent with the card"), _("Visits with an amount")],
        rows=[
            [rows[at], None if one.basket_minor is None else Money(one.basket_minor), turnover(one), one.amount_visits]
            for at, (_span, one) in enumerate(now)
        ]
        if facts
        else [],
        facts=facts,
        chart=over_time(asked, values, None, title, is_money=True) if facts else None,
        key=[("bar", _("average basket") if guess is None else _("spent with the card"))] if facts else (),
        notes=notes,
        extra={"asks_basket": True},
    )


def rewards(asked: Asked) -> Report:
    """What was given, and what it was worth."""
    given = back.rewards_given(asked.scope, asked.frame, asked.period.span)
    now, before, _rows = stepped(asked)
    total, earlier = back.total([one for _, one in now]), back.total(list(before))
    unpriced = sum(one.unpriced for one in given)
    title = ngettext(
        "%(count)s reward given", "%(count)s rewards given", total.redemptions, count=words.count(total.redemptions)
    )
    if total.redeemed_minor:
        title = _("%(rewards)s, worth %(amount)s", rewards=title, amount=asked.money(total.redeemed_minor))
    rate = total.redeemed_units / total.units if total.units else None
    facts = [
        Fact(words.count(total.redemptions), _("rewards given"), before_word(earlier.redemptions)),
        Fact(
            asked.money(total.redeemed_minor),
            _("what they were worth"),
            before_word(asked.money(earlier.redeemed_minor)),
        ),
    ]
    if rate is not None:
        facts.append(Fact(words.percent(rate), _("of what was collected was spent")))
    if total.visits:
        facts.append(Fact(words.percent(total.redemptions / total.visits), _("of visits with a reward")))
    notes = []
    if unpriced:
        notes.append(
            ngettext(
                "%(count)s reward has no value in money, so it is not in the sum. Say it in the catalogue.",
                "%(count)s rewards have no value in money, so they are not in the sum. Say it in the catalogue.",
                unpriced,
                count=words.count(unpriced),
            )
        )
    return Report(
        title=title,
        columns=[_("Reward"), _("Times given"), _("Units spent"), _("Worth")],
        rows=[
            [one.name, one.redemptions, one.units, Money(one.worth_minor) if one.unpriced < one.redemptions else None]
            for one in given
        ],
        facts=facts,
        chart=over_time(asked, [one.redemptions for _, one in now], [one.redemptions for one in before], title),
        key=[("bar", _("rewards given")), ("before", _("the days before"))],
        notes=notes,
    )


def owed(asked: Asked) -> Report:
    """What members hold, and what ends unspent."""
    programmes = back.owed_to_members(asked.scope, asked.frame, asked.period.span)
    known = [one for one in programmes if one.worth.per_unit is not None]
    is_guess = any(one.worth.is_estimated for one in known)
    sum_minor = sum(one.worth.of(one.outstanding) or 0 for one in known)
    ended = {one.programme_id: sum(units for *_rest, units in one.days) for one in programmes}
    ended_minor = sum(one.worth.of(ended[one.programme_id]) or 0 for one in known)
    spent = back.total(back.sums_by_day(asked.scope, asked.frame, asked.period.span))
    all_ended = sum(ended.values())
    breakage = all_ended / (all_ended + spent.redeemed_units) if all_ended + spent.redeemed_units else None
    title = (
        _("Members hold %(amount)s", amount=asked.money(sum_minor))
        if known
        else _("What members hold has no value yet")
    )
    facts = [
        Fact(asked.money(sum_minor), _("liability: owed to members"), is_estimated=is_guess),
        Fact(asked.money(ended_minor), _("breakage: ended unspent"), is_estimated=is_guess),
    ]
    if breakage is not None:
        facts.append(Fact(words.percent(breakage), _("of what was used or ended")))
    notes = [_("This is of the programme as a whole: what is collected at one shop can be spent at another.")]
    if is_guess:
        notes.append(_("A percentage off is worth what it takes off an average basket, so these sums are estimated."))
    if len(known) < len(programmes):
        notes.append(_("Say what your rewards are worth in the catalogue: then units have a value."))
    return Report(
        title=title,
        columns=[_("Programme"), _("Members"), _("Units held"), _("Liability"), _("Units ended"), _("Breakage")],
        rows=[
            [
                one.name,
                one.holders,
                one.outstanding,
                worth(one, one.outstanding),
                ended[one.programme_id],
                worth(one, ended[one.programme_id]),
            ]
            for one in programmes
        ],
        facts=facts,
        chart=held_over_time(asked, programmes, title),
        notes=notes,
    )


def promotions(asked: Asked) -> Report:
    """Promotions side by side."""
    found = back.promotions_compared(asked.scope, asked.frame, asked.period.span)
    all_sums = back.total(back.sums_by_day(asked.scope, asked.frame, asked.period.span))
    mean = all_sums.basket_minor
    title = (
        _("%(name)s was used the most", name=found[0].name) if found else _("No promotion gave anything in these days")
    )
    most = max((one.visits for one in found), default=1)
    rows: list[list[Cell]] = []
    for one in found:
        own = one.amount_minor / one.amount_visits if one.amount_visits else None
        more = None if own is None or not mean else own / mean - 1
        rows.append(
            [
                one.name,
                one.visits,
                one.visits / max(1, one.days),
                one.units,
                None if own is None else Money(own),
                None if more is None else ("+" if more >= 0 else "−") + words.percent(abs(more)),
            ]
        )
    return Report(
        title=title,
        columns=[
            _("Promotion"),
            _("Visits"),
            _("Visits a day"),
            _("Extra units"),
            _("Basket"),
            _("Against the average"),
        ],
        rows=rows,
        facts=[Fact(words.count(sum(one.units for one in found)), _("units given extra"))] if found else [],
        notes=[
            _("A visit counts for a promotion that gave it something. Who would have come anyway is not told by this.")
        ]
        if found
        else [],
        extra={"bars": [(one.name, one.visits, one.visits / most) for one in found]},
    )


def shops(asked: Asked) -> Report:
    """Locations side by side."""
    now = back.sums_by_location(asked.scope, asked.frame, asked.period.span)
    before = back.sums_by_location(asked.scope, asked.frame, asked.period.span.before())
    named = [
        (spot, now.get(spot.location_id, Sums()), before.get(spot.location_id, Sums())) for spot in asked.frame.spots
    ]
    named.sort(key=lambda one: -one[1].visits)
    most = max((sums.visits for _, sums, _ in named), default=0) or 1
    title = (
        _("%(name)s has the most visits", name=named[0][0].name)
        if len(named) > 1 and named[0][1].visits
        else words.visits(sum(sums.visits for _, sums, _ in named))
    )
    return Report(
        title=title,
        columns=[_("Shop"), _("Visits"), _("Before"), _("New members"), _("Basket"), _("Rewards given"), _("Worth")],
        rows=[
            [
                spot.name,
                sums.visits,
                past.visits,
                sums.new,
                None if sums.basket_minor is None else Money(sums.basket_minor),
                sums.redemptions,
                Money(sums.redeemed_minor),
            ]
            for spot, sums, past in named
        ],
        extra={"bars": [(spot.name, sums.visits, sums.visits / most) for spot, sums, _ in named]},
    )


TOPICS: Mapping[str, Callable[[Asked], Report]] = {
    "visits": visits,
    "members": members,
    "basket": basket,
    "rewards": rewards,
    "owed": owed,
    "promotions": promotions,
    "retention": patterns.retention,
    "patterns": patterns.patterns,
    "neighbours": patterns.neighbours,
    "shops": shops,
}


def names() -> dict[str, str]:
    """The topics in words."""
    return {
        "visits": _("Visits"),
        "members": _("New and returning"),
        "basket": _("Basket"),
        "rewards": _("Rewards"),
        "owed": _("Owed and ended"),
        "promotions": _("Promotions"),
        "retention": _("Who stays"),
        "patterns": _("Patterns"),
        "neighbours": _("Neighbours"),
        "shops": _("Shops"),
    }
