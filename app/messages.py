"""The words for every refusal: from a domain error's code to a sentence that says what happened and what to do.

Both faces read them here, so that a till and a page tell the same. A test fails for a code without a sentence.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from flask_babel import LazyString, get_locale, gettext
from flask_babel import lazy_gettext as _l

from app.common.errors import DomainError, Kind

# `%(name)s` is filled from the error's params; a sentence names only params that its error always has.
SENTENCES: Mapping[str, LazyString] = {
    # The request itself
    "malformed": _l("The request can't be read. Check its form and send it again."),
    "json_unreadable": _l("The body is not readable JSON. Send UTF-8 JSON, whole."),
    "not_json": _l("Only JSON is understood here. Send it with Content-Type: application/json."),
    "body_too_large": _l("That is too large. At most 1 MiB is taken at a time."),
    "address_too_long": _l("The address is too long. Send what is long in the body."),
    "method_not_allowed": _l("That can't be done at this address. Check the method."),
    "unauthenticated": _l("This needs a valid token. Sign in, or pair the device, and try again."),
    "token_refused": _l("Your session is over. Sign in again."),
    "forbidden": _l("You may not do this. Ask somebody who may."),
    "not_found": _l("There is nothing here, or it is not yours to see. Check what you asked for."),
    "page_unknown": _l("This page does not exist. Check the address, or start from the beginning."),
    "invalid": _l("Something in it can't be taken. Mend the fields that are named and send it again."),
    "passwords_differ": _l("The two passwords are not the same. Type them again."),
    "key_missing": _l("This books something, so it needs an Idempotency-Key header. Make one up and send it again."),
    "key_unusable": _l("The Idempotency-Key can't be used. Send 1 to 255 visible ASCII characters."),
    "key_reused": _l("This Idempotency-Key was used for something else. Make a new key for a new booking."),
    "too_many": _l("Too many tries. Wait a moment and try again."),
    "fault": _l("We made a mistake, and we have noted it. Try again; with the same key nothing is booked twice."),
    "not_ready": _l("The service is not ready yet. Try again in a moment."),
    "error": _l("This can't be done now. Try again later."),
    "cursor_invalid": _l("This list does not go on from there. Start again without a cursor."),
    "invalid_amount": _l(
        "The amount can't be taken. Write it like 12.50, with no more decimals than %(currency)s has, up to 1,000,000."
    ),
    # Cards and codes
    "code_unreadable": _l("That is no card. Scan a Zegel card, or type its 16 characters."),
    "code_mistyped": _l("The number has an error in it. Compare it with the card and type it again."),
    "code_foreign": _l("That code is not one of ours. Ask for the Zegel card."),
    "card_unknown": _l("No card has this number. Compare it with the card, or ask for another one."),
    "card_blocked": _l("This card is blocked. Ask for a new one in the app; the balance stays."),
    "card_replaced": _l("This card was replaced by another one. Use the new card; the balance is on it."),
    "card_has_no_secret": _l("A printed card has no changing code. Make a digital card in the app."),
    "card_not_printed": _l("This works with a printed card only. Use the number on a printed card."),
    "claim_refused": _l(
        "This card has earned before, so its number is not enough. "
        "Use the code under the scratch field or its PIN, or have a shop confirm it."
    ),
    "sign_in_failed": _l("That did not work: the code is wrong, or it is over. Ask for a new one and try again."),
    "session_over": _l("Your session is over. Sign in again."),
    "member_gone": _l("This member has left. Start anew with a new card."),
    "merge_spent": _l("Something that came with the other card is spent already, so they can't be parted any more."),
    "merge_undone": _l("This was undone already. Nothing changed."),
    "pass_not_offered": _l("Cards can't be put in this wallet here. Show the card in the app."),
    "tries_used_up": _l("Too many tries. Wait a moment and try again."),
    "code_used": _l("This code was used already. Open the app and show the card again."),
    "code_too_old": _l("This code is too old. Open the app itself and show the card again; a picture does not work."),
    "scan_over": _l("This scan is more than ten minutes old. Scan the card again."),
    "pin_invalid": _l("A PIN has four to eight digits. Choose another one."),
    "pin_too_simple": _l("Everybody tries that PIN first. Choose one that is harder to guess."),
    "pin_wrong": _l("The PIN is not right. Try again, or approve it with a staff PIN."),
    "proof_needed": _l(
        "This card alone does not redeem. Ask for the card in the app or its PIN, or approve it with a staff PIN."
    ),
    "spending_locked": _l("The member has locked spending. It can be unlocked in the member's own app."),
    "email_invalid": _l("That is no e-mail address. Check it and type it again."),
    "phone_invalid": _l("That is no telephone number. Write it with its country code."),
    "lookup_unknown": _l("Nobody can be found by that here. Ask for the card."),
    # Booking
    "not_enough": _l(
        "The balance is not enough: it takes %(needed)s, and there are %(balance)s. Choose something else."
    ),
    "already_reversed": _l("That was undone already. Nothing more has to be done."),
    "not_reversible": _l("This booking can't be undone. Book what is right instead."),
    "refund_empty": _l("There is nothing to refund. Give an amount above zero."),
    "refund_too_large": _l("More is to be refunded than is left of that purchase. Give a smaller amount."),
    "refund_without_amount": _l("That visit had no amount, so it can only be undone as a whole. Leave the amount out."),
    "transaction_unknown": _l("There is no such booking at this shop. Check which one you meant."),
    "merchant_inactive": _l(
        "This shop is not active now, so nothing is earned here. What members hold can be redeemed."
    ),
    "merchant_closed": _l("This shop has stopped, so nothing new can be set up for it."),
    "currency_wrong": _l("The amount is in another currency than the shop's. Send the shop's currency."),
    "programme_unknown": _l("This shop has no such programme. Check which one you meant."),
    "too_far_ahead": _l("The time lies ahead of now. Check the device's clock."),
    "too_old": _l("This happened too long ago to be booked by itself. Ask the shop's owner to look at it."),
    # Rewards and vouchers
    "webhook_endpoint_disabled": _l("This address is switched off. Switch it on first."),
    "reward_unknown": _l("This shop has no such reward. Choose another one."),
    "reward_not_offered": _l("This reward can't be had now. Choose another one, or come back when it is on again."),
    "reward_elsewhere": _l("This reward belongs to another programme. Choose one of this programme."),
    "version_in_the_past": _l("Rules can't begin in the past. Choose a moment ahead."),
    "version_too_early": _l("Newer rules begin after that already. Choose a later moment."),
    "reward_sold_out": _l("None of this reward is left. Choose another one."),
    "reward_limit": _l("This member has had this reward as often as allowed. Choose another one."),
    "reward_tier": _l("This reward is for another tier. Choose another one."),
    "voucher_unknown": _l("This shop knows no such voucher. Check the code."),
    "voucher_used": _l("This voucher was used already. Ask for another one."),
    "voucher_over": _l("This voucher is over or was cancelled. Ask for another one."),
    "voucher_held": _l("This voucher is reserved for another shop. Release it in the app first."),
    "hold_over": _l("This reservation is over. Redeem again."),
    # Shops, people, devices
    "pairing_code_unknown": _l("No such pairing code. Check it, or ask for a new one in the back office."),
    "pairing_code_spent": _l("This pairing code was used or is too old. Ask for a new one in the back office."),
    "device_revoked": _l("This device was unpaired. Pair it again with a new code."),
    "setup_link_spent": _l("This link was used or is too old. Ask for a new one."),
    "staff_pin_wrong": _l("Nobody here has this PIN. Try again."),
    "staff_pin_tries": _l("Too many wrong PINs on this device. Wait a moment and try again."),
    "staff_pin_taken": _l("Somebody here has this PIN already. Choose another one."),
    "staff_pin_invalid": _l("A staff PIN has four to eight digits and is hard to guess. Choose another one."),
    "staff_token_invalid": _l("Your turn at this till is over. Type your staff PIN again."),
    "staff_exists": _l("This address belongs to somebody here already. Use another one."),
    "operator_exists": _l("This address belongs to an operator already. Use another one."),
    "history_unreadable": _l("Line %(line)s of the file can't be read: %(reason)s. Mend it and try again."),
    "history_too_short": _l(
        "This history is too short to say anything. Give one with more days or more returning customers."
    ),
    "password_too_short": _l("The password is too short. Choose one with at least %(shortest)s characters."),
    "logo_refused": _l(
        "This drawing can't be used as a logo. Export it as a plain SVG without scripts, links or pictures."
    ),
    "opening_hours_invalid": _l("The opening hours can't be read. Check the entry that is named: %(path)s."),
    "invalid_rules": _l("The rules can't be taken as they are. Mend this place: %(path)s."),
}
# What is wrong with one field, where the domain says it by a code.
FIELDS: Mapping[str, LazyString] = {
    "country_expected": _l("A country is two capital letters, such as BE."),
    "currency_expected": _l("A currency is three capital letters, such as EUR."),
    "email_expected": _l("This can't be an e-mail address."),
    "name_expected": _l("A name has 1 to 80 characters."),
    "not_one_of": _l("This is not one of the values that there are."),
    "of_another_merchant": _l("There is nothing here that you may see."),
    "timezone_expected": _l("A time zone has a name such as Europe/Brussels."),
    "unknown_field": _l("There is no such field."),
}
_BY_KIND = {
    Kind.NOT_FOUND: "not_found",
    Kind.FORBIDDEN: "forbidden",
    Kind.REFUSED: "error",
    Kind.INVALID: "invalid",
    Kind.MALFORMED: "malformed",
    Kind.UNAUTHENTICATED: "unauthenticated",
    Kind.TOO_MANY: "too_many",
}


def sentence(error: DomainError) -> str:
    """A domain error in the language of the request, whole also where a parameter is missing."""
    code = error.code if error.code in SENTENCES else _BY_KIND[error.kind]
    told = text(code, **error.params)
    wait = error.params.get("retry_after") if error.kind is Kind.TOO_MANY else None
    if isinstance(wait, int | float) and wait > 0:
        seconds = math.ceil(wait)
        minutes = math.ceil(seconds / 60)
        more = (
            gettext("It works again in %(seconds)s s.", seconds=seconds)
            if seconds < 120
            else gettext("It works again in %(minutes)s min.", minutes=minutes)
        )
        return f"{told} {more}"
    return told


def text(code: str, /, **params: Any) -> str:
    """The sentence for a code, with its parameters; the most general one for a code that has none."""
    told = str(SENTENCES.get(code, SENTENCES["error"]))
    if "%(" not in told:
        return told
    try:
        return told % params
    except KeyError:
        return str(SENTENCES["invalid"])


def field(code: str) -> str:
    """What is wrong with a field, by its code; a sentence stays as it is."""
    found = FIELDS.get(code)
    return code if found is None else str(found)


def language() -> str:
    """The language of :func:`text` in this request, for Content-Language."""
    locale = get_locale()
    return str(locale.language) if locale else "en"
