"""The mails by which owners hear what became of their new shop, in their language."""

from __future__ import annotations

from app.common.mail import Mail

_APPROVED_SUBJECTS = {
    "nl": "{name} is goedgekeurd",
    "fr": "{name} est approuvé",
    "en": "{name} is approved",
    "de": "{name} ist freigegeben",
}
_APPROVED_TEXTS = {
    "nl": """Hallo,

{name} is goedgekeurd. Je winkel staat nu in de lijst en op de kaart, je leden
krijgen berichten, en er is geen limiet meer op bezoeken en kaarten.

{url}
""",
    "fr": """Bonjour,

{name} est approuvé. Votre commerce figure maintenant dans la liste et sur la
carte, vos membres reçoivent des messages, et il n’y a plus de limite de
visites ni de cartes.

{url}
""",
    "en": """Hello,

{name} is approved. Your shop now stands in the list and on the map, your
members get messages, and there is no limit on visits and cards any more.

{url}
""",
    "de": """Guten Tag,

{name} ist freigegeben. Ihr Geschäft steht jetzt in der Liste und auf der
Karte, Ihre Mitglieder erhalten Nachrichten, und für Besuche und Karten gibt
es keine Grenze mehr.

{url}
""",
}
_DECLINED_SUBJECTS = {
    "nl": "{name} is niet goedgekeurd",
    "fr": "{name} n’est pas approuvé",
    "en": "{name} is not approved",
    "de": "{name} ist nicht freigegeben",
}
_DECLINED_TEXTS = {
    "nl": """Hallo,

{name} is niet goedgekeurd: {reason}

Er wordt niet meer gespaard. Wat leden al hebben, kunnen ze nog opnemen.
Denk je dat het een vergissing is? Antwoord dan op deze mail.
""",
    "fr": """Bonjour,

{name} n’est pas approuvé : {reason}

On n’y cumule plus. Ce que les membres ont déjà, ils peuvent encore l’utiliser.
Vous pensez à une erreur ? Répondez à cet e-mail.
""",
    "en": """Hello,

{name} is not approved: {reason}

Nothing is collected there any more. What members hold they can still redeem.
Do you think that this is a mistake? Answer this mail.
""",
    "de": """Guten Tag,

{name} ist nicht freigegeben: {reason}

Dort wird nicht mehr gesammelt. Was Mitglieder haben, können sie noch einlösen.
Halten Sie das für ein Versehen? Antworten Sie auf diese E-Mail.
""",
}


def approved_mail(to: str, name: str, url: str, locale: str | None) -> Mail:
    """That a shop was approved. An unknown locale gets Dutch."""
    known = locale if locale in _APPROVED_TEXTS else "nl"
    return Mail(
        to=to,
        subject=_APPROVED_SUBJECTS[known].format(name=name),
        text=_APPROVED_TEXTS[known].format(name=name, url=url),
    )


def declined_mail(to: str, name: str, reason: str, locale: str | None) -> Mail:
    """That a shop was not approved, and why. An unknown locale gets Dutch."""
    known = locale if locale in _DECLINED_TEXTS else "nl"
    return Mail(
        to=to,
        subject=_DECLINED_SUBJECTS[known].format(name=name),
        text=_DECLINED_TEXTS[known].format(name=name, reason=reason),
    )
