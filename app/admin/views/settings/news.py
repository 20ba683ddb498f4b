"""Announcements to the shops."""

from __future__ import annotations

from flask import flash, redirect, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from wtforms.fields import SelectChoice

from app import messages
from app.admin.doors import door, scope
from app.admin.forms.settings import NewsForm, in_languages, put_errors
from app.admin.pages import page
from app.admin.views.settings.blueprint import blueprint
from app.common.errors import DomainError, InvalidError
from app.merchants.queries.announcements import count_owners, list_announcements, places_of_shops
from app.merchants.service.announcing import announce, cancel_announcement
from app.rewards.views import words
from app.web.locale import LANGUAGES


@door(blueprint, "/admin/settings/news", right="administrator", methods=("GET", "POST"))
def news() -> ResponseReturnValue:
    """What was announced, and a form for one more."""
    form, places = NewsForm(), places_of_shops(scope())
    form.category.choices = [
        SelectChoice("", _("Every trade")),
        *(SelectChoice(key, f"{words.trade(key)} ({many})") for key, many in places.trades),
    ]
    form.city.choices = [
        SelectChoice("", _("Everywhere")),
        *(SelectChoice(city, f"{city} ({many})") for city, many in places.cities),
    ]
    if form.validate_on_submit():
        category, city = form.category.data or None, form.city.data or None
        try:
            announce(
                scope(),
                titles=in_languages(form, "title"),
                texts=in_languages(form, "text"),
                category=category,
                city=city,
                delay_minutes=form.delay.data,
            )
        except InvalidError as error:
            put_errors(form, error.params["errors"], messages.field)
        else:
            many = count_owners(scope(), category=category, city=city)
            flash(_("Written. %(count)s mails go out; until then you can cancel it.", count=many), "good")
            return redirect(url_for("admin_settings.news"), 303)
    return page(
        "admin/settings/news.html",
        here="settings",
        form=form,
        news=list_announcements(scope()),
        languages_of=LANGUAGES,
        trade=words.trade,
        status=422 if form.errors else 200,
    )


@door(blueprint, "/admin/settings/news/<announcement_id>/cancel", right="administrator", methods=("POST",))
def cancel_news(announcement_id: str) -> ResponseReturnValue:
    """Cancel an announcement before it goes out."""
    try:
        cancel_announcement(scope(), announcement_id)
    except DomainError as error:
        flash(messages.sentence(error), "bad")
    else:
        flash(_("Cancelled. Nobody was told."), "good")
    return redirect(url_for("admin_settings.news"), 303)
