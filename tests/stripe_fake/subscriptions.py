"""The life of the pretended Stripe's subscriptions: months, invoices, other prices, cards that are refused."""

from __future__ import annotations

from dataclasses import dataclass, field

from tests.stripe_fake.objects import ApiError, Object, Objects, invalid

MONTH = 30 * 86400
VAT_PERCENT = 21


@dataclass
class Subscriptions(Objects):
    """What becomes of a subscription, and what is asked for it."""

    declines: set[str] = field(default_factory=set)  # customers whose card is refused

    def _subscribe(self, customer: str, price: Object, trial_days: int, data: Object) -> Object:
        now = self._now()
        trial_end = now + trial_days * 86400 if trial_days else None
        subscription = self._put(
            "sub",
            "subscription",
            {
                "customer": customer,
                "status": "trialing" if trial_days else "active",
                "cancel_at_period_end": False,
                "cancel_at": None,
                "ended_at": None,
                "trial_end": trial_end,
                "discounts": [],
                "currency": price["currency"],
                "metadata": data.get("metadata") or {},
            },
        )
        item = {
            "id": self._id("si"),
            "object": "subscription_item",
            "price": price,
            "quantity": 1,
            "subscription": subscription["id"],
            "current_period_start": now,
            "current_period_end": trial_end or now + MONTH,
        }
        subscription["items"] = {"object": "list", "data": [item], "has_more": False, "url": "/v1/subscription_items"}
        self._tell("customer.subscription.created", subscription)
        amount = 0 if trial_days else price["unit_amount"]
        self._settle(subscription, self._invoice(subscription, [(price, amount)], "subscription_create"), quiet=True)
        return subscription

    def _change(self, subscription: Object, fields: Object) -> Object:
        if subscription["status"] == "canceled":
            raise invalid("A canceled subscription can only update its cancellation_details.")
        if fields.get("items"):
            [item] = subscription["items"]["data"]
            price = self._get("price", fields["items"][0]["price"])
            if price["id"] != item["price"]["id"]:
                lines = self._proration(subscription, price)
                customer = subscription["customer"]
                is_strict = fields.get("payment_behavior") == "error_if_incomplete"
                if is_strict and customer in self.declines and sum(amount for _, amount in lines) > 0:
                    raise ApiError(402, "card_error", "card_declined", "Your card was declined.")
                item["price"] = price
                if subscription["status"] != "trialing":
                    self._settle(subscription, self._invoice(subscription, lines, "subscription_update"))
        if "discounts" in fields:
            subscription["discounts"] = [self._discount(one["coupon"]) for one in fields["discounts"] or ()]
        if "cancel_at_period_end" in fields:
            is_cancelled = str(fields["cancel_at_period_end"]).lower() == "true"
            subscription["cancel_at_period_end"] = is_cancelled
            end = subscription["items"]["data"][0]["current_period_end"]
            subscription["cancel_at"] = end if is_cancelled else None
        self._tell("customer.subscription.updated", subscription)
        return subscription

    def _discount(self, coupon_id: str) -> str:
        coupon, now = self._get("coupon", coupon_id), self._now()
        months = int(coupon["duration_in_months"]) if coupon["duration"] == "repeating" else None
        end = None if months is None else now + months * MONTH
        told = {"start": now, "end": end, "source": {"type": "coupon", "coupon": coupon_id}}
        return str(self._put("di", "discount", told)["id"])

    def _told_discounts(self, subscription: Object) -> list[Object]:
        """The discounts that a subscription has now, each with its coupon."""
        now = self._now()
        found = [self._get("discount", one) for one in subscription["discounts"]]
        return [
            {**one, "source": {"type": "coupon", "coupon": self._get("coupon", one["source"]["coupon"])}}
            for one in found
            if one["end"] is None or one["end"] > now
        ]

    def _taken_off(self, subscription: Object, amounts: list[int]) -> list[int]:
        """What the subscription's discount takes off from each of these amounts."""
        given = self._told_discounts(subscription)
        if not given:
            return [0] * len(amounts)
        coupon = given[0]["source"]["coupon"]
        if coupon["percent_off"] is not None:
            return [round(amount * coupon["percent_off"] / 100) for amount in amounts]
        left, off = coupon["amount_off"], []
        for amount in amounts:
            off.append(min(max(0, amount), left))
            left -= off[-1]
        return off

    def _proration(self, subscription: Object, price: Object) -> list[tuple[Object, int]]:
        """What is given back of the old price and asked of the new one, for the time that is left."""
        [item] = subscription["items"]["data"]
        if subscription["status"] == "trialing":
            return [(item["price"], 0), (price, 0)]
        whole = item["current_period_end"] - item["current_period_start"]
        left = max(0, item["current_period_end"] - self._now())
        old = item["price"]["unit_amount"] * left // whole
        new = price["unit_amount"] * left // whole
        return [(item["price"], -old), (price, new)]

    def _preview(self, fields: Object) -> Object:
        subscription = self._get("subscription", fields["subscription"])
        price = self._get("price", fields["subscription_details"]["items"][0]["price"])
        amounts = [amount for _, amount in self._proration(subscription, price)]
        net = sum(amounts) - sum(self._taken_off(subscription, amounts))
        tax = tax_of(net)
        return {"object": "invoice", "total": net + tax, "currency": price["currency"], "lines": {"data": []}}

    def _period(self, subscription: Object, reason: str) -> Object:
        [item] = subscription["items"]["data"]
        item["current_period_start"] = item["current_period_end"]
        item["current_period_end"] += MONTH
        if subscription["status"] == "trialing":
            subscription["status"] = "active"
        invoice = self._invoice(subscription, [(item["price"], item["price"]["unit_amount"])], reason)
        self._settle(subscription, invoice)
        return subscription

    def _invoice(self, subscription: Object, lines: list[tuple[Object, int]], reason: str) -> Object:
        now = self._now()
        [item] = subscription["items"]["data"]
        customer = self._get("customer", subscription["customer"])
        period = {"start": item["current_period_start"], "end": item["current_period_end"]}
        taken = self._taken_off(subscription, [amount for _, amount in lines])
        rows = [
            {
                "id": self._id("il"),
                "object": "line_item",
                "description": f"1 × {price['metadata'].get('plan', 'plan')}",
                "quantity": 1,
                "amount": amount,
                "discount_amounts": [{"amount": off, "discount": subscription["discounts"][0]}] if off else [],
                "period": period,
                "taxes": [{"amount": tax_of(amount - off), "tax_behavior": "exclusive"}],
            }
            for (price, amount), off in zip(lines, taken, strict=True)
        ]
        gross = sum(amount for _, amount in lines)
        net = gross - sum(taken)
        total = net + sum(tax_of(amount - off) for (_, amount), off in zip(lines, taken, strict=True))
        number = len(self.all("invoice")) + 1
        invoice = self._put(
            "in",
            "invoice",
            {
                "customer": customer["id"],
                "customer_name": customer.get("name"),
                "customer_address": customer.get("address"),
                "customer_tax_ids": [
                    {"type": one["type"], "value": one["value"]}
                    for one in self.all("tax_id")
                    if one["customer"] == customer["id"]
                ],
                "status": "open",
                "number": f"ZEGEL-{number:04d}",
                "currency": subscription["currency"],
                "subtotal": gross,
                "total_excluding_tax": net,
                "total": total,
                "amount_due": total,
                "amount_paid": 0,
                "amount_remaining": total,
                "attempt_count": 0,
                "billing_reason": reason,
                "due_date": None,
                "status_transitions": {"finalized_at": now, "paid_at": None},
                "hosted_invoice_url": f"{self.origin}/invoice/{number}",
                "invoice_pdf": f"{self.origin}/invoice/{number}/pdf",
                "parent": {
                    "type": "subscription_details",
                    "subscription_details": {"subscription": subscription["id"]},
                },
                "lines": {"object": "list", "data": rows, "has_more": False, "url": ""},
            },
        )
        self._tell("invoice.finalized", invoice)
        return invoice

    def _settle(self, subscription: Object, invoice: Object, *, quiet: bool = False) -> None:
        """Try to be paid for an invoice, and let the subscription be what follows from it."""
        invoice["attempt_count"] += 1
        if subscription["customer"] in self.declines and invoice["amount_remaining"] > 0:
            subscription["status"] = "past_due"
            self._tell("invoice.payment_failed", invoice)
        else:
            invoice["status"] = "paid"
            invoice["amount_paid"], invoice["amount_remaining"] = invoice["amount_remaining"], 0
            invoice["status_transitions"]["paid_at"] = self._now()
            self._tell("invoice.paid", invoice)
            if subscription["status"] in ("past_due", "unpaid") and not self._open_of(subscription):
                subscription["status"] = "active"
        if not quiet:
            self._tell("customer.subscription.updated", subscription)

    def _open_of(self, subscription: Object) -> list[Object]:
        return [
            one
            for one in self.all("invoice")
            if one["status"] == "open" and one["parent"]["subscription_details"]["subscription"] == subscription["id"]
        ]

    def _end(self, subscription: Object) -> Object:
        if subscription["status"] != "canceled":
            subscription.update(status="canceled", ended_at=self._now())
            self._tell("customer.subscription.deleted", subscription)
        return subscription


def tax_of(net: int) -> int:
    """VAT, to the cent, away from zero."""
    sign = -1 if net < 0 else 1
    return sign * ((abs(net) * VAT_PERCENT * 2 + 100) // 200)
