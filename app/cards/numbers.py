"""Numbers and codes that people read, type and scan: how they are drawn, checked, cleaned up and shown.

All of them are Crockford base32 capitals (no I, L, O, U) and end in one check character over GF(32). A number is told
from a voucher code by its length alone, so that neither can be mistaken for the other at the counter.
"""

from __future__ import annotations

import secrets
import unicodedata

ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
NUMBER_LENGTH = 16
VOUCHER_LENGTH = 14
VOUCHER_PREFIX = "V"
CLAIM_LENGTH = 8
RECOVERY_LENGTH = 24
MOVE_LENGTH = 10
MASK = "•"

_VALUES = {character: value for value, character in enumerate(ALPHABET)}
_REDUCTION = 0b100101  # x^5 + x^2 + 1, primitive: the powers of x run through all 31 values other than zero
_CONFUSABLE = str.maketrans({"I": "1", "L": "1", "O": "0", "i": "1", "l": "1", "o": "0"})
# Only ASCII letters are raised: str.upper() would turn "ſ" into "S" and "ß" into "SS", and so make up characters.
_CAPITALS = str.maketrans({chr(code): chr(code - 32) for code in range(ord("a"), ord("z") + 1)})


def check_character(body: str) -> str:
    """Returns the character that completes `body`, which holds canonical characters only.

    The body's values are summed with weights 2, 4, 8 … in GF(32), counted from its end. A single wrong character, two
    neighbours swapped, two characters swapped around a third, and a pair that turned into another pair all change the
    sum; in codes of up to 31 characters so do any two characters swapped. Raises ValueError for a character outside
    the alphabet.
    """
    interim = 0
    for character in body:
        if character not in _VALUES:
            raise ValueError(f"not a character of the card alphabet: {character!r}")
        interim = _doubled(interim ^ _VALUES[character])
    return ALPHABET[interim]


def normalise(text: str) -> str:
    """Returns `text` in capitals without spaces and dashes, with I and L read as 1 and O as 0.

    Whatever else it holds stays where it is, so that a wrong character is found and not swallowed.
    """
    kept = "".join(character for character in text if not _is_filler(character))
    return kept.translate(_CONFUSABLE).translate(_CAPITALS)


def new_number() -> str:
    """Returns a new card number: 15 random characters (75 bits) and the check character."""
    return _with_check(_random(NUMBER_LENGTH - 1))


def new_voucher_code() -> str:
    """Returns a new voucher code: V, 12 random characters (60 bits) and the check character, 14 in all."""
    return _with_check(VOUCHER_PREFIX + _random(VOUCHER_LENGTH - 2))


def new_claim_code() -> str:
    """Returns a code for under the scratch field: 7 random characters (35 bits) and the check character.

    It is short because it is typed from paper; it is safe only where tries are few and counted per card.
    """
    return _with_check(_random(CLAIM_LENGTH - 1))


def new_recovery_code() -> str:
    """Returns a code that opens a member's account without an e-mail address: 115 random bits, check character last."""
    return _with_check(_random(RECOVERY_LENGTH - 1))


def new_move_code() -> str:
    """Returns a code that is typed from one phone into another: 9 random characters (45 bits) and the check character.

    It is safe only where it is good for minutes, and wrong ones are counted.
    """
    return _with_check(_random(MOVE_LENGTH - 1))


def is_valid(number: str) -> bool:
    """Tells whether `number` is a card number in canonical form (16 capitals, right check character)."""
    return _is_whole(number, NUMBER_LENGTH)


def is_valid_voucher_code(code: str) -> bool:
    """Tells whether `code` is a voucher code in canonical form (V, 14 capitals, right check character)."""
    return code.startswith(VOUCHER_PREFIX) and _is_whole(code, VOUCHER_LENGTH)


def is_valid_claim_code(code: str) -> bool:
    """Tells whether `code` is a claim code in canonical form (8 capitals, right check character)."""
    return _is_whole(code, CLAIM_LENGTH)


def is_valid_recovery_code(code: str) -> bool:
    """Tells whether `code` is a recovery code in canonical form (24 capitals, right check character)."""
    return _is_whole(code, RECOVERY_LENGTH)


def format_number(number: str) -> str:
    """Returns a card number, claim code or recovery code in fours: `7K3M 9QX2 …`."""
    return " ".join(number[start : start + 4] for start in range(0, len(number), 4))


def format_voucher_code(code: str) -> str:
    """Returns a voucher code as `V7 K3M9 QX2D 4R8T`: the odd pair first, then fours."""
    return f"{code[:2]} {format_number(code[2:])}"


def mask_number(number: str) -> str:
    """Returns a card number with all but its last four characters hidden: `•••• •••• •••• 7K3M`."""
    return format_number(MASK * (len(number) - 4) + number[-4:])


def _doubled(value: int) -> int:
    value <<= 1
    return value ^ _REDUCTION if value & 0b100000 else value


def _random(length: int) -> str:
    return "".join(secrets.choice(ALPHABET) for _ in range(length))


def _with_check(body: str) -> str:
    return body + check_character(body)


def _is_whole(code: str, length: int) -> bool:
    if len(code) != length or any(character not in _VALUES for character in code):
        return False
    return check_character(code[:-1]) == code[-1]


def _is_filler(character: str) -> bool:
    return character.isspace() or unicodedata.category(character) in ("Pd", "Cf")
