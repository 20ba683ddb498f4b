"""The sentence for every refusal, by its code: what happened, and what to do about it. Both faces take them from here.

Sentences are translated when they are read, into the language of the request. ``%(name)s`` takes a parameter of the
error; one that the error does not have leaves a gap, never a fault.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask_babel import LazyString, get_locale
from flask_babel import lazy_gettext as _

from app.common.errors import DomainError

SENTENCES: dict[str, LazyString] = {
    # HTTP itself
    "malformed": _("The request can't be understood: check it against the documentation."),
    "json_unreadable": _("The body is not readable JSON in UTF-8: send it again, whole."),
    "not_json": _("The body must be JSON: send it with the content type application/json."),
    "body_too_large": _("The body is larger than 1 MiB: send less at once."),
    "address_too_long": _("The address is too long."),
    "method_not_allowed": _("This address does not take that method: see the header Allow."),
    "key_missing": _("This call books something: send a header Idempotency-Key of your own making with it."),
    "key_unusable": _("An Idempotency-Key has 1 to 255 printable ASCII characters."),
    "key_reused": _("This Idempotency-Key was used for something else: take a new key for a new booking."),
    "fault": _("Something went wrong on our side. Nothing was booked; please try again."),
    # Any part
    "error": _("That is not possible."),
    "unauthenticated": _("Please identify yourself: the token is missing, not ours, or no longer valid."),
    "not_found": _("There is nothing here that you may see."),
    "forbidden": _("You may see this, but not do it: ask somebody who may."),
    "invalid": _("Something in the request can't be taken: the fields say what."),
    "too_many": _("Too many tries: wait a little, then try again."),
    "tries_used_up": _("Too many tries: wait a little, then try again."),
    "invalid_amount": _(
        'An amount looks like "12.50": no sign, no more decimals than the currency has, at most 1,000,000.'
    ),
    "cursor_invalid": _("This cursor is not one that the list gave: begin again without it."),
    # Codes and cards
    "code_unreadable": _("This is no card and no voucher: scan it again, or type the number on the card."),
    "code_mistyped": _("At least one character is wrong: compare the number with the card and type it again."),
    "code_foreign": _("This code belongs to somebody else's cards, not to ours."),
    "card_unknown": _("No card has this number: scan it again, or give the customer a new card."),
    "card_blocked": _("This card is blocked: ask the customer for a newer one. The balance is kept."),
    "card_replaced": _("This card was replaced by a newer one, which has its balance."),
    "card_not_printed": _("This can be done with a printed card only."),
    "card_has_no_secret": _("This card has no code under a scratch field: claim it with its PIN, or at a shop."),
    "claim_refused": _("The card can't be claimed with that: check the code under its scratch field, or ask a shop."),
    "code_used": _("This code was used already: ask the customer to wait for the next one on the screen."),
    "code_too_old": _("This code is too old: ask the customer to open the card and show it again."),
    "scan_over": _("This scan is over: scan the card again."),
    "email_invalid": _("This can't be an e-mail address: check it."),
    "phone_invalid": _("This can't be a telephone number: check it."),
    "pin_invalid": _("A PIN has four to eight digits."),
    "pin_too_simple": _("This PIN is one that a stranger tries first: choose another."),
    "pin_wrong": _("The PIN is wrong: ask the customer to enter it again."),
    "proof_needed": _(
        "A printed card alone does not redeem: it takes the customer's PIN, the app's code or staff approval."
    ),
    "spending_locked": _("The customer has locked redeeming: it can be unlocked in the app."),
    "lookup_unknown": _("Nobody allowed this shop to be found that way: ask for the card."),
    "token_refused": _("This sign-in is over: sign in again."),
    # Shops, people and devices
    "device_revoked": _("This device was disconnected: pair it again."),
    "merchant_inactive": _("This shop collects nothing at the moment; what customers hold can still be redeemed."),
    "merchant_closed": _("This shop has stopped: nothing new can be set up for it."),
    "pairing_code_unknown": _("No such pairing code: make a new one in the back office and type it again."),
    "pairing_code_spent": _("This pairing code was used or is too old: make a new one in the back office."),
    "setup_link_spent": _("This link was used or is too old: ask for a new one."),
    "staff_pin_wrong": _("Nobody who works here has this PIN: enter it again."),
    "staff_pin_tries": _("Too many wrong PINs: wait a few minutes, then try again."),
    "staff_pin_taken": _("A colleague has this PIN already: choose another."),
    "staff_pin_invalid": _("A PIN has four to eight digits, and is not one that everybody tries first."),
    "staff_token_invalid": _("The staff sign-in is over: enter your PIN again."),
    "staff_exists": _("This address belongs to a colleague already."),
    "operator_exists": _("This address belongs to an operator already."),
    "password_too_short": _("A password has at least %(shortest)s characters."),
    "logo_refused": _("This drawing holds something that a logo may not: %(part)s."),
    "opening_hours_invalid": _("These opening hours can't be read: look at %(path)s."),
    "webhook_endpoint_disabled": _("This address is switched off: switch it on first."),
    # Earning and redeeming
    "currency_wrong": _("This shop books in another currency."),
    "programme_unknown": _("This shop has no such programme."),
    "reward_unknown": _("This shop has no such reward."),
    "reward_not_offered": _("This reward can't be had now: choose another."),
    "reward_sold_out": _("None of this reward is left: choose another."),
    "reward_limit": _("The customer has had as many of this reward as one customer may: choose another."),
    "reward_tier": _("This reward is for another tier: choose another."),
    "not_enough": _("Not enough on the card: %(needed)s are needed, %(balance)s are there."),
    "voucher_unknown": _("There is no such voucher here: scan it again."),
    "voucher_used": _("This voucher was redeemed already."),
    "voucher_over": _("This voucher has expired or was cancelled."),
    "voucher_held": _("This voucher is reserved for another shop: the customer can release it in the app."),
    "hold_over": _("This hold was committed, cancelled or has run out: start again."),
    "transaction_unknown": _("There is no such transaction at this shop."),
    "already_reversed": _("This was reversed already, so nothing is left to take back."),
    "not_reversible": _("A reversal can't be reversed: book it anew."),
    "refund_empty": _("A refund must be more than nothing."),
    "refund_too_large": _("That is more than what is left of the purchase: %(left)s can be refunded."),
    "refund_without_amount": _("This booking had no amount: it can only be reversed whole."),
    "too_far_ahead": _("The time lies in the future: check the device's clock."),
    "too_old": _("This is too long ago to be booked without somebody looking at it."),
    # Rules
    "invalid_rules": _("The rules can't be taken: look at %(path)s."),
}


# What is wrong with one field, where the domain says it by a code.
FIELDS: dict[str, LazyString] = {
    "country_expected": _("A country is two capital letters, such as BE."),
    "currency_expected": _("A currency is three capital letters, such as EUR."),
    "email_expected": _("This can't be an e-mail address."),
    "name_expected": _("A name has 1 to 80 characters."),
    "not_one_of": _("This is not one of the values that there are."),
    "of_another_merchant": _("There is nothing here that you may see."),
    "timezone_expected": _("A time zone has a name such as Europe/Brussels."),
    "unknown_field": _("There is no such field."),
}


class _Given(dict[str, Any]):
    def __missing__(self, name: str) -> str:
        return "…"


def text(code: str, params: Mapping[str, Any] | None = None) -> str:
    """The sentence for a code, in the request's language. A code without one gets the most general sentence."""
    sentence = str(SENTENCES.get(code) or SENTENCES["error"])
    return sentence % _Given(params or {}) if "%(" in sentence else sentence


def sentence(error: DomainError) -> str:
    """What a domain error tells a person."""
    return text(error.code, error.params)


def field(code: str) -> str:
    """What is wrong with a field, by its code; a sentence stays as it is."""
    found = FIELDS.get(code)
    return code if found is None else str(found)


def language() -> str:
    """The language of :func:`text` in this request: ``nl``, ``fr``, ``en`` or ``de``."""
    locale = get_locale()
    return str(locale.language) if locale else "en"
