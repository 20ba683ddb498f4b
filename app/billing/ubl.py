"""An invoice as Peppol BIS Billing 3.0: UBL 2.1 XML, as Belgian businesses have to exchange it with each other.

Stripe takes the money and makes the PDF; it makes no UBL, so it is written here from the invoice as it was kept.
Amounts are added up again from the lines, as the standard's rules demand: the file can't contradict itself.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import ROUND_HALF_UP, Decimal
from typing import Any
from xml.etree import ElementTree as ET
from zoneinfo import ZoneInfo

from app.billing.errors import InvoiceNotElectronicError
from app.billing.vat import enterprise_number, is_belgian
from app.common.money import format_amount

PROFILE = "urn:fdc:peppol.eu:2017:poacc:billing:01:1.0"
CUSTOMIZATION = "urn:cen.eu:en16931:2017#compliant#urn:fdc:peppol.eu:2017:poacc:billing:3.0"
ENTERPRISE_SCHEME = "0208"  # the Belgian register of enterprises, in the list of electronic addresses
_UBL = "urn:oasis:names:specification:ubl:schema:xsd:"
_INVOICE, _CAC, _CBC = f"{_UBL}Invoice-2", f"{_UBL}CommonAggregateComponents-2", f"{_UBL}CommonBasicComponents-2"
_ZONE = ZoneInfo("Europe/Brussels")
_COMMERCIAL_INVOICE = "380"
_UNIT = "C62"  # one
_CREDIT_TRANSFER = "30"
_DISCOUNT = "95"  # in the list of reasons for allowances


@dataclass(frozen=True, slots=True)
class Seller:
    """Who makes the invoices out: the platform's operator, from the settings of the group ``SELLER_``."""

    name: str
    vat_number: str
    street: str
    postcode: str
    city: str
    country: str = "BE"
    iban: str | None = None


@dataclass(frozen=True, slots=True)
class Bill:
    """What there is of an invoice. ``lines``: text, quantity, net_minor, tax_minor, from, until."""

    number: str
    currency: str
    issued_at: datetime
    due_at: datetime | None
    due_minor: int
    total_minor: int
    lines: Sequence[Mapping[str, Any]]
    buyer: Mapping[str, Any]


def seller_of(settings: Mapping[str, str]) -> Seller | None:
    """The seller that the settings name; None where something of it is missing or its number is not a Belgian one."""
    needed = ("name", "vat_number", "street", "postcode", "city")
    if any(not settings.get(name) for name in needed) or not is_belgian(settings["vat_number"]):
        return None
    named = {name: settings[name] for name in needed}
    return Seller(**named, iban=settings.get("iban") or None)


def is_electronic(number: str | None, status: str, buyer: Mapping[str, Any]) -> bool:
    """Whether an invoice is final, and made out to a Belgian business whose address is known."""
    return (
        bool(number)
        and status in ("open", "paid", "uncollectible")
        and is_belgian(str(buyer.get("vat_number") or ""))
        and all(buyer.get(name) for name in ("name", "street", "postcode", "city"))
    )


def write(bill: Bill, seller: Seller | None) -> bytes:
    """The invoice as XML. Raises InvoiceNotElectronicError where the seller is not set, or the lines do not add up to
    what the invoice says."""
    if seller is None or not bill.lines:
        raise InvoiceNotElectronicError
    rates = _rates(bill.lines)
    net = sum(int(line["net_minor"]) for line in bill.lines)
    tax = sum(int(line["tax_minor"]) for line in bill.lines)
    if net + tax != bill.total_minor or bill.total_minor < 0:
        raise InvoiceNotElectronicError
    for prefix, space in (("", _INVOICE), ("cac", _CAC), ("cbc", _CBC)):
        ET.register_namespace(prefix, space)
    root = ET.Element(f"{{{_INVOICE}}}Invoice")
    money = _Money(bill.currency)
    for name, value in (
        ("CustomizationID", CUSTOMIZATION),
        ("ProfileID", PROFILE),
        ("ID", bill.number),
        ("IssueDate", _day(bill.issued_at)),
        ("DueDate", _day(bill.due_at or bill.issued_at)),
        ("InvoiceTypeCode", _COMMERCIAL_INVOICE),
        ("DocumentCurrencyCode", bill.currency),
        ("BuyerReference", bill.number),
    ):
        _say(root, name, value)
    _party(_put(root, "AccountingSupplierParty"), seller.vat_number, vars_of(seller))
    _party(_put(root, "AccountingCustomerParty"), str(bill.buyer["vat_number"]), bill.buyer)
    means = _put(root, "PaymentMeans")
    _say(means, "PaymentMeansCode", _CREDIT_TRANSFER if seller.iban else "48")
    _say(means, "PaymentID", bill.number)
    if seller.iban:
        _say(_put(means, "PayeeFinancialAccount"), "ID", seller.iban.replace(" ", ""))
    taxed = _put(root, "TaxTotal")
    money.put(taxed, "TaxAmount", tax)
    for rate, (rate_net, rate_tax) in sorted(rates.items()):
        part = _put(taxed, "TaxSubtotal")
        money.put(part, "TaxableAmount", rate_net)
        money.put(part, "TaxAmount", rate_tax)
        _category(_put(part, "TaxCategory"), rate)
    total = _put(root, "LegalMonetaryTotal")
    money.put(total, "LineExtensionAmount", net)
    money.put(total, "TaxExclusiveAmount", net)
    money.put(total, "TaxInclusiveAmount", net + tax)
    if bill.due_minor != net + tax:
        money.put(total, "PrepaidAmount", net + tax - bill.due_minor)
    money.put(total, "PayableAmount", bill.due_minor)
    for place, line in enumerate(bill.lines, start=1):
        _line(root, place, line, money)
    ET.indent(root, space=" ")
    written: bytes = ET.tostring(root, encoding="utf-8", xml_declaration=True)
    return written


def vars_of(seller: Seller) -> dict[str, str]:
    """A seller as a buyer is given."""
    return {
        "name": seller.name,
        "street": seller.street,
        "postcode": seller.postcode,
        "city": seller.city,
        "country": seller.country,
    }


@dataclass(frozen=True, slots=True)
class _Money:
    currency: str

    def put(self, parent: ET.Element, name: str, minor: int) -> None:
        sign, amount = ("-" if minor < 0 else ""), format_amount(abs(minor), self.currency)
        _say(parent, name, sign + amount).set("currencyID", self.currency)


def _rates(lines: Sequence[Mapping[str, Any]]) -> dict[Decimal, tuple[int, int]]:
    """Net and tax by rate."""
    found: dict[Decimal, tuple[int, int]] = {}
    for line in lines:
        net, tax = found.get(_rate(line), (0, 0))
        found[_rate(line)] = (net + int(line["net_minor"]), tax + int(line["tax_minor"]))
    return found


def _rate(line: Mapping[str, Any]) -> Decimal:
    """The rate of a line in per cent, from its amounts, to the half: 21 % of 4.99 is 1.05, which is 21.04 %."""
    net = Decimal(int(line["net_minor"]))
    if not net or not line["tax_minor"]:
        return Decimal(0)
    exact = Decimal(int(line["tax_minor"])) * 100 / net
    return min(_BELGIAN_RATES, key=lambda rate: abs(rate - exact)) if abs(net) < 10_000 else _to_half(exact)


_BELGIAN_RATES = (Decimal(6), Decimal(12), Decimal(21))


def _to_half(exact: Decimal) -> Decimal:
    return (exact * 2).quantize(Decimal(1), ROUND_HALF_UP) / 2


def _line(root: ET.Element, place: int, line: Mapping[str, Any], money: _Money) -> None:
    row = _put(root, "InvoiceLine")
    _say(row, "ID", str(place))
    quantity, net = int(line.get("quantity") or 1), int(line["net_minor"])
    off = int(line.get("discount_minor") or 0)
    if net < 0 or off < 0:
        off = 0  # given back with what it was taken off from
    whole = net + off
    # A credit for days that are left is a line below zero: its quantity is, since no price may be.
    _say(row, "InvoicedQuantity", str(-1 if net < 0 else 1 if whole % quantity else quantity)).set("unitCode", _UNIT)
    money.put(row, "LineExtensionAmount", net)
    if line.get("from") and line.get("until"):
        period = _put(row, "InvoicePeriod")
        _say(period, "StartDate", str(line["from"]))
        _say(period, "EndDate", str(line["until"]))
    if off:
        allowance = _put(row, "AllowanceCharge")
        _say(allowance, "ChargeIndicator", "false")
        _say(allowance, "AllowanceChargeReasonCode", _DISCOUNT)
        _say(allowance, "AllowanceChargeReason", "Discount")
        money.put(allowance, "Amount", off)
    item = _put(row, "Item")
    _say(item, "Name", str(line.get("text") or "Subscription")[:100])
    _category(_put(item, "ClassifiedTaxCategory"), _rate(line))
    each = abs(whole) if net < 0 or whole % quantity else whole // quantity
    money.put(_put(row, "Price"), "PriceAmount", each)


def _category(into: ET.Element, rate: Decimal) -> None:
    _say(into, "ID", "S" if rate else "Z")
    _say(into, "Percent", f"{rate.normalize():f}")
    _say(_put(into, "TaxScheme"), "ID", "VAT")


def _party(into: ET.Element, vat_number: str, told: Mapping[str, Any]) -> None:
    party = _put(into, "Party")
    _say(party, "EndpointID", enterprise_number(vat_number)).set("schemeID", ENTERPRISE_SCHEME)
    _say(_put(party, "PartyName"), "Name", str(told["name"]))
    address = _put(party, "PostalAddress")
    _say(address, "StreetName", str(told["street"]))
    _say(address, "CityName", str(told["city"]))
    _say(address, "PostalZone", str(told["postcode"]))
    _say(_put(address, "Country"), "IdentificationCode", str(told.get("country") or "BE"))
    scheme = _put(party, "PartyTaxScheme")
    _say(scheme, "CompanyID", vat_number)
    _say(_put(scheme, "TaxScheme"), "ID", "VAT")
    legal = _put(party, "PartyLegalEntity")
    _say(legal, "RegistrationName", str(told["name"]))
    _say(legal, "CompanyID", enterprise_number(vat_number)).set("schemeID", ENTERPRISE_SCHEME)


def _put(parent: ET.Element, name: str) -> ET.Element:
    return ET.SubElement(parent, f"{{{_CAC}}}{name}")


def _say(parent: ET.Element, name: str, text: str) -> ET.Element:
    made = ET.SubElement(parent, f"{{{_CBC}}}{name}")
    made.text = text
    return made


def _day(moment: datetime) -> str:
    return moment.astimezone(_ZONE).date().isoformat()
