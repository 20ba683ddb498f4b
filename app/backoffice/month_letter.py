"""The month's letter to an owner: three things that changed at most, and one thing to do. Read on its page and in the
mail with the month's report, so it is written without a request, in the language of whoever reads it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from markupsafe import Markup, escape

from app.backoffice.month_letter_words import WORDS
from app.backoffice.queries import looking_back as back
from app.backoffice.queries.looking_back import Frame, Span, Sums
from app.backoffice.queries.nearly_full import nearly_full
from app.backoffice.tongue import Tongue, known
from app.common.scope import Scope
from app.insights.changing import Change, Day, Found, History, find_changes
from app.insights.cohorts import came_later, cohorts
from app.insights.queries.patterns import Retention, Rhythms, retention_of, rhythms_of
from app.insights.rhythm import named, next_bar, number_of

AWAY_LEAST = 5
"""Fewer regulars that are away are no thing to do."""
FULL_LEAST = 5
WEAK_VISITS = 8
"""A weekday with so many visits fewer than usual is worth a promotion."""
DEAR_SHARE, DEAR_UNITS, DEAR_DAYS = 0.2, 500, 180
"""Of so many units that were collected in so many days, less than this share is spent: the rewards are too far."""
MONTH = 30.0
_TASK_PATHS = {
    "away": "members?away=1&sort=spend&dir=down",
    "weekday": "promotions/new",
    "dear": "rewards",
    "full": "members?full=1",
    "basket": "reports/basket",
}


@dataclass(frozen=True, slots=True)
class Said:
    """One thing that changed, in words: the finding, what was to be expected, and whether it went up."""

    text: str
    detail: str
    is_up: bool


@dataclass(frozen=True, slots=True)
class Task:
    """The one thing to do: what, the word of its link, and where that leads below ``/office/<slug>/``; both may be
    empty. ``is_estimated``: it names money that nobody measured."""

    kind: str
    text: str
    link: str = ""
    path: str = ""
    is_estimated: bool = False


@dataclass(frozen=True, slots=True)
class Letter:
    """A month's letter in words. ``heading`` stands over ``task``; without a task ``before`` says where it is."""

    title: str
    lead: str
    said: Sequence[Said]
    heading: str
    task: Task | None
    before: str
    notes: Sequence[str]
    language: str
    read: str

    def as_text(self, office: str) -> str:
        """For a mail without pictures. ``office`` is the address of the shop's back office."""
        parts = [self.lead, *(f"* {one.text}\n  {one.detail}" for one in self.said)]
        if self.task is not None:
            colon = " :" if self.language == "fr" else ":"
            told = f"{self.heading}{colon} {self.task.text}"
            parts.append(told + (f"\n{self.task.link}{colon} {office}/{self.task.path}" if self.task.path else ""))
        return "\n\n".join([*parts, " ".join(self.notes)])

    def as_html(self, office: str) -> Markup:
        """The same for a mail that shows more."""
        rows = Markup("").join(
            Markup(
                '<tr><td style="padding:12px 14px 12px 0;vertical-align:top;font-size:20px;color:{}">{}</td>'
                '<td style="padding:12px 0;border-top:1px solid #DED7C8"><strong>{}</strong><br>'
                '<span style="color:#5A5F6B">{}</span></td></tr>'
            ).format("#1F7A4D" if one.is_up else "#9A6100", "▲" if one.is_up else "▼", one.text, one.detail)
            for one in self.said
        )
        table = Markup('<table role="presentation" style="border-collapse:collapse;width:100%">{}</table>').format(rows)
        task = Markup("")
        if self.task is not None:
            link = Markup("")
            if self.task.path:
                link = Markup(
                    '<p style="margin:12px 0 0"><a href="{}" style="display:inline-block;padding:10px 18px;'
                    'border-radius:10px;background:#1E222B;color:#FBF8F2;text-decoration:none">{}</a></p>'
                ).format(f"{office}/{self.task.path}", self.task.link)
            task = Markup(
                '<div style="margin:20px 0;padding:16px 18px;background:#F3EDE0;border-radius:10px">'
                '<h2 style="margin:0 0 6px;font-size:16px">{}</h2><p style="margin:0">{}</p>{}</div>'
            ).format(self.heading, self.task.text, link)
        notes = Markup('<p style="color:#5A5F6B;font-size:14px">{}</p>').format(" ".join(self.notes))
        lead = Markup('<p style="margin:0 0 12px">{}</p>').format(self.lead)
        return lead + (table if self.said else Markup("")) + task + notes


def make_letter(scope: Scope, *, month: date, timezone: str, currency: str, locale: str) -> Letter:
    """The letter of a month that is over, to the scope's shop. ``month`` is its first day. What is to be done is of
    today, so only the letter of the month that ended last says it."""
    frame = back.get_frame(scope, timezone=timezone)
    tongue = Tongue(known(locale), currency)
    is_whole = scope.location_id is None  # rhythms and cohorts are of the business as a whole
    found, history = _found(scope, frame, month, is_whole=is_whole)
    is_latest = month == _months_before(frame.today.replace(day=1), 1)
    task = _task(scope, frame, history, found, tongue, is_whole=is_whole) if is_latest else None
    return _Writing(tongue, month).letter(found, task, frame)


def _found(scope: Scope, frame: Frame, month: date, *, is_whole: bool) -> tuple[Found, History]:
    last = _months_before(month, -1) - timedelta(days=1)
    before = _months_before(month, 3)
    sums = back.sums_by_day(scope, frame, Span(_months_before(month, 15), last))
    own, usual = (0, 0), (0, 0)
    if is_whole:
        own, usual = _returned(retention_of(scope, since=_months_before(month, 4).isoformat()[:7]), month)
    history = History(
        days={day: _day(one) for day, one in sums.items()},
        first_day=frame.first_day or last,
        hours=_by_hour(scope, frame, Span(month, last)),
        hours_before=_by_hour(scope, frame, Span(before, month - timedelta(days=1))),
        returned=own,
        returned_before=usual,
    )
    return find_changes(history, month), history


def _returned(retention: Retention, month: date) -> tuple[tuple[int, int], tuple[int, int]]:
    """Of those who began in the month before, and of those who did in the three before that, who came a month later."""
    number = number_of(month.isoformat())
    found = cohorts(retention.cells, now=named(number + 1), most=5)
    last = named(number - 1)
    own = [one for one in found if one.month == last]
    return came_later(own, 1), came_later([one for one in found if one.month < last], 1)


def _by_hour(scope: Scope, frame: Frame, span: Span) -> dict[int, int]:
    hours: dict[int, int] = {}
    for (_, hour), visits in back.hours_of_week(scope, frame, span).items():
        hours[hour] = hours.get(hour, 0) + visits
    return hours


def _day(sums: Sums) -> Day:
    return Day(sums.visits, sums.new, sums.redemptions, sums.amount_minor, sums.amount_visits)


def _task(scope: Scope, frame: Frame, history: History, found: Found, tongue: Tongue, *, is_whole: bool) -> Task:
    """What is to be done: what brings back the most visits, then what makes the next letters better."""
    say = WORDS[tongue.code]
    basket = frame.basket.minor

    def money(visits: float, word: str) -> str:
        return "" if basket is None else say[word].format(money=tongue.round_money(_about(visits * basket)))

    choices: list[tuple[float, Task]] = []
    rhythms = rhythms_of(scope) if is_whole else Rhythms()
    if rhythms.broken >= AWAY_LEAST:
        visits = sum(broken * MONTH / _middle(least) for least, _, broken in rhythms.bars)
        told = {"count": tongue.count(rhythms.broken), "visits": tongue.count(_about(visits))}
        text = say["away"].format(**told, money=money(visits, "away_money"))
        choices.append((visits, Task("away", text, say["away_link"], _TASK_PATHS["away"], basket is not None)))
    weak = [one for one in found.changes if one.what == "weekday" and -one.visits >= WEAK_VISITS]
    if weak:
        one = min(weak, key=lambda change: change.visits)
        told = {"weekday": tongue.weekday(one.which or 0), "visits": tongue.count(-one.visits)}
        text = say["weekday_task"].format(**told, money=money(-one.visits, "weekday_money"))
        choices.append(
            (-one.visits, Task("weekday", text, say["weekday_link"], _TASK_PATHS["weekday"], basket is not None))
        )
    if choices:
        return max(choices, key=lambda choice: choice[0])[1]
    spent = _spent(scope, frame)
    if spent is not None and spent < DEAR_SHARE:
        return Task("dear", say["dear"].format(share=tongue.percent(spent)), say["dear_link"], _TASK_PATHS["dear"])
    near = nearly_full(scope)
    if near >= FULL_LEAST:
        return Task("full", say["full"].format(count=tongue.count(near)), say["full_link"], _TASK_PATHS["full"])
    if basket is None and history.days:
        return Task("basket", say["basket_task"], say["basket_link"], _TASK_PATHS["basket"])
    return Task("none", say["none"])


def _about(value: float) -> float:
    """Two figures that count: more would be more than is known."""
    return float(f"{value:.2g}")


def _middle(least: int) -> float:
    """The middle gap of a bar, in days."""
    return (least + (next_bar(least) or least + 1) - 1) / 2


def _spent(scope: Scope, frame: Frame) -> float | None:
    """Which share of what was collected in half a year was spent in it; None where that is too little to say."""
    since = frame.today - timedelta(days=DEAR_DAYS)
    if frame.first_day is None or frame.first_day > since:
        return None
    sums = back.total(back.sums_by_day(scope, frame, Span(since, frame.today)))
    return sums.redeemed_units / sums.units if sums.units >= DEAR_UNITS else None


@dataclass(frozen=True, slots=True)
class _Writing:
    """One letter in one language."""

    tongue: Tongue
    month: date

    def say(self, key: str, **params: object) -> str:
        return WORDS[self.tongue.code][key].format(**params)

    def letter(self, found: Found, task: Task | None, frame: Frame) -> Letter:
        count = len(found.changes)
        key = "early" if found.is_early else ("nothing", "one", "two", "three")[count]
        notes = [] if found.is_early else [self.say("season" if found.has_season else "against"), self.say("certain")]
        if task is not None and task.is_estimated and frame.basket.minor is not None:
            notes.append(self.say("estimated", basket=self.tongue.money(frame.basket.minor)))
        return Letter(
            title=self.say("title", month=self.tongue.month(self.month)),
            lead=self.say(key, month=self.tongue.month_alone(self.month)),
            said=[self._said(one) for one in found.changes],
            heading=self.say("to_do"),
            task=task,
            before=self.say("before"),
            notes=notes,
            language=self.tongue.code,
            read=self.say("read"),
        )

    def _said(self, one: Change) -> Said:
        is_up = one.now > one.usual
        is_measure = one.what in ("basket", "return")
        word = ("higher" if is_up else "lower") if is_measure else ("more" if is_up else "fewer")
        told: dict[str, object] = {"change": self.say(word, share=self.tongue.percent(one.share))}
        now, usual = self._number(one, one.now), self._number(one, one.usual)
        if one.what == "weekday":
            told["weekday"] = self.tongue.weekday(one.which or 0)
        if one.what == "part":
            told["part"] = self.say(f"part{one.which or 0}")
        text = self.say(one.what, now=now, **told)
        detail = self.say(f"expected_{one.what}" if is_measure else "expected", usual=usual)
        return Said(text[:1].upper() + text[1:], detail, is_up)

    def _number(self, one: Change, value: float) -> str:
        if one.what == "basket":
            return self.tongue.money(value)
        return self.tongue.percent(value) if one.what == "return" else self.tongue.count(value)


def _months_before(month: date, months: int) -> date:
    return date.fromisoformat(f"{named(number_of(month.isoformat()) - months)}-01")


def html_page(title: str, greeting: str, body: Markup, foot: str, language: str) -> str:
    """A whole mail in HTML around a letter: one column, no pictures, readable where styles are dropped."""
    return str(
        Markup(
            '<!doctype html><html lang="{}"><head><meta charset="utf-8"><meta name="viewport" '
            'content="width=device-width"><title>{}</title></head><body style="margin:0;background:#FBF8F2">'
            '<div style="max-width:560px;margin:0 auto;padding:28px 20px;font-family:Inter,system-ui,sans-serif;'
            'font-size:16px;line-height:1.5;color:#1E222B;background:#FBF8F2">'
            '<h1 style="margin:0 0 16px;font-size:22px">{}</h1>{}{}'
            '<p style="margin-top:24px;padding-top:12px;border-top:1px solid #DED7C8;color:#5A5F6B;font-size:14px">'
            "{}</p>"
            "</div></body></html>"
        ).format(language, title, title, _paragraphs(greeting), body, _paragraphs(foot))
    )


def _paragraphs(text: str) -> Markup:
    return Markup("<br>").join(escape(line) for line in text.splitlines())
