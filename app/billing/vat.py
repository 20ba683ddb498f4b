"""VAT numbers: their form, and of Belgian ones the check digits."""

from __future__ import annotations

import re

_SEPARATORS = re.compile(r"[\s.\-/]")
_EUROPEAN = re.compile(
    r"(AT|BE|BG|CY|CZ|DE|DK|EE|EL|ES|FI|FR|HR|HU|IE|IT|LT|LU|LV|MT|NL|PL|PT|RO|SE|SI|SK|XI)[0-9A-Z+*]{2,12}", re.ASCII
)
_BELGIAN = re.compile(r"BE([01][0-9]{9})", re.ASCII)


def read_vat_number(text: str) -> str | None:
    """A VAT number in its plain form (``BE0123456749``), or None where it can't be one.

    Of a Belgian number the last two digits are 97 less the rest of the others divided by 97. One of nine digits, as
    they were before 2008, gets its leading zero. Of other countries only the form is looked at: Stripe asks them.
    """
    plain = _SEPARATORS.sub("", text.upper())
    if plain[:2].isdigit() and len(plain) in (9, 10):
        plain = f"BE{plain}"
    if plain.startswith("BE"):
        digits = plain[2:]
        if len(digits) == 9:
            digits = f"0{digits}"
        return f"BE{digits}" if is_belgian(f"BE{digits}") else None
    if not _EUROPEAN.fullmatch(plain) or not any(letter.isdigit() for letter in plain):
        return None
    return plain


def is_belgian(number: str) -> bool:
    """Whether it is a Belgian number whose check digits are right."""
    found = _BELGIAN.fullmatch(number)
    if found is None:
        return False
    whole = found[1]
    return int(whole[:8]) > 0 and 97 - int(whole[:8]) % 97 == int(whole[8:])


def enterprise_number(vat_number: str) -> str:
    """The ten digits by which a Belgian business is known in the Peppol network."""
    return vat_number.removeprefix("BE")
