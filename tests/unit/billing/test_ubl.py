"""Invoices as Peppol BIS Billing 3.0: what the standard's own rules ask, computed from the file."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from decimal import ROUND_HALF_UP, Decimal
from xml.etree import ElementTree as ET

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.billing.errors import InvoiceNotElectronicError
from app.billing.ubl import Bill, Seller, is_electronic, seller_of, write

NS = {
    "cac": "urn:oasis:names:specification:ubl:schema:xsd:CommonAggregateComponents-2",
    "cbc": "urn:oasis:names:specification:ubl:schema:xsd:CommonBasicComponents-2",
}
SELLER = Seller("Zegel VZW", "BE0203201340", "Botermarkt 1", "9000", "Gent", iban="BE68 5390 0754 7034")
BUYER = {
    "name": "An & zonen <BV>",
    "vat_number": "BE0869763267",
    "street": "Kouter 1",
    "postcode": "9000",
    "city": "Gent",
    "country": "BE",
}


def line(net: int, text: str = "1 × small") -> dict[str, object]:
    sign = -1 if net < 0 else 1
    tax = sign * int((Decimal(abs(net)) * 21 / 100).quantize(Decimal(1), ROUND_HALF_UP))
    return {
        "text": text,
        "quantity": 1,
        "net_minor": net,
        "tax_minor": tax,
        "from": "2026-03-01",
        "until": "2026-03-31",
    }


def bill(*nets: int, paid: bool = True) -> Bill:
    lines = [line(net) for net in nets]
    total = sum(int(str(one["net_minor"])) + int(str(one["tax_minor"])) for one in lines)
    at = datetime(2026, 3, 1, 23, 30, tzinfo=UTC)
    return Bill("ZEGEL-0001", "EUR", at, None, 0 if paid else total, total, lines, BUYER)


def amounts(root: ET.Element, path: str) -> list[Decimal]:
    return [Decimal(found.text or "") for found in root.findall(path, NS)]


def text(root: ET.Element, path: str) -> str:
    found = root.find(path, NS)
    assert found is not None, path
    return found.text or ""


def test_the_file_says_who_what_and_how_much() -> None:
    root = ET.fromstring(write(bill(1900, paid=False), SELLER))
    assert text(root, "cbc:CustomizationID").endswith("poacc:billing:3.0")
    assert text(root, "cbc:ProfileID") == "urn:fdc:peppol.eu:2017:poacc:billing:01:1.0"
    assert text(root, "cbc:IssueDate") == "2026-03-02", "the day in Brussels"
    supplier, customer = "cac:AccountingSupplierParty/cac:Party/", "cac:AccountingCustomerParty/cac:Party/"
    endpoint = root.find(supplier + "cbc:EndpointID", NS)
    assert endpoint is not None
    assert (endpoint.text, endpoint.get("schemeID")) == ("0203201340", "0208")
    assert text(root, customer + "cac:PartyLegalEntity/cbc:RegistrationName") == "An & zonen <BV>"
    assert text(root, customer + "cac:PartyTaxScheme/cbc:CompanyID") == "BE0869763267"
    assert text(root, "cac:PaymentMeans/cac:PayeeFinancialAccount/cbc:ID") == "BE68539007547034"
    assert text(root, "cac:LegalMonetaryTotal/cbc:PayableAmount") == "22.99"
    assert text(root, "cac:TaxTotal/cac:TaxSubtotal/cac:TaxCategory/cbc:Percent") == "21"


@given(st.lists(st.integers(-500_000, 500_000).filter(bool), min_size=1, max_size=6), st.booleans())
def test_the_sums_are_those_that_the_standard_asks_for(nets: list[int], is_paid: bool) -> None:
    told = bill(*nets, paid=is_paid)
    if told.total_minor < 0:
        with pytest.raises(InvoiceNotElectronicError):
            write(told, SELLER)
        return
    root = ET.fromstring(write(told, SELLER))
    total = "cac:LegalMonetaryTotal/cbc:"
    (net,), (gross,) = amounts(root, total + "TaxExclusiveAmount"), amounts(root, total + "TaxInclusiveAmount")
    assert sum(amounts(root, "cac:InvoiceLine/cbc:LineExtensionAmount")) == net  # BR-CO-10
    (tax,) = amounts(root, "cac:TaxTotal/cbc:TaxAmount")
    assert net + tax == gross  # BR-CO-15
    assert sum(amounts(root, "cac:TaxTotal/cac:TaxSubtotal/cbc:TaxAmount")) == tax  # BR-CO-14
    prepaid = sum(amounts(root, total + "PrepaidAmount"))
    assert gross - prepaid == amounts(root, total + "PayableAmount")[0]  # BR-CO-16
    for row in root.findall("cac:InvoiceLine", NS):
        (price,), (each,) = amounts(row, "cac:Price/cbc:PriceAmount"), amounts(row, "cbc:InvoicedQuantity")
        assert price >= 0  # BR-27
        assert price * each == amounts(row, "cbc:LineExtensionAmount")[0]


def test_a_file_that_would_contradict_itself_is_not_made() -> None:
    with pytest.raises(InvoiceNotElectronicError):
        write(replace(bill(1900), total_minor=2300), SELLER)
    with pytest.raises(InvoiceNotElectronicError):
        write(bill(1900), None)
    with pytest.raises(InvoiceNotElectronicError):
        write(replace(bill(1900), lines=[]), SELLER)


def test_only_final_invoices_of_known_belgian_businesses() -> None:
    assert is_electronic("Z-1", "paid", BUYER)
    assert not is_electronic(None, "paid", BUYER)
    assert not is_electronic("Z-1", "draft", BUYER)
    assert not is_electronic("Z-1", "paid", {**BUYER, "vat_number": "NL823456789B01"})
    assert not is_electronic("Z-1", "paid", {**BUYER, "street": ""})


def test_a_seller_needs_all_of_it() -> None:
    told = {"name": "Z", "vat_number": "BE0203201340", "street": "B 1", "postcode": "9000", "city": "Gent"}
    assert seller_of(told) == Seller("Z", "BE0203201340", "B 1", "9000", "Gent")
    assert seller_of({**told, "vat_number": "BE0203201341"}) is None
    assert seller_of({name: value for name, value in told.items() if name != "city"}) is None
