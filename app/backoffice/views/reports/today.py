"""The day at a glance: the count against a usual day, what to do about it, and how the week goes."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from flask import Response, flash, redirect, request, url_for
from flask.typing import ResponseReturnValue

from app.backoffice import sentences
from app.backoffice.doors import DOORS, door, place, scope, visitor
from app.backoffice.pages import page, part
from app.backoffice.queries import today as days
from app.backoffice.queries.glance import Advice, Fullness, Heat, Now, Tablet, Today
from app.backoffice.service.advice import KINDS, set_aside
from app.backoffice.views.reports import words
from app.backoffice.views.reports.blueprint import blueprint
from app.backoffice.views.reports.words import _, ngettext
from app.billing import queries as billing
from app.campaigns.queries.complaints import count_waiting
from app.merchants.queries.announcements import shown_to_shop
from app.merchants.queries.terms import asked_of
from app.rewards.queries import list_programmes
from app.rewards.rules.errors import InvalidRulesError
from app.web.charts import Curve, Point, day_curve
from app.web.locale import choose


@dataclass(frozen=True, slots=True)
class Deed:
    """One thing to do, in words; ``link`` is where it is done, None where the person may not go there."""

    kind: str
    title: str
    detail: str
    link: str | None
    word: str


@door(blueprint, "/office/<slug>", least="cashier")
def today() -> ResponseReturnValue:
    """The day at a glance."""
    here = place()
    found = days.get_today(scope(), timezone=here.timezone, currency=here.currency)
    return page(
        "backoffice/reports/today.html",
        here="today",
        **_now(found),
        heat=found.heat if found.heat.cells else None,
        heat_title=_heat_title(found.heat),
        fullness=found.fullness,
        full_title=None if found.fullness is None else _full_title(found.fullness),
        deed=_deed(found.advice, found),
        programme=_programme(),
        words=words,
        # At the counter nobody reads of money.
        complaints=_complaints() if visitor().may("manager") else None,
        billing_word=billing.word_of(scope()) if visitor().may("manager") else None,
        announcements=[
            (one.announcement_id, choose(one.titles), (choose(one.texts) or "").split("\n\n"), one.ended_at)
            for one in shown_to_shop(scope())
        ],
        terms_asked=asked_of(scope()) if visitor().may("owner") else [],
    )


@door(blueprint, "/office/<slug>/now", least="cashier")
def now() -> ResponseReturnValue:
    """The part of the day's page that changes by the minute, alone."""
    here = place()
    found = days.get_today(scope(), timezone=here.timezone, currency=here.currency, with_rest=False)
    return part("backoffice/reports/now.html", **_now(found), words=words)


@door(blueprint, "/office/<slug>/aside", least="cashier", methods=("POST",))
def put_aside() -> ResponseReturnValue:
    """Do not tell this person of that thing to do again today."""
    kind = request.form.get("kind", "")
    if kind in KINDS:
        set_aside(scope(), kind, timezone=place().timezone)
        flash(_("Put aside until tomorrow."), "good")
    response: Response = redirect(url_for("reports.today", slug=place().slug), 303)  # type: ignore[assignment]
    return response


def _complaints() -> tuple[int, Any, bool]:
    """How many wait, by when the first wants its answer, and whether that is over."""
    waiting, due = count_waiting(scope())
    return waiting, due, due is not None and due <= scope().now


def _now(found: Today) -> dict[str, Any]:
    so_far = found.now
    return {
        "now": so_far,
        "timezone": found.timezone,
        "curve": _curve(so_far),
        "against": _against(so_far),
        "redeemed_detail": _redeemed(so_far, found.currency),
        "state": _state(found),
        "waits_for_first": so_far.visits == 0 and so_far.usual is None and not found.heat.cells,
    }


def _curve(now: Now) -> Any:
    first, last = now.span
    width = max(1.0, last - first)

    def at(hour: float) -> float:
        return min(max((hour - first) / width, 0.0), 1.0)

    usual = now.usual
    hours = [
        first,
        *(float(hour) for hour in range(int(first) + 1, int(last) + 1) if hour > first and hour < last),
        last,
    ]
    so_far = [Point(at(first), 0), *(Point(at(hour), total) for hour, total in now.curve)]
    if now.hour < last:
        so_far.append(Point(at(max(now.hour, first)), now.visits))
    said = words.visits(now.visits)
    if usual is not None:
        said += ". " + _("On a usual day %(count)s by now", count=words.count(usual.by(now.hour)))
    if now.forecast is not None:
        said += ". " + _("About %(count)s by closing", count=words.count(now.forecast))
    return day_curve(
        Curve(
            said=said + ".",
            actual=so_far,
            usual=[Point(at(hour), usual.by(hour)) for hour in hours] if usual else (),
            low=[Point(at(hour), usual.low[min(24, round(hour))]) for hour in hours] if usual else (),
            high=[Point(at(hour), usual.high[min(24, round(hour))]) for hour in hours] if usual else (),
            now_label=_("%(count)s now", count=words.count(now.visits)) if now.visits else "",
            forecast=now.forecast,
            ahead=_ahead(now, at, hours),
            forecast_label=_("about %(count)s by closing", count=words.count(now.forecast)) if now.forecast else "",
            usual_label=_("usually %(count)s", count=words.count(usual.middle[24])) if usual else "",
            hours=[(at(hour), words.hour(hour)) for hour in _marks(first, last)],
            ticks=[(at(tick.hour), tick.kind) for tick in now.ticks],
        )
    )


def _ahead(now: Now, at: Callable[[float], float], hours: Sequence[float]) -> list[Point]:
    """From now on as a usual day goes on, so much more or less that it comes to the forecast."""
    usual = now.usual
    if usual is None or now.forecast is None:
        return []
    gone = usual.by(now.hour)
    left = usual.middle[24] - gone
    pace = (now.forecast - now.visits) / left if left > 0 else 0.0
    return [Point(at(hour), now.visits + (usual.by(hour) - gone) * pace) for hour in hours if hour > now.hour]


def _marks(first: float, last: float) -> list[float]:
    """The hours named below: both ends, and every third between that is not too near."""
    between = [float(hour) for hour in range(0, 24, 3) if hour - first >= 1.5 and last - hour >= 1.5]
    return [first, *between, last]


def _against(now: Now) -> str:
    if now.is_closed and not now.visits:
        return _("The shop is closed today.")
    if now.usual is None:
        return _("What is usual for a %(weekday)s shows after three of them.", weekday=words.weekday(now.day.weekday()))
    usual = round(now.usual.by(now.hour))
    more = now.visits - usual
    weekday = words.weekday(now.day.weekday())
    if more > 0:
        return ngettext(
            "%(count)s more than by this time on a usual %(weekday)s",
            "%(count)s more than by this time on a usual %(weekday)s",
            more,
            count=words.count(more),
            weekday=weekday,
        )
    if more < 0:
        return ngettext(
            "%(count)s fewer than by this time on a usual %(weekday)s",
            "%(count)s fewer than by this time on a usual %(weekday)s",
            -more,
            count=words.count(-more),
            weekday=weekday,
        )
    return _("as many as by this time on a usual %(weekday)s", weekday=weekday)


def _redeemed(now: Now, currency: str) -> str:
    if not now.redeemed:
        return ""
    if now.redeemed_minor:
        told = _("worth %(amount)s", amount=words.money(now.redeemed_minor, currency))
        if now.unpriced:
            return told + ", " + _("%(count)s without a value", count=words.count(now.unpriced))
        return told
    return _("no value given")


def _state(found: Today) -> dict[str, str]:
    """In one line: the time, and whether the tablets work."""
    at = words.clock(found.now.at, found.timezone)
    if not found.tablets:
        return {"kind": "wait", "text": _("%(time)s · no tablet yet", time=at)}
    troubled = [tablet for tablet in found.tablets if tablet.state != "works"]
    if troubled:
        told = ngettext(
            "%(count)s tablet needs a look", "%(count)s tablets need a look", len(troubled), count=len(troubled)
        )
        return {"kind": "bad", "text": f"{at} · {told}"}
    if len(found.tablets) == 1:
        told = _("tablet %(name)s works, everything sent", name=found.tablets[0].name)
    else:
        told = _("all %(count)s tablets work, everything sent", count=len(found.tablets))
    return {"kind": "good", "text": f"{at} · {told}"}


def _trouble(tablet: Tablet, timezone: str) -> str:
    if tablet.state == "waits":
        return ngettext(
            "%(name)s keeps %(count)s visit that did not come through. Check its network; nothing is lost.",
            "%(name)s keeps %(count)s visits that did not come through. Check its network; nothing is lost.",
            tablet.queue,
            name=tablet.name,
            count=words.count(tablet.queue),
        )
    if tablet.seen_at is None:
        return _("%(name)s has not been heard of yet. Open the counter on it.", name=tablet.name)
    return _(
        "%(name)s was last heard of on %(moment)s. Check that it is on and has a network.",
        name=tablet.name,
        moment=words.moment(tablet.seen_at, timezone),
    )


def _heat_title(heat: Heat) -> str:
    if heat.busiest is None:
        return ""
    weekday, hour = heat.busiest
    return _(
        "%(weekday)s at %(hour)s is your busiest hour",
        weekday=words.weekday(weekday).capitalize(),
        hour=words.hour(hour),
    )


def _full_title(fullness: Fullness) -> str:
    if fullness.is_card:
        return ngettext(
            "%(count)s card is nearly full",
            "%(count)s cards are nearly full",
            fullness.near,
            count=words.count(fullness.near),
        )
    return ngettext(
        "%(count)s member is close to a reward",
        "%(count)s members are close to a reward",
        fullness.near,
        count=words.count(fullness.near),
    )


def _programme() -> dict[str, str] | None:
    """The first programme in one breath."""
    here = place()
    running = [one for one in list_programmes(scope(), here.merchant_id) if one.is_active]
    if not running:
        return None
    first = running[0]
    full = next((one for one in first.rewards if one.reward_id == first.full_card_reward_id), None)
    reward = None if full is None else (choose(full.names) or full.name)
    try:
        rules = sentences.read(first.rules, kind=first.kind, currency=here.currency, timezone=first.timezone)
    except InvalidRulesError:
        return None
    told = sentences.summary(rules, reward=reward)
    return {"sentence": told, "link": _link("programme.show_programmes") or "", "more": str(len(running) - 1)}


def _deed(advice: Advice | None, found: Today) -> Deed | None:
    if advice is None:
        return None
    params = dict(advice.params)
    many = int(params.get("count", params.get("queue", 0)))
    told = {"count": words.count(many), "name": params.get("name", "")}
    if advice.kind == "late":
        return Deed(
            "late",
            ngettext(
                "%(count)s regular is away longer than usual",
                "%(count)s regulars are away longer than usual",
                many,
                **told,
            ),
            _("Each of them used to come more often. A greeting or a small extra on the next visit brings some back."),
            _link("members.list_members", sort="overdue"),
            _("See who"),
        )
    if advice.kind == "near":
        title = (
            ngettext("%(count)s card lacks one stamp", "%(count)s cards lack one stamp", many, **told)
            if params.get("is_card")
            else ngettext(
                "%(count)s member is close to a reward", "%(count)s members are close to a reward", many, **told
            )
        )
        return Deed(
            "near",
            title,
            _("They are worth a word at the counter: nothing brings somebody back sooner than a nearly full card."),
            _link("members.list_members", sort="fill"),
            _("See who"),
        )
    if advice.kind == "reviews":
        return Deed(
            "reviews",
            ngettext("%(count)s booking waits for a decision", "%(count)s bookings wait for a decision", many, **told),
            _("A tablet sent them long after they happened. Accept or refuse them on the tablet, under its menu."),
            _link("team.show_team"),
            _("To the tablets"),
        )
    if advice.kind == "sold_out":
        return Deed(
            "sold_out",
            _("%(name)s is used up", **told)
            if many == 1
            else ngettext("%(count)s reward is used up", "%(count)s rewards are used up", many, **told),
            _("Members see it and can't take it. Add to its stock, or take it off the list."),
            _link("catalogue.list_rewards"),
            _("To the rewards"),
        )
    tablet = next((one for one in found.tablets if one.state != "works"), None)
    if tablet is None:
        return None
    return Deed(
        advice.kind,
        _("%(name)s needs a look", name=tablet.name),
        _trouble(tablet, found.timezone),
        _link("team.show_team"),
        _("To the tablets"),
    )


def _link(endpoint: str, **query: str) -> str | None:
    """Where a step leads, if there is such a page and the person may open it."""
    known = DOORS.get(endpoint)
    if known is None or not visitor().may(known.least):
        return None
    told: dict[str, Any] = dict(query)
    return url_for(endpoint, slug=place().slug, **told)
