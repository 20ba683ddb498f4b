"""An own price for one shop, through the pretended Stripe: what is asked, until when, and what the invoice says."""

from __future__ import annotations

from decimal import Decimal
from xml.etree import ElementTree as ET

import pytest

from app.billing import service as billing
from app.billing.discounts import Discount
from app.billing.errors import BillingUnreachableError, SubscriptionMissingError
from app.billing.queries import get_invoice
from app.billing.ubl import Bill, Seller, write
from app.common.errors import InvalidError
from tests.clocks import FixedClock
from tests.integration.billing.conftest import URL, Till

SELLER = Seller("Zegel", "BE0403019261", "Markt 1", "9000", "Gent")
_CBC = "{urn:oasis:names:specification:ubl:schema:xsd:CommonBasicComponents-2}"
_CAC = "{urn:oasis:names:specification:ubl:schema:xsd:CommonAggregateComponents-2}"


def give(till: Till, discount: Discount | None, key: str = "form-1") -> None:
    billing.set_discount(till.scope, till.stripe, discount, key=key, public_url=URL)


def test_a_share_is_taken_off_for_so_many_months(till: Till, clock: FixedClock) -> None:
    subscription = till.subscribe()
    till.sync()
    assert till.look().discount is None
    give(till, Discount(percent=20, months=2))
    found = till.look().discount
    assert found is not None
    assert (found.percent, found.amount_minor) == (Decimal(20), None)
    assert found.ends_at is not None
    assert (found.ends_at - clock()).days == 60
    clock.advance(days=30)
    till.fake.renew(subscription)
    till.sync()
    newest = till.look().invoices[0]
    assert newest.total_minor == 1839, "19.00 less 3.80 is 15.20, with 21 % VAT 18.39"
    row = get_invoice(till.scope, newest.id)
    assert (row.subtotal_minor, row.tax_minor) == (1520, 319)
    assert [(line["net_minor"], line["discount_minor"]) for line in row.lines] == [(1520, 380)]
    clock.advance(days=30)
    assert till.look().discount is None, "it is over before anybody asks Stripe again"
    till.fake.renew(subscription)
    till.sync()
    assert till.look().invoices[0].total_minor == 2299


def test_an_amount_is_taken_off_for_ever_and_replaced_and_ended(till: Till, clock: FixedClock) -> None:
    subscription = till.subscribe()
    till.sync()
    give(till, Discount(amount_minor=500))
    found = till.look().discount
    assert found is not None
    assert (found.percent, found.amount_minor, found.ends_at) == (None, 500, None)
    clock.advance(days=30)
    till.fake.renew(subscription)
    till.sync()
    assert till.look().invoices[0].total_minor == 1694
    give(till, Discount(percent=100), key="form-2")
    found = till.look().discount
    assert found is not None
    assert found.percent == Decimal(100)
    clock.advance(days=30)
    till.fake.renew(subscription)
    till.sync()
    assert till.look().invoices[0].total_minor == 0
    give(till, None, key="form-3")
    assert till.look().discount is None
    clock.advance(days=30)
    till.fake.renew(subscription)
    till.sync()
    assert till.look().invoices[0].total_minor == 2299


def test_the_electronic_invoice_says_what_was_taken_off(till: Till, clock: FixedClock) -> None:
    subscription = till.subscribe()
    till.sync()
    give(till, Discount(percent=20))
    clock.advance(days=30)
    till.fake.renew(subscription)
    till.sync()
    row = get_invoice(till.scope, till.look().invoices[0].id)
    buyer = {
        "name": "Bakery",
        "street": "Kerkstraat 1",
        "postcode": "9000",
        "city": "Gent",
        "vat_number": "BE0417497106",
    }
    bill = Bill(
        row.number or "", row.currency, row.issued_at, row.due_at, row.due_minor, row.total_minor, row.lines, buyer
    )
    line = ET.fromstring(write(bill, SELLER)).find(f"{_CAC}InvoiceLine")
    assert line is not None
    assert [child.tag.rpartition("}")[2] for child in line] == [
        "ID", "InvoicedQuantity", "LineExtensionAmount", "InvoicePeriod", "AllowanceCharge", "Item", "Price",
    ]  # fmt: skip
    assert line.findtext(f"{_CBC}LineExtensionAmount") == "15.20"
    assert line.findtext(f"{_CAC}AllowanceCharge/{_CBC}Amount") == "3.80"
    assert line.findtext(f"{_CAC}Price/{_CBC}PriceAmount") == "19.00"


def test_sent_twice_it_is_given_once(till: Till) -> None:
    till.subscribe()
    till.sync()
    give(till, Discount(percent=10, months=3))
    give(till, Discount(percent=10, months=3))
    give(till, Discount(percent=10, months=3), key="form-2")
    assert len(till.fake.all("coupon")) == 1, "one for every shop that gets the same"
    assert len(till.fake.all("discount")) == 2
    assert len(till.fake.only("subscription")["discounts"]) == 1


@pytest.mark.parametrize(
    "wrong",
    [
        Discount(),
        Discount(percent=0),
        Discount(percent=101),
        Discount(amount_minor=0),
        Discount(amount_minor=1901),
        Discount(percent=5, amount_minor=5),
        Discount(percent=5, months=0),
        Discount(percent=5, months=37),
    ],
)
def test_what_is_no_discount_is_refused(till: Till, wrong: Discount) -> None:
    till.subscribe()
    till.sync()
    with pytest.raises(InvalidError):
        give(till, wrong)
    assert till.fake.all("coupon") == []


def test_without_a_subscription_or_without_stripe_nothing_changes(till: Till) -> None:
    with pytest.raises(SubscriptionMissingError):
        give(till, Discount(percent=10))
    till.subscribe()
    till.sync()
    till.fake.is_down = True
    with pytest.raises(BillingUnreachableError):
        give(till, Discount(percent=10))
    till.fake.is_down = False
    till.sync()
    assert till.look().discount is None
