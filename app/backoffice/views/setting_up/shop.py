"""A shop's own pages: what members see, where it is and when it is open, how its counters work; and help."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flask import Response, abort, flash, make_response, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import format_datetime, gettext
from markupsafe import Markup
from werkzeug.datastructures import FileStorage
from wtforms.fields import SelectChoice

from app import messages
from app.backoffice.doors import DOORS, door, place, scope
from app.backoffice.forms.setting_up.shop import (
    OWN_LOGO,
    AboutForm,
    CounterForm,
    GiftsForm,
    ListingForm,
    LocationForm,
)
from app.backoffice.pages import page
from app.backoffice.queries.shop import OwnLocation, OwnShop, find_location, last_change, list_locations, own_shop
from app.backoffice.service.shop import (
    change_counter,
    change_gifts,
    change_place,
    change_shop,
    close_place,
    revision_of_location,
    revision_of_shop,
)
from app.backoffice.views.setting_up.base import blueprint, put_errors
from app.common.clock import zone
from app.common.errors import ForbiddenError, InvalidError, NotFoundError
from app.extensions import platform
from app.merchants import service as merchants
from app.merchants.errors import LastLocationError, LogoRefusedError, OpeningHoursInvalidError, SomebodyWasFasterError
from app.merchants.logos import TRADES, check_logo, draw_logo, sign
from app.merchants.logos.checking import LONGEST
from app.merchants.queries.businesses import get_logo
from app.merchants.queries.looking import question_of
from app.rewards.views import words


@door(blueprint, "/office/<slug>/logo.svg", least="cashier")
def show_logo() -> Response:
    """The shop's own drawn logo."""
    response = make_response(get_logo(scope(), place().merchant_id) or abort(404))
    response.mimetype = "image/svg+xml"
    response.headers["Cache-Control"] = "private, max-age=60"
    response.headers["Content-Security-Policy"] = "default-src 'none'; style-src 'unsafe-inline'"
    return response


@door(blueprint, "/office/<slug>/shop", least="manager")
def show_shop() -> ResponseReturnValue:
    """The shop at a glance, with the way to each of its forms."""
    shop = _shop()
    form = ListingForm(data={"is_listed": shop.is_listed, "revision": revision_of_shop(shop)})
    return page(
        "backoffice/setting_up/shop.html",
        here="shop",
        shop=shop,
        trade=words.trade(shop.category),
        locations=list_locations(scope()),
        listing=form,
        question=None if shop.is_approved else question_of(scope(), place().merchant_id),
        subscription=f"/office/{place().slug}/subscription" if "subscription.show_subscription" in DOORS else None,
    )


@door(blueprint, "/office/<slug>/shop/about", least="manager", methods=("GET", "POST"))
def edit_about() -> ResponseReturnValue:
    """Name, story, colour and sign."""
    _require_whole()
    shop = _shop()
    form = _about_form(shop)
    if not form.validate_on_submit():
        return _about(form, shop, status=422 if form.errors else 200)
    hue = form.hue.data or 0
    try:
        logo = _logo(form, shop, hue)
        change_shop(
            scope(),
            {
                "name": form.name.data,
                "category": form.category.data,
                "story": form.story(),
                "hue": hue,
                "logo_svg": logo,
            },
            revision=form.revision.data or "",
        )
    except LogoRefusedError as error:
        form.drawing.errors = [messages.sentence(error)]
        return _about(form, shop, status=422)
    except InvalidError as error:
        put_errors(form, error, gettext("That can't be taken. Type it once more."))
        return _about(form, shop, status=422)
    except SomebodyWasFasterError:
        form.revision.data = revision_of_shop(_shop())
        return _about(form, _shop(), stale=_stale(shop.merchant_id), status=409)
    return _saved("setting_up.show_shop")


@door(blueprint, "/office/<slug>/shop/listing", least="owner", methods=("POST",))
def change_listing() -> ResponseReturnValue:
    """Into the lists, or out of them."""
    form = ListingForm()
    if not form.validate_on_submit():
        abort(400)
    try:
        change_shop(scope(), {"is_listed": bool(form.is_listed.data)}, revision=form.revision.data or "")
    except SomebodyWasFasterError as error:
        flash(str(messages.sentence(error)), "bad")
        return redirect(url_for("setting_up.show_shop", slug=place().slug), 303)
    return _saved("setting_up.show_shop")


@door(blueprint, "/office/<slug>/shop/counter", least="owner", methods=("GET", "POST"))
def edit_counter() -> ResponseReturnValue:
    """What a tablet asks for."""
    _require_whole()
    shop = _shop()
    counter = shop.counter
    form = CounterForm(
        data={
            "sign_in": counter.sign_in,
            "lock_after": counter.lock_after,
            **{way: way in counter.approves for way in ("rotating_code", "member_pin", "staff_approval")},
            "cashier_approves": counter.cashier_approves,
            "kiosk_wait": counter.kiosk_wait,
            "opening_units_most": counter.opening_units_most,
            "hints": counter.hints,
            "revision": revision_of_shop(shop),
        }
    )
    return _settle(
        "backoffice/setting_up/counter.html",
        form,
        lambda: change_counter(
            scope(),
            {
                "sign_in": bool(form.sign_in.data),
                "lock_after": form.lock_after.data,
                "approves": form.approves(),
                "cashier_approves": bool(form.cashier_approves.data),
                "kiosk_wait": form.kiosk_wait.data,
                "opening_units_most": form.opening_units_most.data,
                "hints": bool(form.hints.data),
            },
            revision=form.revision.data or "",
        ),
    )


@door(blueprint, "/office/<slug>/shop/invitations", least="owner", methods=("GET", "POST"))
def edit_gifts() -> ResponseReturnValue:
    """What is given for invitations."""
    _require_whole()
    shop = _shop()
    gifts = shop.gifts
    form = GiftsForm(
        data={
            "inviter": gifts.inviter if gifts else 0,
            "invited": gifts.invited if gifts else 0,
            "most": gifts.most if gifts else 20,
            "revision": revision_of_shop(shop),
        }
    )
    return _settle(
        "backoffice/setting_up/gifts.html",
        form,
        lambda: change_gifts(
            scope(),
            inviter=form.inviter.data or 0,
            invited=form.invited.data or 0,
            most=form.most.data or 0,
            revision=form.revision.data or "",
        ),
    )


@door(blueprint, "/office/<slug>/locations/new", least="owner", methods=("GET", "POST"))
def add_location() -> ResponseReturnValue:
    """One more place."""
    if scope().location_id is not None:
        abort(404)
    form = LocationForm()
    if not form.validate_on_submit():
        return _location(form, None, status=422 if form.errors else 200)
    try:
        merchants.add_location(scope(), place().merchant_id, opening_hours=form.hours({}), **_fields(form))
    except (InvalidError, OpeningHoursInvalidError) as error:
        return _location(form, None, problem=_refused(form, error), status=422)
    return _saved("setting_up.show_shop")


@door(blueprint, "/office/<slug>/locations/<location_id>", least="manager", methods=("GET", "POST"))
def edit_location(location_id: str) -> ResponseReturnValue:
    """A place's name, address and hours."""
    found = find_location(scope(), location_id)
    form = LocationForm(
        data={name: getattr(found, name) for name in ("name", "street", "postcode", "city", "lat", "lon")}
        | {"revision": revision_of_location(found)}
    )
    if request.method == "GET":
        form.show_hours(found.opening_hours)
    if not form.validate_on_submit():
        return _location(form, found, status=422 if form.errors else 200)
    changes = _fields(form)
    if not form.more_than_shown(found.opening_hours):
        changes["opening_hours"] = form.hours(found.opening_hours)
    try:
        change_place(scope(), location_id, changes, revision=form.revision.data or "")
    except (InvalidError, OpeningHoursInvalidError) as error:
        return _location(form, found, problem=_refused(form, error), status=422)
    except SomebodyWasFasterError:
        now = find_location(scope(), location_id)
        form.revision.data = revision_of_location(now)
        return _location(form, now, stale=_stale(location_id), status=409)
    return _saved("setting_up.show_shop")


@door(blueprint, "/office/<slug>/locations/<location_id>/close", least="owner", methods=("POST",), is_fresh=True)
def close_location(location_id: str) -> ResponseReturnValue:
    """Close a place: its tablets book nothing any more; it can be opened again."""
    try:
        close_place(scope(), location_id)
    except LastLocationError as error:
        flash(str(messages.sentence(error)), "bad")
        return redirect(url_for("setting_up.show_shop", slug=place().slug), 303)
    return _saved("setting_up.show_shop", gettext("Closed. What members collected there stays theirs."))


@door(blueprint, "/office/<slug>/locations/<location_id>/open", least="owner", methods=("POST",), is_fresh=True)
def open_location(location_id: str) -> ResponseReturnValue:
    """Open a place again."""
    found = find_location(scope(), location_id)
    change_place(scope(), location_id, {"is_active": True}, revision=revision_of_location(found))
    return _saved("setting_up.show_shop", gettext("Open again. Its tablets go on."))


def _settle(template: str, form: CounterForm | GiftsForm, change: Callable[[], None]) -> ResponseReturnValue:
    """A form about the whole shop: shown, refused with what is wrong, told that somebody was faster, or saved."""
    stale, status = None, 200
    if form.validate_on_submit():
        try:
            change()
            return _saved("setting_up.show_shop")
        except InvalidError as error:
            put_errors(form, error, gettext("That can't be taken. Type it once more."))
            status = 422
        except SomebodyWasFasterError:
            form.revision.data = revision_of_shop(_shop())
            stale, status = _stale(place().merchant_id), 409
    elif form.errors:
        status = 422
    return page(template, here="shop", form=form, stale=stale, status=status)


def _require_whole() -> None:
    """Who works at one place only changes that place."""
    if scope().location_id is not None:
        raise ForbiddenError


def _shop() -> OwnShop:
    return own_shop(scope(), merchant_id=place().merchant_id)


def _about_form(shop: OwnShop) -> AboutForm:
    drawn = next((one for one in TRADES if shop.logo_svg == draw_logo(one, shop.hue)), None)
    data: dict[str, Any] = {
        "name": shop.name,
        "category": shop.category,
        "hue": shop.hue,
        "sign": drawn or (OWN_LOGO if shop.logo_svg else shop.category),
        "revision": revision_of_shop(shop),
        **{f"story_{code}": text for code, text in shop.story.items()},
    }
    form = AboutForm(data=data)
    trades = sorted((SelectChoice(key, words.trade(key)) for key in words.TRADES), key=lambda one: one.label)
    if shop.category not in words.TRADES:
        trades.append(SelectChoice(shop.category, words.trade(shop.category)))
    form.category.choices = trades
    form.sign.choices = [SelectChoice(key, words.trade(key)) for key in TRADES]
    if drawn is None and shop.logo_svg:
        form.sign.choices.insert(0, SelectChoice(OWN_LOGO, gettext("The drawing you brought")))
    elif form.sign.data not in TRADES:
        form.sign.data = "general"
    return form


def _logo(form: AboutForm, shop: OwnShop, hue: int) -> str | None:
    """The drawing that was brought, the one that is there, or the sign that was picked, in the colour picked."""
    upload = form.drawing.data
    if isinstance(upload, FileStorage) and upload.filename:
        raw = upload.read(4 * LONGEST + 1)
        try:
            return check_logo(raw.decode("utf-8"))
        except UnicodeDecodeError:
            raise LogoRefusedError(part="svg") from None
    if form.sign.data == OWN_LOGO:
        return shop.logo_svg
    return draw_logo(form.sign.data, hue)


def _about(
    form: AboutForm, shop: OwnShop, *, stale: dict[str, str] | None = None, status: int = 200
) -> ResponseReturnValue:
    hue = form.hue.data if isinstance(form.hue.data, int) and 0 <= form.hue.data < 360 else shop.hue
    return page(
        "backoffice/setting_up/about.html",
        here="shop",
        form=form,
        shop=shop,
        stale=stale,
        hue_now=hue,
        hues={hue, *range(0, 360, 30)},
        swatches=range(0, 360, 30),
        signs=[(key, Markup(sign(key))) for key in TRADES],  # noqa: S704  our own drawings
        status=status,
    )


def _location(
    form: LocationForm,
    found: OwnLocation | None,
    *,
    stale: dict[str, str] | None = None,
    problem: object = None,
    status: int = 200,
) -> ResponseReturnValue:
    settings = platform().settings
    return page(
        "backoffice/setting_up/location.html",
        here="shop",
        form=form,
        location=found,
        stale=stale,
        problem=problem,
        weekdays=_weekdays(),
        has_more=found is not None and form.more_than_shown(found.opening_hours),
        tile_url=settings.tile_url,
        tile_attribution=settings.tile_attribution,
        status=status,
    )


def _weekdays() -> dict[str, str]:
    names = words.babel().days["stand-alone"]["wide"]
    return {day: str(names[number]) for number, day in enumerate(("mon", "tue", "wed", "thu", "fri", "sat", "sun"))}


def _fields(form: LocationForm) -> dict[str, Any]:
    return {name: form[name].data for name in ("name", "street", "postcode", "city", "lat", "lon")}


def _refused(form: LocationForm, error: InvalidError | OpeningHoursInvalidError) -> object:
    if isinstance(error, InvalidError):
        put_errors(form, error, gettext("That can't be taken. Type it once more."))
        return None
    return gettext("The hours of one day overlap, or end where they begin. Look at them once more.")


def _stale(subject_id: str) -> dict[str, str]:
    """Who changed what meanwhile, in words."""
    found = last_change(scope(), subject_id)
    if found is None:
        raise NotFoundError
    at = format_datetime(found.at.astimezone(zone(place().timezone)), rebase=False)
    return {"by": found.by or gettext("Somebody"), "at": at}


def _saved(endpoint: str, told: str | None = None) -> ResponseReturnValue:
    flash(told or gettext("Saved."), "good")
    return redirect(url_for(endpoint, slug=place().slug), 303)
