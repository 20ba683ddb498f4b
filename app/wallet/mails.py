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


def code_mail(to: str, code: str, locale: str) -> Mail:
    """The mail with a sign-in code. An unknown locale gets Dutch."""
    known = locale if locale in _TEXTS else "nl"
    return Mail(to=to, subject=_SUBJECTS[known].format(code=code), text=_TEXTS[known].format(code=code))
