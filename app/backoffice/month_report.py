"""What the report of a month says, in the language of whoever reads it, and its mail. Known to pages and jobs alike."""

from __future__ import annotations

import base64
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta

from babel import dates, numbers
from markupsafe import Markup

from app.backoffice.month_letter import html_page, make_letter
from app.backoffice.printing.month_report import Line, MonthSheet, draw_month
from app.backoffice.queries import looking_back as back
from app.backoffice.queries.looking_back import Frame, Span
from app.backoffice.service.month_reports import Wanted
from app.backoffice.tongue import Tongue, known
from app.common.branding import brand_of
from app.common.mail import Mail
from app.common.scope import Scope

_WORDS: Mapping[str, Mapping[str, str]] = {
    "en": {
        "title": "Report of {month}",
        "finding": "{visits} visits, {change} on {before}.",
        "finding_first": "{visits} visits.",
        "visits": "visits",
        "new": "new members",
        "returning": "visits by returning members",
        "basket": "average basket",
        "rewards": "rewards given",
        "owed": "owed to members",
        "before": "{value} in {before}",
        "days": "Visits a day",
        "reward": "Reward",
        "times": "Times given",
        "worth": "Worth",
        "estimated": "Sums with ± are estimated from an average basket of {basket}.",
        "foot": "Zegel · counted on {day}",
        "subject": "{shop}: the report of {month}",
        "hello": "Hello,\n\nThe report of {month} for {shop} is attached.\n{finding}",
        "more": "More stands here",
        "why": "You get this because you asked for it. On that page you can end it.",
    },
    "nl": {
        "title": "Verslag van {month}",
        "finding": "{visits} bezoeken, {change} tegenover {before}.",
        "finding_first": "{visits} bezoeken.",
        "visits": "bezoeken",
        "new": "nieuwe leden",
        "returning": "bezoeken van terugkerende leden",
        "basket": "gemiddelde besteding",
        "rewards": "beloningen gegeven",
        "owed": "nog te geven aan leden",
        "before": "{value} in {before}",
        "days": "Bezoeken per dag",
        "reward": "Beloning",
        "times": "Keren gegeven",
        "worth": "Waarde",
        "estimated": "Bedragen met ± zijn geschat met een gemiddelde besteding van {basket}.",
        "foot": "Zegel · geteld op {day}",
        "subject": "{shop}: het verslag van {month}",
        "hello": "Hallo,\n\nIn de bijlage zit het verslag van {month} voor {shop}.\n{finding}",
        "more": "Meer staat hier",
        "why": "Je krijgt dit omdat je het gevraagd hebt. Op die pagina zet je het uit.",
    },
    "fr": {
        "title": "Rapport : {month}",
        "finding": "{visits} visites, {change} par rapport à {before}.",
        "finding_first": "{visits} visites.",
        "visits": "visites",
        "new": "nouveaux membres",
        "returning": "visites de membres qui reviennent",
        "basket": "panier moyen",
        "rewards": "récompenses données",
        "owed": "dû aux membres",
        "before": "{value} en {before}",
        "days": "Visites par jour",
        "reward": "Récompense",
        "times": "Fois donnée",
        "worth": "Valeur",
        "estimated": "Les montants avec ± sont estimés à partir d’un panier moyen de {basket}.",
        "foot": "Zegel · compté le {day}",
        "subject": "{shop} : le rapport du mois ({month})",
        "hello": "Bonjour,\n\nVous trouverez en pièce jointe le rapport du mois ({month}) pour {shop}.\n{finding}",
        "more": "Plus de détails ici",
        "why": "Vous recevez ce message parce que vous l’avez demandé. Vous pouvez l’arrêter sur cette page.",
    },
    "de": {
        "title": "Bericht für {month}",
        "finding": "{visits} Besuche, {change} gegenüber {before}.",
        "finding_first": "{visits} Besuche.",
        "visits": "Besuche",
        "new": "neue Mitglieder",
        "returning": "Besuche wiederkehrender Mitglieder",
        "basket": "durchschnittlicher Einkauf",
        "rewards": "Prämien ausgegeben",
        "owed": "Mitgliedern geschuldet",
        "before": "{value} im {before}",
        "days": "Besuche pro Tag",
        "reward": "Prämie",
        "times": "Ausgegeben",
        "worth": "Wert",
        "estimated": "Beträge mit ± sind aus einem durchschnittlichen Einkauf von {basket} geschätzt.",
        "foot": "Zegel · gezählt am {day}",
        "subject": "{shop}: der Bericht für {month}",
        "hello": "Guten Tag,\n\nim Anhang finden Sie den Bericht für {month} für {shop}.\n{finding}",
        "more": "Mehr steht hier",
        "why": "Sie bekommen ihn, weil Sie darum gebeten haben. Auf dieser Seite können Sie ihn abbestellen.",
    },
}
_MOST_REWARDS = 8


@dataclass(frozen=True, slots=True)
class _Tongue(Tongue):
    """A language with the words of the report."""

    def say(self, key: str, **params: object) -> str:
        return _WORDS[self.code][key].format(**params)


def make_sheet(scope: Scope, *, month: date, timezone: str, currency: str, shop: str, locale: str) -> MonthSheet:
    """What the page of a month says of the scope's shop. ``month`` is its first day."""
    tongue = _Tongue(known(locale), currency)
    frame = back.get_frame(scope, timezone=timezone)
    span = Span(month, (month + timedelta(days=31)).replace(day=1) - timedelta(days=1))
    days = back.sums_by_day(scope, frame, span)
    now = back.total(days)
    before = back.total(back.sums_by_day(scope, frame, span.before()))
    earlier = tongue.month(span.before().first)
    finding = tongue.say("finding_first", visits=tongue.count(now.visits))
    if before.visits:
        share = now.visits / before.visits - 1
        told = numbers.format_percent(abs(round(share, 2)), locale=tongue.locale)
        change = ("+" if share >= 0 else "−") + str(told)
        finding = tongue.say("finding", visits=tongue.count(now.visits), change=change, before=earlier)

    def line(key: str, value: str, past: str | None) -> Line:
        return Line(value, tongue.say(key), "" if past is None else tongue.say("before", value=past, before=earlier))

    lines = [
        line("visits", tongue.count(now.visits), tongue.count(before.visits)),
        line("new", tongue.count(now.new), tongue.count(before.new)),
        line("returning", tongue.count(now.returning), tongue.count(before.returning)),
    ]
    if now.basket_minor is not None:
        past = None if before.basket_minor is None else tongue.money(before.basket_minor)
        lines.append(line("basket", tongue.money(now.basket_minor), past))
    lines.append(line("rewards", tongue.count(now.redemptions), tongue.count(before.redemptions)))
    owed, is_guess = _owed(scope, frame, span)
    if owed is not None:
        lines.append(Line(("± " if is_guess else "") + tongue.money(owed), tongue.say("owed"), ""))
    notes = []
    if is_guess and frame.basket.minor is not None:
        notes.append(tongue.say("estimated", basket=tongue.money(frame.basket.minor)))
    given = back.rewards_given(scope, frame, span)[:_MOST_REWARDS]
    counted = dates.format_date(frame.today, "long", locale=tongue.locale)
    return MonthSheet(
        title=tongue.say("title", month=tongue.month(month)),
        shop=shop,
        finding=finding,
        lines=lines,
        days=[
            days[day].visits if (day := month + timedelta(days=number)) in days else 0 for number in range(span.days)
        ],
        days_word=tongue.say("days"),
        heads=[tongue.say("reward"), tongue.say("times"), tongue.say("worth")],
        rows=[
            [
                one.name,
                tongue.count(one.redemptions),
                tongue.money(one.worth_minor) if one.unpriced < one.redemptions else "–",
            ]
            for one in given
        ],
        notes=notes,
        foot=brand_of(scope.database).named(tongue.say("foot", day=counted)),
        language=tongue.code,
    )


def make_mail(system: Scope, wanted: Wanted, *, public_url: str) -> Mail:
    """The mail with a month's report, for one person."""
    within = replace(
        system,
        actor_kind="staff",
        actor_id=wanted.staff_id,
        merchant_id=wanted.merchant_id,
        location_id=wanted.location_id,
        staff_id=wanted.staff_id,
        staff_role=wanted.role,
    )
    sheet = make_sheet(
        within,
        month=wanted.month,
        timezone=wanted.timezone,
        currency=wanted.currency,
        shop=wanted.merchant_name,
        locale=wanted.locale,
    )
    tongue = _Tongue(sheet.language, wanted.currency)
    month, office = tongue.month(wanted.month), f"{public_url}/office/{wanted.slug}"
    letter = make_letter(
        within, month=wanted.month, timezone=wanted.timezone, currency=wanted.currency, locale=wanted.locale
    )
    hello = tongue.say("hello", month=month, shop=wanted.merchant_name, finding=sheet.finding)
    more, why = tongue.say("more"), tongue.say("why")
    link = Markup('<p><a href="{0}" style="color:#1E222B">{1}</a></p>').format(f"{office}/reports", more)
    subject = tongue.say("subject", shop=" ".join(wanted.merchant_name.split()), month=month)
    colon = " :" if tongue.code == "fr" else ":"
    return Mail(
        to=wanted.email,
        subject=subject,
        text=f"{hello}\n\n{letter.as_text(office)}\n\n{more}{colon}\n{office}/reports\n\n{why}\n",
        html=html_page(letter.title, hello, letter.as_html(office) + link, why, tongue.code),
        files={f"{wanted.slug}-{wanted.month:%Y-%m}.pdf": base64.b64encode(draw_month(sheet)).decode()},
    )


def _owed(scope: Scope, frame: Frame, span: Span) -> tuple[int | None, bool]:
    known = [one for one in back.owed_to_members(scope, frame, span) if one.worth.per_unit is not None]
    if not known:
        return None, False
    return sum(one.worth.of(one.outstanding) or 0 for one in known), any(one.worth.is_estimated for one in known)
