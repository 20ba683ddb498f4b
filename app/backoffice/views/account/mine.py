"""A person's own sign-in: address, password, second step, passkeys, browsers, language."""

from __future__ import annotations

from flask import flash, make_response, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import lazy_gettext
from markupsafe import Markup

from app import messages
from app.backoffice.doors import door, scope, visitor
from app.backoffice.forms.account import AddressForm, ChangePasswordForm, CodeForm, LanguageForm
from app.backoffice.forms.problems import mark
from app.backoffice.pages import page
from app.backoffice.service import signing_in
from app.backoffice.views.account.blueprint import blueprint
from app.backoffice.views.account.browsers import browser_name
from app.backoffice.views.account.signing_in import offers_passkeys, public_url, set_language, token
from app.cards.qr import Level, as_svg, encode
from app.common.errors import DomainError, InvalidError, TooManyError
from app.merchants import service as merchants
from app.merchants.errors import SecondStepRefusedError, SignInRefusedError
from app.merchants.queries.logins import list_staff_passkeys
from app.web.going import safe_next

_WRONG_NOW = lazy_gettext("That is not your password.")


@door(blueprint, "/account/me", least="login")
def mine() -> ResponseReturnValue:
    """Everything about one's own sign-in."""
    known = visitor().signed_in
    form = LanguageForm(language=known.locale or scope().locale)
    return page(
        "backoffice/account/me.html",
        known=known,
        second=merchants.view_second_step(scope(), known.login_id),
        passkeys=list_staff_passkeys(scope(), known.login_id),
        sessions=merchants.list_sessions(scope(), known.login_id, token()),
        offers_passkeys=offers_passkeys(),
        language_form=form,
        browser_name=browser_name,
    )


@door(blueprint, "/account/language", least="login", methods=("POST",))
def choose_language() -> ResponseReturnValue:
    """Another language on pages and in mails."""
    form = LanguageForm()
    response = make_response(redirect(url_for("account.mine"), 303))
    if form.validate_on_submit():
        merchants.choose_language(scope(), visitor().signed_in.login_id, form.language.data)
        set_language(response, form.language.data)
    return response


@door(blueprint, "/account/address", least="login", methods=("GET", "POST"), is_fresh=True)
def change_address() -> ResponseReturnValue:
    """Ask for another address."""
    form = AddressForm()
    if not form.validate_on_submit():
        return page("backoffice/account/address.html", form=form, status=422 if form.errors else 200)
    try:
        signing_in.ask_for_address(
            scope(), visitor().signed_in.login_id, form.email.data or "", public_url=public_url()
        )
    except (InvalidError, TooManyError) as error:
        mark(form, error)
        return page("backoffice/account/address.html", form=form, status=422)
    flash(
        _("We sent a link to the new address. It holds once you have opened that; until then nothing changes."), "good"
    )
    return redirect(url_for("account.mine"), 303)


@door(blueprint, "/account/password", least="login", methods=("GET", "POST"))
def change_password() -> ResponseReturnValue:
    """Another password."""
    form = ChangePasswordForm()
    if not form.validate_on_submit():
        return page("backoffice/account/password.html", form=form, status=422 if form.errors else 200)
    login_id = visitor().signed_in.login_id
    try:
        signing_in.count_confirmation(scope(), login_id)
        merchants.change_password(
            scope(),
            login_id,
            old=form.old.data or "",
            new=form.password.data or "",
            token=token(),
            public_url=public_url(),
        )
    except SignInRefusedError:
        form.old.errors = [str(_WRONG_NOW)]
        return page("backoffice/account/password.html", form=form, status=422)
    except DomainError as error:
        mark(form, error)
        return page("backoffice/account/password.html", form=form, status=422)
    flash(_("Your password is changed. Everywhere else you were signed out."), "good")
    return redirect(url_for("account.mine"), 303)


@door(blueprint, "/account/second-step", least="login", methods=("GET", "POST"), is_fresh=True)
def add_second_step() -> ResponseReturnValue:
    """Set up an authenticator app: scan, type one code, keep the recovery codes."""
    login_id = visitor().signed_in.login_id
    wanted = safe_next(request.args.get("next"), url_for("account.mine"))
    if visitor().signed_in.has_totp and request.method != "POST":
        return redirect(wanted)
    form = CodeForm()
    problem = None
    if form.validate_on_submit():
        try:
            codes = signing_in.prove_app(
                scope(), login_id, form.code.data or "", token=token(), public_url=public_url()
            )
        except (SecondStepRefusedError, TooManyError) as error:
            problem = messages.sentence(error)
        else:
            if codes:
                return page("backoffice/account/recovery.html", codes=codes, next=wanted)
            flash(_("Signing in takes two steps from now on."), "good")
            return redirect(wanted, 303)
    offered = merchants.offer_totp(scope(), login_id)
    drawn = as_svg(encode(offered.address, Level.SCREEN), title=_("QR code for your authenticator app"))
    return page(
        "backoffice/account/second_new.html",
        form=form,
        problem=problem,
        secret=offered.secret,
        picture=Markup(drawn),  # noqa: S704  made here, of black and white squares
        status=422 if form.errors or problem else 200,
    )


@door(blueprint, "/account/second-step/wanted", least="login")
def second_wanted() -> ResponseReturnValue:
    """Why a page asks for a second step first."""
    wanted = safe_next(request.args.get("next"), url_for("account.businesses"))
    if visitor().signed_in.has_second:
        return redirect(wanted)
    return page("backoffice/account/second_wanted.html", next=wanted, offers_passkeys=offers_passkeys())


@door(blueprint, "/account/second-step/remove", least="login", methods=("POST",), is_fresh=True)
def remove_second_step() -> ResponseReturnValue:
    """Ask for no code any more."""
    merchants.remove_totp(scope(), visitor().signed_in.login_id, public_url=public_url())
    flash(_("Signing in asks for no code from the app any more."), "good")
    return redirect(url_for("account.mine"), 303)


@door(blueprint, "/account/recovery-codes", least="login", methods=("POST",), is_fresh=True)
def renew_recovery_codes() -> ResponseReturnValue:
    """New recovery codes, shown this once."""
    codes = merchants.renew_recovery_codes(scope(), visitor().signed_in.login_id, public_url=public_url())
    return page("backoffice/account/recovery.html", codes=codes)


@door(blueprint, "/account/sessions/end", least="login", methods=("POST",))
def end_sessions() -> ResponseReturnValue:
    """Sign out another browser, or all of them."""
    login_id = visitor().signed_in.login_id
    if key := request.form.get("key"):
        merchants.end_session_of(scope(), login_id, key)
    else:
        merchants.end_other_sessions(scope(), login_id, token())
    flash(_("Signed out there."), "good")
    return redirect(url_for("account.mine"), 303)
