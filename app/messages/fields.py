"""The sentences for what is wrong with a field."""

from __future__ import annotations

from collections.abc import Mapping

from flask_babel import LazyString
from flask_babel import lazy_gettext as _l

FIELDS: Mapping[str, LazyString] = {
    "vat_number_expected": _l("That is no VAT number. Write it with its country, like BE0123456749."),
    "code_expected": _l("A code has small letters, digits and hyphens."),
    "country_expected": _l("A country is two capital letters, such as BE."),
    "currency_expected": _l("A currency is three capital letters, such as EUR."),
    "text_expected": _l("Write this in every language."),
    "notice_too_short": _l("A change needs at least fifteen days' notice. Choose a later day."),
    "before_another": _l("An earlier version comes into force later than that. Choose a later day."),
    "host_expected": _l("A host looks like card.example.org, one a line, at most 20."),
    "words_too_long": _l("At most 1,000 characters, please."),
    "email_expected": _l("This can't be an e-mail address."),
    "name_expected": _l("A name has 1 to 80 characters."),
    "not_one_of": _l("This is not one of the values that there are."),
    "of_another_merchant": _l("There is nothing here that you may see."),
    "timezone_expected": _l("A time zone has a name such as Europe/Brussels."),
    "approves_expected": _l("Choose at least one of rotating_code, member_pin and staff_approval."),
    "lock_after_expected": _l("Locking takes 15 to 86,400 seconds."),
    "kiosk_wait_expected": _l("The wait at a kiosk is 1 to 44,640 minutes."),
    "opening_units_most_expected": _l("Of an old card 0 to 100,000 units can be entered."),
    "yes_or_no_expected": _l("This is either yes or no."),
    "reason_expected": _l("Say why, in at most 200 characters."),
    "too_many_passkeys": _l("There are twenty passkeys already. Remove one first."),
    "push_keys_expected": _l("These are not the keys of a browser's push subscription."),
    "inviter_expected": _l("Whoever invites gets 0 to 10,000 units."),
    "invited_expected": _l("Whoever is invited gets 0 to 10,000 units."),
    "most_expected": _l("An inviter gets 0 to 1,000 gifts in a year."),
    "answer_expected": _l("Write an answer."),
    "own_address": _l("This is your own address. Name somebody else’s."),
    "unknown_field": _l("There is no such field."),
}
