"""Retention, patterns and neighbours: reports made from counted months and rhythms. They are of the business as a
whole, and of now: no choice of days changes them."""

from __future__ import annotations

from datetime import date, timedelta

from markupsafe import Markup

from app.backoffice.queries import looking_back as back
from app.backoffice.queries.looking_back import Span
from app.backoffice.queries.members import list_members
from app.backoffice.views.members.words import who
from app.backoffice.views.reports import words
from app.backoffice.views.reports.making import Asked
from app.backoffice.views.reports.report import Cell, Fact, Report, Share
from app.backoffice.views.reports.words import _, ngettext
from app.common.clock import zone
from app.insights.changing import PARTS
from app.insights.cohorts import Cohort, came_later, cohorts
from app.insights.crossing import bounds, quarter_of
from app.insights.models import KINDS, SOURCES
from app.insights.queries.patterns import Came, Neighbour, Retention, Rhythms, crossing_of, retention_of, rhythms_of
from app.insights.rhythm import GONE_GAPS, GONE_LEAST, GONE_WITHOUT, gone_at, named, next_bar, number_of
from app.insights.service.crossing import MADE_AFTER
from app.rewards.segments import MemberFilter
from app.web.charts import Column, Line, columns, lines, nice_ticks

MONTHS = 12
LEAST_SHOWN = 5  # members that a point of a line is made of
NAMED = 12  # members whose rhythm broke that are named
LOOKED_AT = timedelta(days=84)  # days whose hours tell the parts of the day


def retention(asked: Asked) -> Report:
    """Who stays: cohorts by the month of the first visit, who is gone, who was won and by what."""
    this = asked.frame.today.isoformat()[:7]
    first = number_of(this) - MONTHS
    found = retention_of(asked.scope, since=named(first - 1))
    shown = [named(number) for number in range(first, number_of(this) + 1)]
    groups = cohorts(found.cells, now=this, most=MONTHS)
    came, of = came_later(groups, 1)
    title = (
        _("%(share)s of new members come again a month later", share=words.percent(came / of))
        if of
        else _("Who stays is known once a month is over")
    )
    last = named(number_of(this) - 1)
    had, gone = found.months.get(last, (0, 0))
    facts = [
        Fact(words.count(found.members), _("members come now")),
        Fact(words.count(found.gone), _("have gone over the years")),
    ]
    if had:
        facts.append(Fact(words.percent(gone / had), _("went in %(month)s", month=words.month(_day(last)))))
    return Report(
        title=title,
        columns=[_("Month"), _("New members"), _("Members who came"), _("Visits kept"), _("Gone"), _("Defection rate")],
        rows=[_month_row(found, month) for month in reversed(shown) if month in found.months] if found.cells else [],
        facts=facts,
        chart=_staying(groups, title),
        notes=_gone_notes(),
        extra={
            "is_timeless": True,
            "subtitle": _("the last twelve months"),
            "part": "backoffice/reports/retention.html",
            "cohorts": [_cohort_row(one) for one in reversed(groups)],
            "later": range(max((len(one.came) for one in groups), default=0)),
            "kinds": _kind_rows(found, shown[-4:-1], asked),
            "sources": _source_rows(found, shown),
        },
    )


def _gone_notes() -> list[str]:
    return [
        _(
            "A member counts as gone when she is away for longer than %(gaps)s of her usual gaps, but at least"
            " %(least)s days; who came too seldom to have one, after %(days)s days. Whoever comes again was never"
            " gone.",
            gaps=GONE_GAPS,
            least=GONE_LEAST.days,
            days=GONE_WITHOUT.days,
        ),
        _("This is of your business as a whole, by the month of the first visit."),
    ]


def _month_row(found: Retention, month: str) -> list[Cell]:
    kinds = [found.kinds.get((month, kind), Came()) for kind in KINDS]
    visits = sum(one.visits for one in kinds)
    had, gone = found.months[month]
    return [
        words.month(_day(month)),
        kinds[0].members,
        sum(one.members for one in kinds),
        Share(kinds[1].visits / visits) if visits else None,
        gone,
        Share(gone / had) if had else None,
    ]


def _staying(groups: list[Cohort], said: str) -> Markup | None:
    """Lines of those who began lately and of those who began before: the share that came so many months later."""
    half = MONTHS // 2
    drawn = []
    for name, some in (
        (_("began in the last half year"), groups[-half:]),
        (_("began in the half year before"), groups[:-half]),
    ):
        shares = []
        for later in range(1, half + 1):
            came, of = came_later(some, later)
            if of < LEAST_SHOWN:
                break
            shares.append(100 * came / of)
        if len(shares) > 1:
            drawn.append((name, shares))
    if not drawn:
        return None
    # Both as long as the shorter one, so that each name stands at its line's end.
    last = min(len(shares) for _name, shares in drawn)
    marks = nice_ticks(max(max(shares[:last]) for _name, shares in drawn) or 1, 3)
    shown = [Line(name, [(at / (last - 1), shares[at]) for at in range(last)]) for name, shares in drawn]
    labels = [
        (at, ngettext("%(count)s month later", "%(count)s months later", later, count=later))
        for at, later in ((0.0, 1), (1.0, last))
    ]
    return lines(shown, said, axis=[words.percent(mark / 100) for mark in marks], labels=labels)


def _cohort_row(one: Cohort) -> tuple[str, int, list[tuple[str, int] | None]]:
    """A cohort's month, its members, and by months later (share in words, warmth from 0 to 8)."""
    cells: list[tuple[str, int] | None] = []
    for later in range(MONTHS - 1):
        share = one.share(later)
        cells.append(None if share is None else (words.percent(share), round(min(1.0, share) * 8)))
    return words.month(_day(one.month)), one.members, cells


def _kind_rows(found: Retention, months: list[str], asked: Asked) -> list[tuple[str, int, str, str]]:
    """Of the last whole months: kept, new and returning members' visits, their share and their basket."""
    names = {"kept": _("kept"), "new": _("new"), "back": _("back after a long time")}
    sums = {
        kind: [sum(values) for values in zip(*(_values(found, month, kind) for month in months), strict=True)]
        for kind in KINDS
    }
    total = sum(one[0] for one in sums.values())
    if not total:
        return []
    return [
        (
            names[kind],
            sums[kind][0],
            words.percent(sums[kind][0] / total),
            asked.money(sums[kind][1] / sums[kind][2]) if sums[kind][2] else "–",
        )
        for kind in ("kept", "new", "back")
    ]


def _values(found: Retention, month: str, kind: str) -> tuple[int, int, int]:
    one = found.kinds.get((month, kind), Came())
    return one.visits, one.amount_minor, one.amount_visits


def _source_rows(found: Retention, months: list[str]) -> list[tuple[str, int, float, str]]:
    """What brought the new members of these months: (words, how many, share of the most, share in words)."""
    names = {
        "invitation": _("invited by a member"),
        "list": _("from a list of yours"),
        "cards": _("a printed card"),
        "app": _("the app"),
        "counter": _("at the counter"),
    }
    sums = {source: sum(found.sources.get((month, source), 0) for month in months) for source in SOURCES}
    most, total = max(sums.values()) or 1, sum(sums.values()) or 1
    ordered = sorted(sums.items(), key=lambda one: -one[1])
    return [(names[key], n, n / most, words.percent(n / total)) for key, n in ordered if n]


def patterns(asked: Asked) -> Report:
    """Rhythms: how often members come, whose rhythm broke, and at which part of the day."""
    found = rhythms_of(asked.scope)
    if found.usual_gap is None:
        title = _("Rhythms show once members have come on four days")
    else:
        late = ngettext(
            "%(count)s is away for longer than usual",
            "%(count)s are away for longer than usual",
            found.broken,
            count=words.count(found.broken),
        )
        usual = ngettext(
            "Usually every day", "Usually every %(count)s days", found.usual_gap, count=words.count(found.usual_gap)
        )
        title = f"{usual}; {late}"
    members = sum(one[1] for one in found.bars)
    facts = [
        Fact(words.count(members), _("members have a rhythm")),
        Fact(words.count(found.broken), _("are away for longer than theirs")),
    ]
    if found.usual_gap is not None:
        facts.insert(0, Fact(words.count(found.usual_gap), _("days, the middle rhythm")))
    return Report(
        title=title,
        columns=[_("Usual gap"), _("Members"), _("Away for longer"), _("Share")],
        rows=[[_gap(least), n, late, Share(late / n) if n else None] for least, n, late in found.bars],
        facts=facts,
        chart=_rhythm_chart(found, title),
        key=[("bar", _("members")), ("part", _("of these away for longer than usual"))],
        notes=[
            _(
                "A member has a rhythm after four days with a visit: the middle gap of her latest ones. Members who are"
                " gone are not counted here."
            ),
            _("This is of your business as a whole."),
        ],
        extra={
            "is_timeless": True,
            "subtitle": _("as of now"),
            "part": "backoffice/reports/patterns.html",
            "broken": _broken(asked),
            "parts": _parts(asked),
        },
    )


def _gap(least: int) -> str:
    after = next_bar(least)
    if after is None:
        return _("%(count)s days or more", count=least)
    if after == least + 1:
        return ngettext("%(count)s day", "%(count)s days", least, count=least)
    return _("%(first)s to %(last)s days", first=least, last=after - 1)


def _rhythm_chart(found: Rhythms, said: str) -> Markup | None:
    if not found.bars:
        return None
    most = max(n for _, n, _late in found.bars)
    bars = [
        Column(
            value=n,
            label=str(least)
            if next_bar(least) == least + 1
            else f"{least}–{(next_bar(least) or least) - 1}"
            if next_bar(least)
            else f"{least}+",
            told=words.count(n) if n == most else "",
            part=late,
            is_marked=n == most,
        )
        for least, n, late in found.bars
    ]
    return columns(bars, said, axis=[words.count(mark) for mark in nice_ticks(most or 1, 3)])


def _broken(asked: Asked) -> list[dict[str, str]]:
    """Members whose rhythm broke and who are not gone yet, who spent the most first, with how long they are away."""
    here = asked.frame.spots[0].timezone if asked.frame.spots else "UTC"
    wanted = MemberFilter(is_away=True, seen_days=2 * GONE_WITHOUT.days)
    found = list_members(asked.scope, timezone=here, wanted=wanted, sort="spend")
    if found.lines and not found.lines[0].spend_minor:
        found = list_members(asked.scope, timezone=here, wanted=wanted, sort="visits")
    rows = []
    for one in found.lines:
        if one.gap_days is None or gone_at(one.seen_at, one.gap_days) <= asked.scope.now:
            continue
        usual = ngettext(
            "usually every day, now %(silent)s",
            "usually every %(count)s days, now %(silent)s",
            one.gap_days,
            count=words.count(one.gap_days),
            silent=words.count(one.silent_days or 0),
        )
        worth = asked.money(one.spend_minor) if one.spend_minor else words.visits(one.visits)
        rows.append({"member_id": one.member_id, "name": who(one), "told": usual, "worth": worth})
    return rows[:NAMED]


def _parts(asked: Asked) -> list[tuple[str, int, float, str]]:
    """Visits of the last twelve weeks by part of the day: (words, how many, share of the most, share in words)."""
    names = [_("Before eleven"), _("From eleven to two"), _("From two to five"), _("After five")]
    span = Span(asked.frame.today - LOOKED_AT + timedelta(days=1), asked.frame.today)
    hours = back.hours_of_week(asked.scope, asked.frame, span)
    sums = [sum(n for (_, hour), n in hours.items() if low <= hour < high) for low, high in PARTS]
    total, most = sum(sums), max(sums) or 1
    return [(name, n, n / most, words.percent(n / total)) for name, n in zip(names, sums, strict=True)] if total else []


def neighbours(asked: Asked) -> Report:
    """Other shops with which members are shared: totals of ten at least, where both agreed."""
    found = crossing_of(asked.scope)
    quarter = found.neighbours[0].quarter if found.neighbours else None
    latest = [one for one in found.neighbours if one.quarter == quarter]
    title = _("Shops your members go to as well")
    if latest:
        title = _(
            "At least %(count)s of your members also went to %(name)s",
            count=words.count(latest[0].members),
            name=latest[0].name,
        )
    local = zone(asked.frame.spots[0].timezone if asked.frame.spots else "UTC")
    today = asked.scope.now.astimezone(local).date()
    first, after = bounds(quarter_of(today))
    due = (first if today < first + MADE_AFTER else after) + MADE_AFTER
    most = max((one.members for one in latest), default=1)
    return Report(
        title=title,
        columns=[_("Shop"), _("Quarter"), _("Members, at least"), _("Mostly on")],
        rows=[_neighbour_row(one) for one in found.neighbours],
        notes=[
            _(
                "Anonymous totals of both shops’ members, rounded down to tens and never fewer; made once a quarter and"
                " not changed afterwards. Nobody’s name and no smaller number is told to anybody."
            ),
        ],
        extra={
            "is_timeless": True,
            "subtitle": "" if quarter is None else _quarter(quarter),
            "part": "backoffice/reports/neighbours.html",
            "is_crossing": True,
            "agreed_at": found.agreed_at,
            "due": words.full_day(due),
            "bars": [(one.name, one.members, one.members / most) for one in latest],
            "bars_word": _("Members, at least"),
        },
    )


def _neighbour_row(one: Neighbour) -> list[Cell]:
    return [one.name, _quarter(one.quarter), one.members, None if one.weekday is None else words.weekday(one.weekday)]


def _quarter(quarter: str) -> str:
    first, after = bounds(quarter)
    last = after - timedelta(days=1)
    return _("%(first)s to %(last)s", first=words.short_month(first), last=words.month(last))


def _day(month: str) -> date:
    return date.fromisoformat(f"{month}-01")
