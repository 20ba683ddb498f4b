"""A new shop's first steps: the programme's sentence, a tablet, a poster, cards, and the first stamp."""

from __future__ import annotations

import io
from typing import Any

from flask import Response, abort, flash, make_response, redirect, url_for
from flask.typing import ResponseReturnValue
from flask_babel import force_locale, gettext
from markupsafe import Markup
from wtforms.fields import SelectChoice

from app import messages
from app.backoffice.doors import DOORS, door, place, scope, visitor
from app.backoffice.forms.setting_up.first_steps import CardsForm, PairForm, PosterForm, ProgrammeForm
from app.backoffice.pages import page, part
from app.backoffice.printing.poster import Poster, write_poster
from app.backoffice.queries.first_steps import HIDDEN, POSTER, FirstSteps, find_pairing, first_steps
from app.backoffice.queries.shop import list_locations, own_shop
from app.backoffice.service.first_steps import first_programme, note_step, print_cards, settle_programme
from app.backoffice.views.setting_up.base import blueprint
from app.cards import qr
from app.cards.codes import card_url
from app.cards.print_sheet import PrintedCard, write_sheets
from app.common.errors import DomainError, InvalidError
from app.common.money import format_amount
from app.extensions import platform
from app.merchants import service as merchants
from app.merchants import tokens
from app.merchants.errors import SomebodyWasFasterError, TrialCardsUsedUpError
from app.merchants.logos import sign
from app.merchants.trial import CARDS, VISITS_A_DAY
from app.rewards.queries import ProgrammeView, RewardView, list_programmes
from app.rewards.views import words
from app.web import locale


@blueprint.app_context_processor
def shared() -> dict[str, Any]:
    """``first_steps()``: how far this business is, for the list on the day's page; None where it is not shown."""
    return {"first_steps": _steps_to_show}


def _steps_to_show() -> FirstSteps | None:
    if not visitor().may("manager"):
        return None
    found = first_steps(scope())
    return found if found.is_shown or not found.is_approved else None


@door(blueprint, "/office/<slug>/welcome", least="manager")
def show_first_steps() -> ResponseReturnValue:
    """What there is to do until the first stamp, each step done or not."""
    found = first_programme(scope())
    return _first_steps(None if found is None else _programme_form(found))


@door(blueprint, "/office/<slug>/welcome/programme", least="manager", methods=("POST",))
def settle_first_programme() -> ResponseReturnValue:
    """The programme as the owner wants it."""
    form = ProgrammeForm(place().currency)
    if not form.validate_on_submit():
        return _first_steps(form, status=422)
    try:
        settle_programme(
            scope(),
            cost=form.cost.data or 0,
            reward=form.reward.data or "",
            worth_minor=form.worth.minor,
            minimum_minor=form.minimum.minor,
            currency=place().currency,
            revision=form.revision.data or "",
        )
    except SomebodyWasFasterError as error:
        flash(str(messages.sentence(error)), "bad")
        return _first_steps(None, status=409)
    except DomainError as error:
        return _first_steps(form, problem=messages.sentence(error), status=422)
    flash(gettext("Good. From now on that is how it works."), "good")
    return redirect(url_for("setting_up.show_first_steps", slug=place().slug), 303)


@door(blueprint, "/office/<slug>/welcome/hide", least="manager", methods=("POST",))
def hide_first_steps() -> ResponseReturnValue:
    """Put the list away."""
    note_step(scope(), HIDDEN)
    flash(gettext("Put away. You find the steps under Help whenever you want them."), "good")
    return redirect(f"/office/{place().slug}", 303)


@door(blueprint, "/office/<slug>/tablets/pair", least="manager")
def pair_tablet() -> ResponseReturnValue:
    """Where the tablet is to stand, and the button that makes its code."""
    return page("backoffice/setting_up/pair.html", here="team", form=_pair_form(), code=None)


@door(blueprint, "/office/<slug>/tablets/pair", least="manager", methods=("POST",), is_fresh=True)
def make_pairing_code() -> ResponseReturnValue:
    """The code and its QR, shown this once; the page notices by itself when the tablet has come."""
    form = _pair_form()
    if not form.validate_on_submit():
        return page("backoffice/setting_up/pair.html", here="team", form=form, code=None, status=422)
    made = merchants.create_pairing_code(scope(), form.location_id.data)
    public = platform().settings.public_url.rstrip("/")
    # After the hash: a browser keeps that part to itself, so that the code reaches no log.
    picture = qr.as_svg(qr.encode(f"{public}/tablet#pair={made.code}", qr.Level.SCREEN), title=gettext("Pairing code"))
    key = tokens.pairing_code_hash(scope().keys, made.code).hex()
    return page(
        "backoffice/setting_up/pair.html",
        here="team",
        form=form,
        code=made.shown,
        picture=Markup(picture),  # noqa: S704  made here
        tablet_address=f"{public.partition('://')[2]}/tablet",
        key=key,
        pairing=find_pairing(scope(), bytes.fromhex(key)),
    )


@door(blueprint, "/office/<slug>/tablets/pair/<key>", least="manager")
def watch_pairing(key: str) -> ResponseReturnValue:
    """Whether the tablet has come, as a part of the page that waits for it."""
    try:
        code_hash = bytes.fromhex(key)
    except ValueError:
        abort(404)
    return part("backoffice/setting_up/_pairing.html", key=key, pairing=find_pairing(scope(), code_hash))


@door(blueprint, "/office/<slug>/print", least="manager")
def show_printing() -> ResponseReturnValue:
    """The poster and the cards."""
    return _printing(PosterForm(prefix="poster"), CardsForm())


@door(blueprint, "/office/<slug>/print/poster", least="manager", methods=("POST",))
def print_poster() -> ResponseReturnValue:
    """The poster, as a PDF."""
    form = PosterForm(prefix="poster")
    if not form.validate_on_submit():
        return _printing(form, CardsForm(formdata=None), status=422)
    file = io.BytesIO()
    write_poster(file, _poster(form.language.data), size=form.size.data)
    note_step(scope(), POSTER)
    return _pdf(file, f"zegel-{place().slug}-{form.size.data}-{form.language.data}.pdf")


@door(blueprint, "/office/<slug>/print/cards", least="manager", methods=("POST",))
def print_card_sheet() -> ResponseReturnValue:
    """Sheets of new cards, as a PDF. The codes on them are told this once."""
    form = CardsForm()
    if not form.validate_on_submit():
        return _printing(PosterForm(formdata=None, prefix="poster"), form, status=422)
    try:
        made = print_cards(scope(), form.count.data or 0, locale=form.language.data)
    except (TrialCardsUsedUpError, InvalidError) as error:
        form.count.errors = [messages.sentence(error)]
        return _printing(
            PosterForm(formdata=None, prefix="poster"),
            form,
            status=409 if isinstance(error, TrialCardsUsedUpError) else 422,
        )
    host = platform().settings.host
    sheet = (PrintedCard(one.number, one.claim_code, card_url(host, one.number)) for one in made)
    file = io.BytesIO()
    write_sheets(file, sheet, town=place().name, locale=form.language.data)
    return _pdf(file, f"zegel-{place().slug}-{len(made)}.pdf")


@door(blueprint, "/join/<shop>", least="anybody")
def join(shop: str) -> ResponseReturnValue:
    """Where a poster's code leads: what one collects at this shop, and the way to the card."""
    found = own_shop(platform().scope(), slug=shop)
    programmes = list_programmes(platform().scope(), found.merchant_id, on_offer=True)
    return page(
        "backoffice/setting_up/join.html",
        shop=found,
        hues={found.hue},
        story=locale.choose(found.story),
        sign=Markup(sign(found.category)),  # noqa: S704  our own drawings
        trade=words.trade(found.category),
        programmes=[
            {
                "name": one.name,
                "earning": words.earning(one, found.currency),
                "offers": [
                    (_named(reward, locale.language()), words.units(one.kind, reward.cost)) for reward in one.rewards
                ],
            }
            for one in programmes
        ],
    )


def _first_steps(form: ProgrammeForm | None, *, problem: object = None, status: int = 200) -> ResponseReturnValue:
    found = first_programme(scope())
    if form is None and found is not None:
        form = _programme_form(found)
    return page(
        "backoffice/setting_up/welcome.html",
        here="today",
        done=first_steps(scope()),
        programme=found,
        unit=None if found is None else words.units(found.programme.kind, 1),
        form=form,
        problem=problem,
        team=f"/office/{place().slug}/team" if "team.show_team" in DOORS else None,
        designer="programme.show_programmes" in DOORS,
        visits_a_day=VISITS_A_DAY,
        cards=CARDS,
        card_address=platform().settings.host,
        card_picture=Markup(  # noqa: S704  made here
            qr.as_svg(qr.encode(platform().settings.public_url, qr.Level.SCREEN), title=gettext("The members' app"))
        ),
        status=status,
    )


def _programme_form(found: Any) -> ProgrammeForm:
    currency = place().currency
    worth = found.reward.amount_minor
    return ProgrammeForm(
        currency,
        formdata=None,
        data={
            "cost": found.reward.cost if not found.is_stamps else (found.programme.goal or found.reward.cost),
            "reward": found.reward.name,
            "worth": "" if worth is None else format_amount(worth, currency),
            "minimum": found.minimum or "",
            "revision": found.revision,
        },
    )


def _pair_form() -> PairForm:
    form = PairForm()
    form.location_id.choices = [
        SelectChoice(one.location_id, one.name if not one.city or one.city in one.name else f"{one.name}, {one.city}")
        for one in list_locations(scope())
        if one.is_active
    ]
    return form


def _printing(poster: PosterForm, cards: CardsForm, *, status: int = 200) -> ResponseReturnValue:
    steps = first_steps(scope())
    shop = own_shop(scope(), merchant_id=place().merchant_id)
    for form in (poster, cards):
        if form.language.data is None:
            form.language.data = locale.language()
    return page(
        "backoffice/setting_up/print.html",
        here="shop",
        poster=poster,
        cards=cards,
        left=None if steps.is_approved else max(0, CARDS - shop.cards_printed),
        join=f"{platform().settings.host}/join/{place().slug}",
        status=status,
    )


def _poster(language: str) -> Poster:
    shop = own_shop(scope(), merchant_id=place().merchant_id)
    settings = platform().settings
    with force_locale(language):
        programmes = [one for one in list_programmes(scope(), shop.merchant_id, on_offer=True) if one.rewards]
        is_stamps = bool(programmes) and programmes[0].kind == "stamps"
        return Poster(
            shop=shop.name,
            hue=shop.hue,
            category=shop.category,
            logo_svg=shop.logo_svg,
            headline=gettext("Collect stamps here") if is_stamps else gettext("Collect points here"),
            offers=_offers(programmes, language),
            steps=(
                gettext("Point your phone at the code."),
                gettext("Your card is there at once, without a name."),
                gettext("Show it when you pay."),
            ),
            url=f"{settings.public_url.rstrip('/')}/join/{shop.slug}",
            address=f"{settings.host}/join/{shop.slug}",
            town=platform().brand.name,
        )


def _offers(programmes: list[ProgrammeView], language: str) -> list[str]:
    """``10 stamps: a loaf of your choice``, the best of each programme first."""
    told = []
    for programme in programmes:
        ordered = sorted(programme.rewards, key=lambda one: (one.reward_id != programme.full_card_reward_id, -one.cost))
        told += [
            gettext("%(cost)s: %(reward)s", cost=words.units(programme.kind, one.cost), reward=_named(one, language))
            for one in ordered
            if not one.has_codes
        ]
    return told[:3]


def _named(reward: RewardView, language: str) -> str:
    return str(reward.names.get(language) or reward.name)


def _pdf(file: io.BytesIO, name: str) -> Response:
    response = make_response(file.getvalue())
    response.mimetype = "application/pdf"
    response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    response.headers["Cache-Control"] = "no-store"
    return response
