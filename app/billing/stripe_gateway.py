"""Stripe, as far as this service uses it: one object that speaks to it, and a check of what claims to come from it.

Nothing here touches the database. Every change carries an idempotency key, so that a try whose answer was lost is made
again without a second effect.
"""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from typing import Any

import stripe

from app.billing.discounts import Discount
from app.billing.errors import BillingUnreachableError, PaymentRefusedError, SignatureRefusedError
from app.common.money import format_amount

OLDEST_SECONDS = 300
MOST_AHEAD_SECONDS = 60
LONGEST_EVENT = 512 * 1024  # bytes; Stripe's own are far smaller
TIMEOUT_SECONDS = 20
_LISTED = 100
_COUPONS = "data.discounts.source.coupon"  # without it Stripe gives ids alone


@dataclass(frozen=True, slots=True)
class Present:
    """What Stripe says now of one customer. ``subscriptions`` and ``invoices`` as its API gives them."""

    subscriptions: Sequence[Mapping[str, Any]]
    invoices: Sequence[Mapping[str, Any]]


@dataclass(frozen=True, slots=True)
class StripeEvent:
    """What of an event is kept."""

    id: str
    kind: str
    customer: str | None
    created: int


@dataclass(frozen=True)
class Gateway:
    """``api_base`` is set for tests alone: another address that speaks Stripe's API. ``http_client`` likewise."""

    api_key: str = field(repr=False)
    webhook_secrets: tuple[str, ...] = field(repr=False)
    api_base: str | None = None
    adds_tax: bool = True  # Stripe Tax works the VAT out
    http_client: Any = field(default=None, repr=False)

    @cached_property
    def _client(self) -> Any:
        stripe.enable_telemetry = False  # a library's own switch: what we call is nobody else's business
        addresses: Any = {}
        if self.api_base is not None:
            # All of them, so that nothing can reach the internet.
            addresses = dict.fromkeys(("api", "connect", "files", "meter_events"), self.api_base)
        http = self.http_client or stripe.RequestsClient(timeout=TIMEOUT_SECONDS)
        return stripe.StripeClient(self.api_key, base_addresses=addresses, max_network_retries=2, http_client=http).v1

    def ensure_price(self, *, code: str, name: str, currency: str, amount_minor: int) -> str:
        """The price of a plan at Stripe, made where there is none of this amount. Prices never change there: another
        amount is another price, and whoever subscribed to the old one keeps it."""
        lookup = f"zegel-{code}-{currency.lower()}-{amount_minor}"
        with _told():
            found = self._client.prices.list({"lookup_keys": [lookup], "limit": 1}).data
            if found:
                return str(found[0].id)
            product = self._client.products.create(
                {"name": name, "metadata": {"plan": code}}, {"idempotency_key": f"product-{lookup}"}
            )
            price = self._client.prices.create(
                {
                    "product": product.id,
                    "currency": currency.lower(),
                    "unit_amount": amount_minor,
                    "tax_behavior": "exclusive",
                    "recurring": {"interval": "month"},
                    "lookup_key": lookup,
                    "metadata": {"plan": code},
                },
                {"idempotency_key": f"price-{lookup}"},
            )
            return str(price.id)

    def create_customer(self, merchant_id: str, *, name: str, email: str, locale: str) -> str:
        """The customer that stands for a merchant; a repeat gives the same one."""
        with _told():
            made = self._client.customers.create(
                {
                    "name": name,
                    "email": email,
                    "preferred_locales": [locale],
                    "metadata": {"merchant_id": merchant_id},
                },
                {"idempotency_key": f"customer-{merchant_id}"},
            )
            return str(made.id)

    def change_customer(self, customer: str, *, name: str, address: Mapping[str, str], vat_number: str | None) -> None:
        """Tell Stripe whom invoices are made out to."""
        with _told():
            self._client.customers.update(customer, {"name": name, "address": dict(address)})
            known = self._client.customers.tax_ids.list(customer, {"limit": 10}).data
            for one in known:
                if one.value != vat_number:
                    self._client.customers.tax_ids.delete(customer, one.id)
            if vat_number is not None and all(one.value != vat_number for one in known):
                self._client.customers.tax_ids.create(customer, {"type": "eu_vat", "value": vat_number})

    def check_out(
        self,
        *,
        customer: str,
        price: str,
        trial_days: int,
        back: str,
        away: str,
        locale: str,
        merchant_id: str,
        key: str,
    ) -> str:
        """The address of the page on which the owner subscribes and pays. ``back`` is where it leads when done."""
        subscription: dict[str, Any] = {"metadata": {"merchant_id": merchant_id}}
        if trial_days:
            subscription["trial_period_days"] = trial_days
        with _told():
            session = self._client.checkout.sessions.create(
                {
                    "mode": "subscription",
                    "customer": customer,
                    "client_reference_id": merchant_id,
                    "line_items": [{"price": price, "quantity": 1}],
                    "subscription_data": subscription,
                    "success_url": back,
                    "cancel_url": away,
                    "locale": locale,
                    "automatic_tax": {"enabled": self.adds_tax},
                    "tax_id_collection": {"enabled": True},
                    "billing_address_collection": "required",
                    "customer_update": {"name": "auto", "address": "auto"},
                },
                {"idempotency_key": key},
            )
            return str(session.url)

    def open_portal(self, customer: str, *, back: str, locale: str) -> str:
        """The address of the page on which the owner changes cards, direct debits and the VAT number."""
        with _told():
            made = self._client.billing_portal.sessions.create(
                {"customer": customer, "return_url": back, "locale": locale}
            )
            return str(made.url)

    def present(self, customer: str) -> Present:
        """What there is of a customer at this moment; of one who was deleted, nothing."""
        with _told():
            try:
                subscriptions = self._client.subscriptions.list(
                    {"customer": customer, "status": "all", "limit": _LISTED, "expand": [_COUPONS]}
                )
                invoices = self._client.invoices.list({"customer": customer, "limit": _LISTED})
            except stripe.InvalidRequestError as error:
                if error.code != "resource_missing":
                    raise
                return Present((), ())
        return Present(_plain(subscriptions), _plain(invoices))

    def preview_change(self, subscription: Mapping[str, Any], price: str) -> tuple[int, str]:
        """What changing to another price costs now, after what is left of the old one is given back: minor units (below
        zero: a credit for the next invoices) and the currency."""
        with _told():
            made = self._client.invoices.create_preview(
                {
                    "customer": subscription["customer"],
                    "subscription": subscription["id"],
                    "subscription_details": {
                        "items": [{"id": _item(subscription)["id"], "price": price}],
                        "proration_behavior": "always_invoice",
                    },
                }
            )
            return int(made.total), str(made.currency).upper()

    def change_price(self, subscription: Mapping[str, Any], price: str, *, key: str) -> None:
        """Go over to another price at once; the difference for the days that are left is invoiced at once too. Raises
        PaymentRefusedError: then nothing has changed."""
        with _told():
            self._client.subscriptions.update(
                subscription["id"],
                {
                    "items": [{"id": _item(subscription)["id"], "price": price}],
                    "proration_behavior": "always_invoice",
                    "payment_behavior": "error_if_incomplete",
                    "cancel_at_period_end": False,
                },
                {"idempotency_key": key},
            )

    def set_discount(self, subscription_id: str, discount: Discount | None, *, currency: str, key: str) -> None:
        """Ask less for a subscription from the next invoice on, or the whole price again; what was given before ends.
        A repeat with the same ``key`` changes nothing."""
        with _told():
            given: Any = "" if discount is None else [{"coupon": self._ensure_coupon(discount, currency)}]
            self._client.subscriptions.update(subscription_id, {"discounts": given}, {"idempotency_key": key})

    def _ensure_coupon(self, discount: Discount, currency: str) -> str:
        code = discount.code(currency)
        try:
            return str(self._client.coupons.retrieve(code).id)
        except stripe.InvalidRequestError as error:
            if error.code != "resource_missing":
                raise
        wanted: dict[str, Any] = {"id": code, "duration": "forever" if discount.months is None else "repeating"}
        if discount.months is not None:
            wanted["duration_in_months"] = discount.months
        if discount.percent is not None:
            wanted |= {"percent_off": discount.percent, "name": f"−{discount.percent} %"}
        else:
            name = f"−{format_amount(discount.amount_minor or 0, currency)} {currency}"
            wanted |= {"amount_off": discount.amount_minor, "currency": currency.lower(), "name": name}
        return str(self._client.coupons.create(wanted, {"idempotency_key": f"coupon-{code}"}).id)

    def cancel_at_end(self, subscription_id: str, *, is_cancelled: bool) -> None:
        """Let a subscription end with what is paid already, or take that back. A repeat changes nothing."""
        with _told():
            self._client.subscriptions.update(subscription_id, {"cancel_at_period_end": is_cancelled})

    def read_event(self, body: bytes, signature: str | None, now: datetime) -> StripeEvent:
        """The event in a message, after its signature has been checked on the bytes as they came.

        Raises SignatureRefusedError for one that is forged, older than 300 seconds or more than 60 seconds ahead.
        """
        stamp, given = _parts(signature)
        age = now.timestamp() - stamp
        if age > OLDEST_SECONDS or age < -MOST_AHEAD_SECONDS:
            raise SignatureRefusedError
        signed = b"%d." % stamp + body
        right = [hmac.new(secret.encode(), signed, hashlib.sha256).hexdigest() for secret in self.webhook_secrets]
        if not any(hmac.compare_digest(one, other) for one in right for other in given):
            raise SignatureRefusedError
        try:
            told = json.loads(body)
            thing = told["data"]["object"]
            customer = thing.get("id") if thing.get("object") == "customer" else thing.get("customer")
            if isinstance(customer, Mapping):
                customer = customer.get("id")
            return StripeEvent(str(told["id"]), str(told["type"]), customer and str(customer), int(told["created"]))
        except (ValueError, KeyError, TypeError, AttributeError):
            raise SignatureRefusedError from None


def gateway(settings: Mapping[str, str]) -> Gateway | None:
    """The way to Stripe as the settings of the group ``STRIPE_`` say; None where there is no key: billing is off."""
    key = settings.get("api_key")
    if not key:
        return None
    secrets = tuple(part.strip() for part in settings.get("webhook_secret", "").split(",") if part.strip())
    return Gateway(key, secrets, settings.get("api_base") or None, settings.get("automatic_tax") != "0")


def _parts(signature: str | None) -> tuple[int, list[str]]:
    stamp, given = None, []
    for part in (signature or "")[:2000].split(","):
        name, _, value = part.strip().partition("=")
        if name == "t" and value.isascii() and value.isdigit() and len(value) < 12:
            stamp = int(value)
        elif name == "v1" and value.isascii():
            given.append(value)
    if stamp is None or not given:
        raise SignatureRefusedError
    return stamp, given


def _item(subscription: Mapping[str, Any]) -> Mapping[str, Any]:
    item: Mapping[str, Any] = subscription["items"]["data"][0]
    return item


def _plain(listed: Any) -> tuple[Mapping[str, Any], ...]:
    return tuple(one.to_dict() for one in listed.data)


@contextmanager
def _told() -> Iterator[None]:
    """Stripe's own errors as ours."""
    try:
        yield
    except stripe.CardError as error:
        raise PaymentRefusedError from error
    except (stripe.APIConnectionError, stripe.APIError, stripe.RateLimitError, stripe.AuthenticationError) as error:
        raise BillingUnreachableError from error
    except stripe.PermissionError as error:
        raise BillingUnreachableError from error
