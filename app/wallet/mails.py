"""The mails that members get, in their language."""

from __future__ import annotations

from app.common.mail import Mail

_SUBJECTS = {
    "nl": "{code} is je code",
    "fr": "{code} est votre code",
    "en": "{code} is your code",
    "de": "{code} ist Ihr Code",
}
_TEXTS = {
    "nl": """Hallo,

Met deze code meld je je aan bij je klantenkaart:

    {code}

Hij werkt tien minuten en maar één keer. Heb je hem niet gevraagd?
Dan hoef je niets te doen. Geef de code aan niemand.
""",
    "fr": """Bonjour,

Avec ce code, vous vous connectez à votre carte de fidélité :

    {code}

Il est valable dix minutes et une seule fois. Vous ne l’avez pas demandé ?
Ne faites rien et ne le donnez à personne.
""",
    "en": """Hello,

This code signs you in to your loyalty card:

    {code}

It works for ten minutes and only once. You didn’t ask for it?
Then do nothing, and give the code to nobody.
""",
    "de": """Guten Tag,

mit diesem Code melden Sie sich bei Ihrer Kundenkarte an:

    {code}

Er gilt zehn Minuten und nur einmal. Sie haben ihn nicht angefordert?
Dann tun Sie nichts und geben Sie ihn niemandem.
""",
}
LOCALES = tuple(_TEXTS)
_CHANGED_SUBJECTS = {
    "nl": "Je klantenkaart heeft een ander e-mailadres",
    "fr": "Votre carte de fidélité a une autre adresse e-mail",
    "en": "Your loyalty card has another e-mail address",
    "de": "Ihre Kundenkarte hat eine andere E-Mail-Adresse",
}
_CHANGED_TEXTS = {
    "nl": """Hallo,

Je klantenkaart hoort voortaan bij een ander e-mailadres. Met dit adres meld
je je niet meer aan.

Was jij dat niet? Open de app op je telefoon, kijk bij Ik onder je toestellen
welk toestel je niet kent en meld het af. Blokkeer daarna je kaart.
""",
    "fr": """Bonjour,

Votre carte de fidélité est désormais liée à une autre adresse e-mail. Cette
adresse-ci ne permet plus de vous connecter.

Ce n’était pas vous ? Ouvrez l’application sur votre téléphone, cherchez sous
Moi, dans vos appareils, celui que vous ne connaissez pas et déconnectez-le.
Bloquez ensuite votre carte.
""",
    "en": """Hello,

Your loyalty card belongs to another e-mail address from now on. This address
does not sign you in any more.

Was it not you? Open the app on your phone, look under Me for a device that
you don’t know and sign it out. Then block your card.
""",
    "de": """Guten Tag,

Ihre Kundenkarte gehört ab jetzt zu einer anderen E-Mail-Adresse. Mit dieser
Adresse können Sie sich nicht mehr anmelden.

Waren Sie das nicht? Öffnen Sie die App auf Ihrem Telefon, suchen Sie unter
Ich bei Ihren Geräten das unbekannte und melden Sie es ab. Sperren Sie danach
Ihre Karte.
""",
}


def code_mail(to: str, code: str, locale: str) -> Mail:
    """The mail with a sign-in code. An unknown locale gets Dutch."""
    known = locale if locale in _TEXTS else "nl"
    return Mail(to=to, subject=_SUBJECTS[known].format(code=code), text=_TEXTS[known].format(code=code))


def changed_address_mail(to: str, locale: str) -> Mail:
    """The mail to an address that signs nobody in any more. An unknown locale gets Dutch."""
    known = locale if locale in _CHANGED_TEXTS else "nl"
    return Mail(to=to, subject=_CHANGED_SUBJECTS[known], text=_CHANGED_TEXTS[known])
