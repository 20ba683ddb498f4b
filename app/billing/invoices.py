"""An invoice of Stripe's as it is kept."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from app.billing.models import BillingAccount, BillingInvoice
from app.billing.state import moment

_LONGEST_LINE = 300


def fill(row: BillingInvoice, invoice: Mapping[str, Any], account: BillingAccount) -> None:
    """Write down what Stripe says of an invoice. Who it is made out to is taken once, when it is first seen with that:
    an address that is changed later changes no older invoice."""
    row.number = invoice.get("number")
    row.status = str(invoice["status"])
    row.currency = str(invoice["currency"]).upper()
    row.subtotal_minor = int(_first(invoice, "total_excluding_tax", "subtotal") or 0)
    row.total_minor = int(invoice.get("total") or 0)
    row.tax_minor = row.total_minor - row.subtotal_minor
    row.due_minor = int(invoice.get("amount_remaining") or 0)
    transitions = invoice.get("status_transitions") or {}
    issued = moment(transitions.get("finalized_at") or invoice["created"])
    assert issued is not None
    row.issued_at = issued
    row.due_at = moment(invoice.get("due_date"))
    row.paid_at = moment(transitions.get("paid_at"))
    row.page_url = _https(invoice.get("hosted_invoice_url"))
    row.pdf_url = _https(invoice.get("invoice_pdf"))
    row.lines = [_line(one) for one in (invoice.get("lines") or {}).get("data", ())]
    buyer = _buyer(invoice, account)
    if not row.buyer or (not row.buyer.get("name") and buyer.get("name")):
        row.buyer = buyer


def _line(told: Mapping[str, Any]) -> dict[str, Any]:
    period = told.get("period") or {}
    start, end = moment(period.get("start")), moment(period.get("end"))
    # Stripe's lines stand before what is taken off, its taxes and totals after it.
    off = sum(int(one.get("amount") or 0) for one in told.get("discount_amounts") or ())
    net = int(_first(told, "amount_excluding_tax", "amount") or 0) - off
    taxes: Sequence[Mapping[str, Any]] = told.get("taxes") or told.get("tax_amounts") or ()
    tax = sum(int(one.get("amount") or 0) for one in taxes if one.get("tax_behavior") != "inclusive")
    return {
        "text": str(told.get("description") or "")[:_LONGEST_LINE],
        "quantity": int(told.get("quantity") or 1),
        "net_minor": net,
        "tax_minor": tax,
        "discount_minor": off,
        "from": start and start.date().isoformat(),
        "until": end and end.date().isoformat(),
    }


def _buyer(invoice: Mapping[str, Any], account: BillingAccount) -> dict[str, Any]:
    """Who it is made out to: as Stripe printed it, and what it does not know as the owner told it here."""
    address = invoice.get("customer_address") or {}
    ids: Sequence[Mapping[str, Any]] = invoice.get("customer_tax_ids") or ()
    vat = next((str(one["value"]) for one in ids if one.get("type") == "eu_vat" and one.get("value")), None)
    return {
        "name": invoice.get("customer_name") or account.legal_name,
        "vat_number": vat or account.vat_number,
        "street": address.get("line1") or account.street,
        "postcode": address.get("postal_code") or account.postcode,
        "city": address.get("city") or account.city,
        "country": address.get("country") or account.country,
    }


def _first(told: Mapping[str, Any], *names: str) -> Any:
    return next((told[name] for name in names if told.get(name) is not None), None)


def _https(url: Any) -> str | None:
    """An address that a page may lead to."""
    text = str(url or "")
    return text if text.startswith(("https://", "http://127.0.0.1:")) else None
