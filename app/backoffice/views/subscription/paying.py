"""The subscription: what it covers, what it costs, changing and ending it, the invoices."""

from __future__ import annotations

from collections.abc import Callable
from urllib.parse import urlsplit

from flask import Response, flash, make_response, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from app import messages
from app.backoffice.doors import door, place, scope, visitor
from app.backoffice.forms.problems import mark
from app.backoffice.forms.subscription import DetailsForm, PlanForm
from app.backoffice.pages import page
from app.backoffice.views.subscription.blueprint import blueprint
from app.billing import queries, ubl
from app.billing import service as billing
from app.billing.errors import BillingOffError, DetailsChangedError, InvoiceNotElectronicError, PlanUnknownError
from app.billing.stripe_gateway import Gateway, gateway
from app.common.errors import DomainError
from app.common.ids import new_id
from app.extensions import platform
from app.web import locale

HERE = "shop"
_ADDRESS = "/office/<slug>/subscription"


@door(blueprint, _ADDRESS, least="owner")
def show_subscription() -> ResponseReturnValue:
    """What is in force, what there is to choose, and the invoices."""
    is_on = gateway(platform().settings.stripe) is not None
    view = queries.get_subscription(scope())
    return page(
        "backoffice/subscription/subscription.html",
        here=HERE,
        is_on=is_on and bool(view.plans),
        view=view,
        language_now=locale.language(),
        form_key=new_id(),
        form=DetailsForm(data={**view.details, "revision": view.revision}),
        has_seller=ubl.seller_of(platform().settings.seller) is not None,
    )


@door(blueprint, f"{_ADDRESS}/start", least="owner", methods=("POST",), is_fresh=True)
def start() -> ResponseReturnValue:
    """On to Stripe's page, to subscribe there."""
    form = PlanForm()
    if not form.validate_on_submit():
        return _back()

    def act(stripe: Gateway) -> ResponseReturnValue:
        address = billing.start_checkout(
            scope(),
            stripe,
            form.plan_id.data or "",
            email=visitor().signed_in.email,
            back=_outside("subscription.come_back"),
            away=_outside("subscription.show_subscription"),
            locale=locale.language(),
            key=form.form_key.data or "",
        )
        return _go(address)

    return _try(act)


@door(blueprint, f"{_ADDRESS}/back", least="owner")
def come_back() -> ResponseReturnValue:
    """Back from Stripe's pages: how it stands is asked at once, since its message may take a moment."""

    def act(stripe: Gateway) -> ResponseReturnValue:
        billing.sync(scope(), stripe, place().merchant_id, public_url=platform().settings.public_url)
        if queries.get_subscription(scope()).is_running:
            flash(_("Thank you. Your subscription is running."), "good")
        return _back()

    return _try(act)


@door(blueprint, f"{_ADDRESS}/portal", least="owner", methods=("POST",), is_fresh=True)
def portal() -> ResponseReturnValue:
    """On to Stripe's page for cards, direct debits and the VAT number."""
    return _try(
        lambda stripe: _go(
            billing.open_portal(scope(), stripe, back=_outside("subscription.come_back"), locale=locale.language())
        )
    )


@door(blueprint, f"{_ADDRESS}/change/<plan_id>", least="owner", methods=("GET", "POST"), is_fresh=True)
def change(plan_id: str) -> ResponseReturnValue:
    """What going over to another plan costs now; then it is done."""

    def act(stripe: Gateway) -> ResponseReturnValue:
        form = PlanForm()
        if form.validate_on_submit():
            billing.change_plan(
                scope(),
                stripe,
                plan_id,
                key=form.form_key.data or "",
                public_url=platform().settings.public_url,
            )
            flash(_("Your plan is changed. It holds from now on."), "good")
            return _back()
        view = queries.get_subscription(scope())
        plan = next((one for one in view.plans if one.id == plan_id), None)
        if plan is None or plan.is_current or not plan.amount_minor:
            raise PlanUnknownError
        amount, currency = billing.preview_change(scope(), stripe, plan_id)
        return page(
            "backoffice/subscription/change.html",
            here=HERE,
            view=view,
            plan=plan,
            amount=amount,
            currency=currency,
            form_key=new_id(),
            language_now=locale.language(),
        )

    return _try(act)


@door(blueprint, f"{_ADDRESS}/cancel", least="owner", methods=("GET", "POST"), is_fresh=True)
def cancel() -> ResponseReturnValue:
    """What ending it means; then it is done."""
    if request.method == "GET":
        return page("backoffice/subscription/cancel.html", here=HERE, view=queries.get_subscription(scope()))

    def act(stripe: Gateway) -> ResponseReturnValue:
        billing.cancel(scope(), stripe, is_cancelled=True, public_url=platform().settings.public_url)
        flash(_("Your subscription ends with the time that is paid. Nothing more is taken."), "good")
        return _back()

    return _try(act)


@door(blueprint, f"{_ADDRESS}/resume", least="owner", methods=("POST",), is_fresh=True)
def resume() -> ResponseReturnValue:
    """Take a cancellation back."""

    def act(stripe: Gateway) -> ResponseReturnValue:
        billing.cancel(scope(), stripe, is_cancelled=False, public_url=platform().settings.public_url)
        flash(_("Your subscription goes on."), "good")
        return _back()

    return _try(act)


@door(blueprint, f"{_ADDRESS}/details", least="owner", methods=("GET", "POST"), is_fresh=True)
def details() -> ResponseReturnValue:
    """Whom invoices are made out to."""
    view = queries.get_subscription(scope())
    form = DetailsForm(data={**view.details, "revision": view.revision})
    status = 200
    changed = None
    if form.validate_on_submit():
        try:
            billing.change_details(
                scope(),
                gateway(platform().settings.stripe),
                revision=form.revision.data or 0,
                **{name: form[name].data for name in view.details},
            )
        except DetailsChangedError as error:
            # What is there now stands beside what was typed: nothing is overwritten, nothing is typed twice.
            changed, status = view.details, 409
            form.revision.data = form.revision.raw_data = None
            form = DetailsForm(formdata=None, data={**_typed(form), "revision": view.revision})
            form.form_errors = [messages.sentence(error)]
        except DomainError as error:
            mark(form, error)
            status = 422
        else:
            flash(_("The next invoices are made out to this address."), "good")
            return _back()
    elif form.is_submitted():
        status = 422
    return page("backoffice/subscription/details.html", status=status, here=HERE, form=form, changed=changed)


@door(blueprint, f"{_ADDRESS}/invoices/<invoice_id>.xml", least="owner")
def electronic(invoice_id: str) -> ResponseReturnValue:
    """An invoice as Peppol UBL, for the bookkeeper's program."""
    found = queries.get_invoice(scope(), invoice_id)
    if not ubl.is_electronic(found.number, found.status, found.buyer):
        raise InvoiceNotElectronicError
    written = ubl.write(
        ubl.Bill(
            number=found.number or "",
            currency=found.currency,
            issued_at=found.issued_at,
            due_at=found.due_at,
            due_minor=found.due_minor,
            total_minor=found.total_minor,
            lines=found.lines,
            buyer=found.buyer,
        ),
        ubl.seller_of(platform().settings.seller),
    )
    response = make_response(written)
    response.mimetype = "application/xml"
    name = "".join(letter for letter in found.number or "" if letter.isalnum() or letter in "-_")
    response.headers["Content-Disposition"] = f'attachment; filename="{name}.xml"'
    response.headers["Cache-Control"] = "no-store"
    return response


def _typed(form: DetailsForm) -> dict[str, str]:
    names = ("legal_name", "street", "postcode", "city", "country", "vat_number")
    return {name: form[name].data or "" for name in names}


def _try(act: Callable[[Gateway], ResponseReturnValue]) -> ResponseReturnValue:
    """Do it; what is refused is told on the subscription's page."""
    try:
        stripe = gateway(platform().settings.stripe)
        if stripe is None:
            raise BillingOffError
        return act(stripe)
    except DomainError as error:
        flash(messages.sentence(error), "bad")
        return _back()


def _back() -> ResponseReturnValue:
    return redirect(url_for("subscription.show_subscription", slug=place().slug), 303)


def _outside(endpoint: str) -> str:
    return platform().settings.public_url + url_for(endpoint, slug=place().slug)


def _go(address: str) -> Response:
    """A page that leads on to Stripe's: a form's answer may lead to no other site by itself."""
    parts = urlsplit(address)
    if parts.scheme != "https" and parts.hostname != "127.0.0.1":
        raise BillingOffError
    return page("backoffice/subscription/go_on.html", here=HERE, address=address, host=parts.hostname)
