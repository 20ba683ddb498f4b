"""Asking shops to join: a list is read and shown first, then mailed; and what came of those that were asked."""

from __future__ import annotations

from collections.abc import Mapping

from flask import abort, flash, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import LazyString, ngettext
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from app import messages
from app.admin.doors import door, scope
from app.admin.errors import ListTooLongError, ListUnreadableError
from app.admin.forms.shops import InviteForm, SendForm
from app.admin.pages import page
from app.admin.shop_lists import MOST_BYTES, MOST_ROWS, Line, read_shops, write_shops
from app.admin.views.shops.blueprint import REFUSED, blueprint, public_url
from app.merchants.errors import ShopInvitationOverError
from app.merchants.queries.shop_invitations import STATES, known_addresses, list_invitations
from app.merchants.service.shop_invitations import call_off_invitation as call_off
from app.merchants.service.shop_invitations import invite_shops
from app.rewards.views.words import TRADES
from app.support.sealed import masked
from app.web import locale, uploads

_FORM = 64 * 1024  # a form's own words and boundaries
_LARGEST: Mapping[str, int] = {
    "admin_shops.invite": MOST_BYTES + _FORM,
    # As it was read, with quotes and a language for each line.
    "admin_shops.send_invitations": 2 * MOST_BYTES,
}
_STATE_WORDS: Mapping[str, LazyString] = {
    "sent": _l("Sent"),
    "opened": _l("Opened sign-up"),
    "signed_up": _l("Signed up"),
    "called_off": _l("Called off"),
    "expired": _l("Expired"),
}
_STATE_KINDS: Mapping[str, str] = {
    "sent": "wait",
    "opened": "wait",
    "signed_up": "good",
    "called_off": "",
    "expired": "",
}
_PROBLEMS: Mapping[str, LazyString] = {
    "columns": _l("It has more or fewer columns than the first line."),
    "name": _l("The name is missing, is longer than 80 letters, holds an address, or begins like a formula."),
    "email": _l("The e-mail address can’t be read."),
    "city": _l("The town is longer than 80 letters, holds an address, or begins like a formula."),
    "locale": _l("The language is none of nl, fr, en and de."),
    "twice": _l("The address stands in an earlier line too."),
}


@blueprint.before_request
def limit() -> ResponseReturnValue | None:
    """Take no more than a page needs; a file that is larger is told where it was chosen, and nothing is kept."""
    if uploads.limit_body(_LARGEST.get(request.endpoint or "", uploads.FORM_LIMIT)):
        return None
    if request.endpoint not in _LARGEST:
        abort(413)
    flash(messages.sentence(ListTooLongError(most=MOST_ROWS)), "bad")
    return redirect(url_for("admin_shops.invite"), 303)


@door(blueprint, "/admin/shops/invite", right="administrator", methods=("GET", "POST"))
def invite() -> ResponseReturnValue:
    """The file, then what stands in it; nothing is sent yet. Below it who was asked before."""
    form = InviteForm()
    if request.method == "GET":
        form.locale.data = locale.language()
    if not form.validate_on_submit():
        return _show(form, status=422 if form.errors else 200)
    with form.file.data.stream as uploaded:
        content = uploaded.read(MOST_BYTES + 1)
    try:
        lines = read_shops(content, locale=form.locale.data, trades=TRADES)
    except (ListTooLongError, ListUnreadableError) as error:
        return _show(form, problem=messages.sentence(error), status=422)
    return _preview(lines)


@door(blueprint, "/admin/shops/invite/send", right="administrator", methods=("POST",))
def send_invitations() -> ResponseReturnValue:
    """A mail to each address that was new when it was looked at, and still is."""
    form = SendForm()
    if not form.validate_on_submit():
        return _show(InviteForm(formdata=None), problem=_("Choose a file first."), status=422)
    try:
        lines = read_shops((form.shops.data or "").encode(), locale=locale.language(), trades=TRADES)
    except (ListTooLongError, ListUnreadableError) as error:
        return _show(InviteForm(formdata=None), problem=messages.sentence(error), status=422)
    sent = invite_shops(scope(), [line.shop for line in lines if line.shop is not None], public_url=public_url())
    if sent:
        flash(ngettext("%(num)d invitation is on its way.", "%(num)d invitations are on their way.", sent), "good")
    else:
        flash(_("Nobody was mailed: they were all asked already, or sign in here."), "wait")
    return redirect(url_for("admin_shops.invite"), 303)


@door(blueprint, "/admin/shops/invitations/<invitation_id>/call-off", right="administrator", methods=("POST",))
def call_off_invitation(invitation_id: str) -> ResponseReturnValue:
    """Its link works no more."""
    try:
        call_off(scope(), invitation_id)
    except ShopInvitationOverError as error:
        return _show(InviteForm(formdata=None), problem=messages.sentence(error), status=REFUSED)
    flash(_("The invitation is called off. Its link does not work any more."), "good")
    return redirect(url_for("admin_shops.invite"), 303)


def _show(form: InviteForm, *, problem: object = None, status: int = 200) -> ResponseReturnValue:
    state, number = request.args.get("state"), request.args.get("page", "1")
    state = state if state in STATES else None
    return page(
        "admin/shops/invite.html",
        here="shops",
        form=form,
        problem=problem,
        found=list_invitations(scope(), state=state, page=int(number) if number.isdecimal() and len(number) < 6 else 1),
        state=state,
        states=STATES,
        state_words=_STATE_WORDS,
        state_kinds=_STATE_KINDS,
        masked=masked,
        most=MOST_ROWS,
        status=status,
    )


def _preview(lines: list[Line]) -> ResponseReturnValue:
    readable = [line.shop for line in lines if line.shop is not None]
    known = known_addresses(scope(), {shop.email for shop in readable})
    fresh = [shop for shop in readable if shop.email not in known]
    return page(
        "admin/shops/invite_preview.html",
        here="shops",
        lines=lines,
        known=known,
        fresh=fresh,
        unread=sum(line.shop is None for line in lines),
        problems_said=_PROBLEMS,
        trade_words=TRADES,
        csv=write_shops(fresh),
    )
