"""The mails that people of shops get about their sign-in and their work, in their language."""

from __future__ import annotations

from collections.abc import Mapping

from app.common.branding import marked
from app.common.mail import Mail
from app.merchants.mails.inviting import INVITING
from app.merchants.mails.people import PEOPLE
from app.merchants.mails.shops import SHOPS
from app.merchants.mails.signing_in import SIGNING_IN
from app.merchants.mails.town import TOWN

TEXTS: Mapping[str, Mapping[str, tuple[str, str]]] = {**SIGNING_IN, **PEOPLE, **SHOPS, **TOWN, **INVITING}
FALLBACK = "en"


def mail(kind: str, to: str, locale: str | None, **facts: str) -> Mail:
    """The mail of this kind to one address. An unknown locale gets English.

    ``facts`` fill what stands in braces; they are put in once and not read again. Raises ``KeyError`` for a kind that
    there isn't, or a fact that is missing.
    """
    short = (locale or "").lower()[:2]
    told = TEXTS[kind]
    subject, text = told.get(short) or told[FALLBACK]
    # A name with a line break in it must not make another header.
    plain = {name: " ".join(value.split()) for name, value in facts.items()}
    return Mail(to=to, subject=marked(subject).format(**plain), text=marked(text).format(**plain))
