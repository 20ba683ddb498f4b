"""Where the pages of the subscription and of leaving are hung."""

from __future__ import annotations

from flask import Blueprint
from flask_babel import format_currency

from app.billing.discounts import DiscountView
from app.common.money import format_amount
from app.web.amounts import less

blueprint = Blueprint("subscription", __name__, template_folder="../../templates")


@blueprint.app_template_filter()
def price(minor: int, currency: str) -> str:
    """Minor units as money in the reader's language: ``€ 19,00``."""
    sign = -1 if minor < 0 else 1
    return str(format_currency(sign * float(format_amount(abs(minor), currency)), currency))


@blueprint.app_template_filter("less")
def taken_off(discount: DiscountView, currency: str) -> str:
    """What is taken off the price: ``20 %`` or ``€ 5,00``."""
    return less(discount.percent, discount.amount_minor, currency)
