"""Whom invoices are made out to."""

from __future__ import annotations

from app.billing.accounts import account_of
from app.billing.errors import DetailsChangedError
from app.billing.stripe_gateway import Gateway
from app.billing.vat import read_vat_number
from app.common import audit
from app.common.database import Transaction
from app.common.errors import InvalidError
from app.common.scope import Scope
from app.merchants.rows import merchant_of

LONGEST = 120
FIELDS = ("legal_name", "street", "postcode", "city", "country", "vat_number")


def change_details(scope: Scope, stripe: Gateway | None, *, revision: int, **fields: str | None) -> None:
    """Change the name, address and VAT number on the invoices of the scope's merchant: ``legal_name``, ``street``,
    ``postcode``, ``city``, ``country`` (two capitals), ``vat_number``.

    Stripe is told first, so that both say the same. Raises InvalidError, DetailsChangedError when somebody else changed
    them since ``revision``, BillingUnreachableError. Older invoices stay as they are.
    """
    plain = {name: (fields.get(name) or "").strip() for name in FIELDS}
    errors = {name: ["name_expected"] for name in FIELDS[:4] if not 0 < len(plain[name]) <= LONGEST}
    if len(plain["country"]) != 2 or not plain["country"].isalpha() or not plain["country"].isupper():
        errors["country"] = ["country_expected"]
    vat = read_vat_number(plain["vat_number"]) if plain["vat_number"] else None
    if plain["vat_number"] and vat is None:
        errors["vat_number"] = ["vat_number_expected"]
    if errors:
        raise InvalidError(errors=errors)
    merchant_id = scope.merchant_id or ""
    with scope.transaction() as tx:
        merchant_of(tx, scope, merchant_id)
        account = account_of(tx, merchant_id)
        if account.revision != revision:
            raise DetailsChangedError
        customer = account.customer
    if stripe is not None and customer is not None:
        address = {
            "line1": plain["street"],
            "postal_code": plain["postcode"],
            "city": plain["city"],
            "country": plain["country"],
        }
        stripe.change_customer(customer, name=plain["legal_name"], address=address, vat_number=vat)

    def work(tx: Transaction) -> None:
        account = account_of(tx, merchant_id, for_update=True)
        if account.revision != revision:
            raise DetailsChangedError
        changed = [name for name in FIELDS[:5] if getattr(account, name) != plain[name]]
        changed += ["vat_number"] if account.vat_number != vat else []
        if not changed:
            return
        for name in FIELDS[:5]:
            setattr(account, name, plain[name])
        account.vat_number = vat
        account.revision += 1
        audit.record(
            tx, scope, "subscription.details_changed", "merchant", merchant_id, after=dict.fromkeys(changed, "changed")
        )

    scope.run(work)
