"""The card's code as text: building the address that a QR holds, and reading what a scanner or a keyboard gives.

Reading takes the text apart and nothing more. No address is ever opened, and one of a host that is not ours is refused
before anything in it is looked at.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection
from dataclasses import dataclass
from enum import StrEnum

from app.cards import numbers
from app.cards.errors import CodeForeignError, CodeMistypedError, CodeUnreadableError

LONGEST_TEXT = 256

_ADDRESS = re.compile(
    r"(?:(?:https?://)?(?P<host>[^/]+)/|/)?c/(?P<number>[^/?#]+)(?:/(?P<digits>[0-9]{8}))?/?(?:[?#].*)?",
    re.IGNORECASE | re.ASCII,
)
_SCANNER_PREFIX = re.compile(r"\]Q[0-9]")  # hand scanners may name the symbology first (ISO/IEC 15424)
_HOST = re.compile(r"[A-Z0-9.\-]+(?::[0-9]{1,5})?")
_LETTERS_AND_DIGITS = re.compile(r"[A-Z0-9]+")


class CodeKind(StrEnum):
    """What was shown at the counter, and so what it may do there."""

    STATIC = "static"  # a number, printed or typed: may earn
    ROTATING = "rotating"  # a number with the digits of this moment: may redeem, once
    VOUCHER = "voucher"


@dataclass(frozen=True, slots=True)
class ScannedCode:
    """A code in canonical form. `number` is the card's number, or the voucher's code where `kind` is `voucher`;
    `digits` are the eight rotating digits, unproven, where `kind` is `rotating`, else None."""

    kind: CodeKind
    number: str
    digits: str | None = None


def card_url(host: str, number: str, digits: str | None = None) -> str:
    """Returns the address in a card's QR, all capitals so that the QR stays in its dense alphanumeric mode.

    `host` is a host name, with its port where it needs one. Raises ValueError for a host that has other characters
    than a host name may have.
    """
    capitals = host.upper()
    if not _HOST.fullmatch(capitals):
        raise ValueError(f"not a host name: {host!r}")
    address = f"HTTPS://{capitals}/C/{number}"
    return f"{address}/{digits}" if digits else address


def parse(text: str, hosts: Collection[str]) -> ScannedCode:
    """Reads what a scanner or a keyboard gave, in any case and with any spaces.

    Understood are a bare card number, a card's address with or without rotating digits (with or without its scheme
    and host; whatever follows `?` or `#` is left aside), and a voucher code. `hosts` are all host names under which
    cards were ever issued, with their ports where they had one.

    Raises CodeUnreadableError for anything else and for texts of more than 256 characters, CodeForeignError for an
    address at another host, CodeMistypedError where only the check character is wrong.
    """
    if len(text) > LONGEST_TEXT:
        raise CodeUnreadableError
    compact = _SCANNER_PREFIX.sub("", "".join(character for character in text if _is_visible(character)), count=1)
    if "/" in compact:
        return _parse_address(compact, hosts)
    code = numbers.normalise(compact)
    if len(code) == numbers.VOUCHER_LENGTH and code.startswith(numbers.VOUCHER_PREFIX):
        if not numbers.is_valid_voucher_code(code):
            raise _wrong(code)
        return ScannedCode(CodeKind.VOUCHER, code)
    return ScannedCode(CodeKind.STATIC, _card_number(code))


def _parse_address(compact: str, hosts: Collection[str]) -> ScannedCode:
    found = _ADDRESS.fullmatch(compact)
    if found is None:
        raise CodeUnreadableError
    host = found["host"]
    if host is not None and host.lower() not in {known.lower() for known in hosts}:
        raise CodeForeignError
    number = _card_number(numbers.normalise(found["number"]))
    digits = found["digits"]
    return ScannedCode(CodeKind.ROTATING if digits else CodeKind.STATIC, number, digits)


def _card_number(code: str) -> str:
    if len(code) != numbers.NUMBER_LENGTH:
        raise CodeUnreadableError
    if not numbers.is_valid(code):
        raise _wrong(code)
    return code


def _wrong(code: str) -> CodeMistypedError | CodeUnreadableError:
    return CodeMistypedError() if _LETTERS_AND_DIGITS.fullmatch(code) else CodeUnreadableError()


def _is_visible(character: str) -> bool:
    return not character.isspace() and unicodedata.category(character) not in ("Cf", "Cc")
