"""What the pretended Stripe knows and does: the API, idempotency keys, and what people and time do there.

It speaks to nobody: :mod:`tests.stripe_fake.serving` puts it on a port, :mod:`tests.stripe_fake.calling` gives it to
the `stripe` package without one. Time is what its clock says.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl

from tests.stripe_fake.objects import ApiError, Object, invalid
from tests.stripe_fake.subscriptions import Subscriptions

RETRIES = (0, 1, 3, 7)  # as often is one message sent that is not taken


@dataclass
class FakeStripe(Subscriptions):
    """One pretended account."""

    api_key: str = "sk_test_pretended"
    is_down: bool = False
    calls: list[tuple[str, str, Object]] = field(default_factory=list)
    _keys: dict[str, tuple[str, str, int, Object]] = field(default_factory=dict)

    # --- the API ---

    def handle(self, method: str, path: str, headers: Mapping[str, str], body: str) -> tuple[int, Object]:
        """Answer one call, as the network would bring it."""
        if self.is_down:
            return 503, {"error": {"type": "api_error", "code": "down", "message": "Unavailable"}}
        told = {name.lower(): value for name, value in headers.items()}
        if told.get("authorization") != f"Bearer {self.api_key}":
            return 401, {
                "error": {"type": "invalid_request_error", "code": "api_key_invalid", "message": "No such key"}
            }
        route, _, query = path.removeprefix("/v1/").partition("?")
        key = told.get("idempotency-key") if method == "POST" else None
        if key in self._keys:
            known_route, known_body, status, answer = self._keys[key]
            if (known_route, known_body) == (route, body):
                return status, json.loads(json.dumps(answer))
            error = ApiError(400, "idempotency_error", "idempotency_error", "This key was used with other parameters.")
            return error.status, error.body
        fields = nested(parse_qsl(body if method == "POST" else query, keep_blank_values=True))
        self.calls.append((method, route, fields))
        try:
            status, answer = 200, self._route(method, route, fields)
        except ApiError as error:
            status, answer = error.status, error.body
        # What failed for its content is not kept, as at Stripe.
        if key is not None and status != 400:
            self._keys[key] = (route, body, status, json.loads(json.dumps(answer)))
        return status, json.loads(json.dumps(answer))

    def _route(self, method: str, route: str, fields: Object) -> Object:
        parts = route.split("/")
        match (method, parts):
            case ("POST", ["products"]):
                return self._put("prod", "product", {"active": True, "metadata": {}, **fields})
            case ("POST", ["prices"]):
                return self._price(fields)
            case ("GET", ["prices"]):
                wanted = fields.get("lookup_keys") or []
                return self._list("price", lambda one: not wanted or one.get("lookup_key") in wanted, fields, route)
            case ("POST", ["customers"]):
                made = self._put("cus", "customer", {"metadata": {}, "balance": 0, **fields})
                self._tell("customer.created", made)
                return made
            case ("GET", ["customers", ident]):
                return self._get("customer", ident)
            case ("POST", ["customers", ident]):
                customer = self._get("customer", ident)
                customer.update(fields)
                self._tell("customer.updated", customer)
                return customer
            case ("GET", ["customers", ident, "tax_ids"]):
                return self._list("tax_id", lambda one: one["customer"] == ident, fields, route)
            case ("POST", ["customers", ident, "tax_ids"]):
                self._get("customer", ident)
                return self._put("txi", "tax_id", {"customer": ident, **fields})
            case ("DELETE", ["customers", ident, "tax_ids", tax_id]):
                self._get("tax_id", tax_id)
                del self._objects[tax_id]
                return {"id": tax_id, "object": "tax_id", "deleted": True}
            case ("POST", ["checkout", "sessions"]):
                return self._checkout(fields)
            case ("POST", ["billing_portal", "sessions"]):
                customer = self._get("customer", fields.get("customer", ""))
                made = self._put("bps", "billing_portal.session", {**fields, "customer": customer["id"]})
                made["url"] = f"{self.origin}/portal/{made['id']}"
                return made
            case ("GET", ["coupons", ident]):
                return self._get("coupon", ident)
            case ("POST", ["coupons"]):
                return self._coupon(fields)
            case ("GET", ["subscriptions"]):
                self._get("customer", fields.get("customer", ""))
                is_all = fields.get("status") == "all"
                listed = self._list(
                    "subscription",
                    lambda one: one["customer"] == fields["customer"] and (is_all or one["status"] != "canceled"),
                    fields,
                    route,
                )
                if "data.discounts.source.coupon" in (fields.get("expand") or []):
                    listed["data"] = [{**one, "discounts": self._told_discounts(one)} for one in listed["data"]]
                return listed
            case ("GET", ["subscriptions", ident]):
                return self._get("subscription", ident)
            case ("POST", ["subscriptions", ident]):
                return self._change(self._get("subscription", ident), fields)
            case ("DELETE", ["subscriptions", ident]):
                return self._end(self._get("subscription", ident))
            case ("GET", ["invoices"]):
                return self._list("invoice", lambda one: one["customer"] == fields.get("customer"), fields, route)
            case ("POST", ["invoices", "create_preview"]):
                return self._preview(fields)
            case ("GET", ["invoices", ident]):
                return self._get("invoice", ident)
        raise ApiError(404, "invalid_request_error", "url_invalid", f"Unrecognized request URL ({method}: /v1/{route})")

    # --- what people and time do at Stripe ---

    def pay_checkout(self, session_id: str) -> Object:
        """Somebody pays on the page of a Checkout session. Returns the session."""
        session = self._get("checkout.session", session_id)
        if session["status"] != "open":
            return session
        trial = int((session.get("subscription_data") or {}).get("trial_period_days") or 0)
        price = self._get("price", session["line_items"][0]["price"])
        subscription = self._subscribe(session["customer"], price, trial, session.get("subscription_data") or {})
        session.update(status="complete", payment_status="paid", subscription=subscription["id"])
        self._tell("checkout.session.completed", session)
        return session

    def end_trial(self, subscription_id: str) -> Object:
        """The trial is over: the first month is paid, or not."""
        subscription = self._get("subscription", subscription_id)
        return self._period(subscription, "subscription_cycle")

    def renew(self, subscription_id: str) -> Object:
        """A month is over: the next one is paid, or not; what was cancelled ends."""
        subscription = self._get("subscription", subscription_id)
        if subscription["status"] == "canceled":
            return subscription
        if subscription["cancel_at_period_end"]:
            return self._end(subscription)
        return self._period(subscription, "subscription_cycle")

    def retry(self, subscription_id: str) -> Object:
        """Stripe tries an open invoice once more."""
        subscription = self._get("subscription", subscription_id)
        for invoice in self._open_of(subscription):
            self._settle(subscription, invoice)
        return subscription

    def give_up(self, subscription_id: str) -> Object:
        """The last try failed: it stays unpaid."""
        subscription = self._get("subscription", subscription_id)
        if subscription["status"] == "past_due":
            subscription["status"] = "unpaid"
            self._tell("customer.subscription.updated", subscription)
        return subscription

    def end(self, subscription_id: str) -> Object:
        return self._end(self._get("subscription", subscription_id))

    def cancel(self, subscription_id: str, *, is_cancelled: bool = True) -> Object:
        """As on the portal's page."""
        return self._change(self._get("subscription", subscription_id), {"cancel_at_period_end": is_cancelled})

    def card(self, customer_id: str, *, is_good: bool) -> None:
        """From now on the customer's card is taken, or refused."""
        (self.declines.discard if is_good else self.declines.add)(customer_id)

    # --- inside ---

    def _price(self, fields: Object) -> Object:
        self._get("product", fields.get("product", ""))
        lookup = fields.get("lookup_key")
        if lookup and any(one.get("lookup_key") == lookup for one in self.all("price")):
            raise invalid("A price already uses that lookup key.")
        amount = {"unit_amount": int(fields["unit_amount"]), "type": "recurring", "active": True}
        return self._put("price", "price", {"metadata": {}, **fields, **amount})

    def _coupon(self, fields: Object) -> Object:
        if fields["id"] in self._objects:
            raise invalid("Coupon already exists.", "resource_already_exists")
        if ("percent_off" in fields) == ("amount_off" in fields) or len(fields.get("name", "")) > 40:
            raise invalid("You must specify either amount_off or percent_off.")
        made = {**fields, "object": "coupon", "valid": True}
        made["percent_off"] = float(fields["percent_off"]) if "percent_off" in fields else None
        made["amount_off"] = int(fields["amount_off"]) if "amount_off" in fields else None
        self._objects[made["id"]] = made
        return made

    def _checkout(self, fields: Object) -> Object:
        self._get("customer", fields.get("customer", ""))
        self._get("price", fields["line_items"][0]["price"])
        if "success_url" not in fields:
            raise invalid("Missing required param: success_url.")
        made = self._put("cs_test", "checkout.session", {**fields, "status": "open", "payment_status": "unpaid"})
        made["url"] = f"{self.origin}/pay/{made['id']}"
        return made


def nested(pairs: list[tuple[str, str]]) -> Object:
    """Form fields as the objects and lists that they stand for: ``items[0][price]=x``."""
    root: Object = {}
    for name, value in pairs:
        path = re.findall(r"[^\[\]]+", name)
        here = root
        for part in path[:-1]:
            here = here.setdefault(part, {})
        here[path[-1]] = value
    return _lists(root)  # type: ignore[no-any-return]


def _lists(told: Any) -> Any:
    if not isinstance(told, dict):
        return told
    read = {name: _lists(value) for name, value in told.items()}
    if read and all(name.isdigit() for name in read):
        return [read[name] for name in sorted(read, key=int)]
    return read
