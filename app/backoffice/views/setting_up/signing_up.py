"""Signing up: the form, the code, and one more business for whoever is signed in."""

from __future__ import annotations

from dataclasses import replace

from flask import flash, g, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from markupsafe import Markup

from app import messages
from app.backoffice.doors import Visitor, door, set_cookie
from app.backoffice.forms.setting_up.signing_up import CodeForm, NewShopForm, SignUpForm
from app.backoffice.pages import page
from app.backoffice.service import signing_up
from app.backoffice.trades import TRADES, trade
from app.backoffice.views.setting_up.base import blueprint, network, put_errors
from app.cards.errors import TriesUsedUpError
from app.common.errors import DomainError, InvalidError
from app.extensions import platform
from app.merchants.errors import ShopInvitationOverError, SignUpCodeWrongError, SignUpOverError
from app.merchants.logos import sign
from app.merchants.queries.terms import list_versions
from app.merchants.service.logins import SESSION_LIFETIME
from app.merchants.service.shop_invitations import InvitedShop, open_invitation
from app.merchants.tokens import token_hash
from app.rewards.views import words
from app.web import locale


@door(blueprint, "/account/sign-up", least="anybody", methods=("GET", "POST"))
def sign_up() -> ResponseReturnValue:
    """A new shop: with a new sign-in, or as one more business of whoever is signed in."""
    visitor: Visitor | None = g.visitor
    is_known = visitor is not None and not visitor.signed_in.waits_for_second
    form: NewShopForm = NewShopForm() if is_known else SignUpForm()
    token = request.args.get("invitation", "")[:100]
    invited, over = _invited(token)
    if request.method == "GET":
        _prefill(form, invited)
    if not form.validate_on_submit():
        return _form(form, problem=over, invited=invited, status=422 if form.errors else 200)
    shop = form.shop() if invited is None else replace(form.shop(), invitation=token_hash(token).hex())
    try:
        if is_known:
            assert visitor is not None
            slug = signing_up.add_business(visitor.scope, shop, login_id=visitor.signed_in.login_id)
            return redirect(url_for("setting_up.show_first_steps", slug=slug), 303)
        assert isinstance(form, SignUpForm)
        typed = {"email": form.email.data or "", "password": form.password.data or ""}
        if invited is not None:
            made = signing_up.sign_up_invited(
                platform().scope(), token, shop, **typed, network=network(), browser=request.user_agent.string
            )
            if made is not None:
                return _begun(made)
        started = signing_up.sign_up(
            platform().scope(),
            shop,
            **typed,
            public_url=platform().settings.public_url,
            network=network(),
        )
    except InvalidError as error:
        put_errors(form, error, gettext("That can't be taken. Type it once more."))
        return _form(form, invited=invited, status=422)
    except TriesUsedUpError as error:
        return _form(form, problem=messages.sentence(error), invited=invited, status=429)
    except ShopInvitationOverError as error:
        return _form(form, problem=messages.sentence(error), status=409)
    return redirect(url_for("setting_up.enter_code", token=started.token), 303)


@door(blueprint, "/account/sign-up/<token>", least="anybody", methods=("GET", "POST"))
def enter_code(token: str) -> ResponseReturnValue:
    """The code from the mail: with it the shop is there."""
    scope = platform().scope()
    form = CodeForm()
    try:
        waiting = signing_up.find_sign_up(scope, token)
        if request.method == "GET":
            form.code.data = request.args.get("code", "")[:6]
        if not form.validate_on_submit():
            return _code(form, waiting, token, status=422 if form.errors else 200)
        made = signing_up.confirm_sign_up(scope, token, form.code.data or "", browser=request.user_agent.string)
    except SignUpCodeWrongError as error:
        form.code.errors = [messages.sentence(error)]
        return _code(form, waiting, token, status=422)
    except SignUpOverError as error:
        return _private(page("backoffice/setting_up/sign_up_over.html", problem=messages.sentence(error), status=410))
    return _begun(made)


@door(blueprint, "/account/sign-up/<token>/again", least="anybody", methods=("POST",))
def send_code_again(token: str) -> ResponseReturnValue:
    """Another code, in another mail."""
    try:
        signing_up.send_again(platform().scope(), token, public_url=platform().settings.public_url)
    except SignUpOverError as error:
        return _private(page("backoffice/setting_up/sign_up_over.html", problem=messages.sentence(error), status=410))
    except DomainError as error:
        flash(str(messages.sentence(error)), "bad")
    else:
        flash(gettext("Another mail is on its way. The code in the last one does not work any more."), "good")
    return redirect(url_for("setting_up.enter_code", token=token), 303)


def _begun(made: signing_up.SignedUp) -> ResponseReturnValue:
    response = redirect(url_for("setting_up.show_first_steps", slug=made.slug), 303)
    set_cookie(response, made.session.token, int(SESSION_LIFETIME.total_seconds()))
    return response


def _invited(token: str) -> tuple[InvitedShop | None, object]:
    """What the invitation says by whose link somebody came, or why it is over: one can sign up all the same."""
    if not token:
        return None, None
    try:
        return open_invitation(platform().scope(), token), None
    except ShopInvitationOverError as error:
        return None, messages.sentence(error)


def _prefill(form: NewShopForm, invited: InvitedShop | None) -> None:
    wanted = request.args.get("trade") if invited is None else invited.category
    if wanted in TRADES:
        form.trade.data = wanted
    if invited is None:
        return
    form.name.data, form.city.data = invited.name, invited.city
    if isinstance(form, SignUpForm):
        form.email.data = invited.email


def _form(
    form: NewShopForm, *, problem: object = None, invited: InvitedShop | None = None, status: int
) -> ResponseReturnValue:
    trades = [
        {
            "key": key,
            "name": words.trade(trade(key).category),
            "hue": trade(key).hue,
            "sign": Markup(sign(trade(key).category)),  # noqa: S704  our own drawings
            "programme": locale.choose(trade(key).programme),
            "reward": locale.choose(trade(key).rewards[0].name),
        }
        for key in TRADES
    ]
    settings = platform().settings
    response = page(
        "backoffice/setting_up/sign_up.html",
        form=form,
        trades=trades,
        problem=problem,
        invited=invited,
        hues={one["hue"] for one in trades},
        agreed={one.kind for one in list_versions(platform().scope()) if one.state == "in_force"},
        tile_url=settings.tile_url,
        tile_attribution=settings.tile_attribution,
        status=status,
    )
    return response if invited is None else _private(response)


def _code(form: CodeForm, waiting: signing_up.Waiting, token: str, *, status: int) -> ResponseReturnValue:
    return _private(page("backoffice/setting_up/code.html", form=form, waiting=waiting, token=token, status=status))


def _private(response: ResponseReturnValue) -> ResponseReturnValue:
    # The address is half a secret: it is told to nobody.
    response.headers["Referrer-Policy"] = "same-origin"  # type: ignore[union-attr]
    return response
