"""What stands in the codes of the set."""

from __future__ import annotations

import numpy as np

from app.cards import numbers
from app.cards.codes import card_url

KINDS = ("printed", "app", "voucher")
HOSTS = (
    "kaart.gent.be",
    "cards.zegel.example",
    "punten.bakkerij-korst.be",
    "zegel.local:8000",
    "stempel.winkelstraat.nl",
)
FOREIGN = (
    "https://www.example.com/menu?table=12",
    "WIFI:T:WPA;S:Bakkerij;P:warmbrood;;",
    "BEGIN:VCARD\nVERSION:3.0\nN:Peeters;An\nTEL:+3290000000\nEND:VCARD",
    "BCD\n002\n1\nSCT\n\nBakkerij Korst\nBE68539007547034\nEUR12.50",
    "HTTPS://EVIL.EXAMPLE/C/0000000000000000",
    "00020126580014br.gov.bcb.pix0136123e4567",
    "otpauth://totp/Shop:an?secret=JBSWY3DPEHPK3PXP",
    "2041234567893",
)


def text_of(kind: str, random: np.random.Generator) -> str:
    """A code of ours: a printed card's, what an app shows, or a voucher that a phone reserved for a tablet."""
    host = HOSTS[random.integers(len(HOSTS))]
    if kind == "voucher":
        code, proof = _letters(random, 14), _letters(random, 75)
        return f"HTTPS://{host.upper()}/V/{code}/{proof}"
    body = _letters(random, numbers.NUMBER_LENGTH - 1)
    number = body + numbers.check_character(body)
    return card_url(host, number, f"{random.integers(10**8):08}" if kind == "app" else None)


def _letters(random: np.random.Generator, length: int) -> str:
    return "".join(numbers.ALPHABET[index] for index in random.integers(len(numbers.ALPHABET), size=length))
