"""In which of the four languages somebody wrote: by the small words that each has and the others lack."""

from __future__ import annotations

import re

_WORD = re.compile(r"[^\W\d_]+")
_WORDS = {
    "nl": "ik het een niet mijn jullie zijn voor maar heb hebben dat deze graag groeten bij naar wat",
    "fr": "je le la les une des pas mon ma mes vous est pour mais avec que bonjour merci sur dans",
    "de": "ich das ein eine nicht mein meine sie ist für aber habe mit dass und bitte danke auf den",
    "en": "i the a an not my you is are for but have with that this please thanks on and what",
}
_SMALL = {tongue: frozenset(words.split()) for tongue, words in _WORDS.items()}


def tongue_of(text: str, otherwise: str) -> str:
    """The language of a text; ``otherwise`` where it is too short to tell."""
    words = [word.lower() for word in _WORD.findall(text[:2000])]
    counted = {tongue: sum(word in small for word in words) for tongue, small in _SMALL.items()}
    best = max(counted, key=lambda tongue: counted[tongue])
    others = max(count for tongue, count in counted.items() if tongue != best)
    return best if counted[best] >= 2 and counted[best] > others else otherwise
