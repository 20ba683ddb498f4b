"""The mails of signing up, in the language in which somebody did."""

from __future__ import annotations

from app.common.branding import marked
from app.common.mail import Mail

_CODE_SUBJECTS = {
    "nl": "{code} is je code voor {shop}",
    "fr": "{code} est votre code pour {shop}",
    "en": "{code} is your code for {shop}",
    "de": "{code} ist Ihr Code für {shop}",
}
_CODE_TEXTS = {
    "nl": """Hallo,

Met deze code begin je met {shop} op Zegel:

    {code}

Of open deze pagina, de code staat er al ingevuld:
{url}

De code werkt een uur en maar één keer. Heb je hem niet gevraagd?
Dan hoef je niets te doen: zonder de code gebeurt er niets.
""",
    "fr": """Bonjour,

Avec ce code, vous commencez avec {shop} sur Zegel :

    {code}

Ou ouvrez cette page, le code y est déjà rempli :
{url}

Le code est valable une heure et une seule fois. Vous ne l’avez pas demandé ?
Ne faites rien : sans le code, rien ne se passe.
""",
    "en": """Hello,

With this code you start {shop} on Zegel:

    {code}

Or open this page, where the code is filled in:
{url}

It works for an hour and only once. You didn’t ask for it?
Then do nothing: without the code nothing happens.
""",
    "de": """Guten Tag,

mit diesem Code beginnen Sie mit {shop} bei Zegel:

    {code}

Oder öffnen Sie diese Seite, der Code steht schon darin:
{url}

Er gilt eine Stunde und nur einmal. Sie haben ihn nicht angefordert?
Dann tun Sie nichts: Ohne den Code geschieht nichts.
""",
}
_KNOWN_SUBJECTS = {
    "nl": "Je hebt al een aanmelding bij Zegel",
    "fr": "Vous avez déjà un accès à Zegel",
    "en": "You have a sign-in at Zegel already",
    "de": "Sie haben bei Zegel schon eine Anmeldung",
}
_KNOWN_TEXTS = {
    "nl": """Hallo,

Met dit adres wilde iemand {shop} beginnen op Zegel. Je hebt hier al een
aanmelding. Meld je aan en voeg de winkel daar toe:
{url}

Was jij dat niet? Dan hoef je niets te doen: er is niets veranderd.
""",
    "fr": """Bonjour,

Quelqu’un voulait commencer {shop} sur Zegel avec cette adresse. Vous y avez
déjà un accès. Connectez-vous et ajoutez-y le commerce :
{url}

Ce n’était pas vous ? Ne faites rien : rien n’a changé.
""",
    "en": """Hello,

Somebody wanted to start {shop} on Zegel with this address. You have a sign-in
here already. Sign in and add the shop there:
{url}

Was it not you? Then do nothing: nothing has changed.
""",
    "de": """Guten Tag,

mit dieser Adresse wollte jemand {shop} bei Zegel beginnen. Sie haben hier
schon eine Anmeldung. Melden Sie sich an und fügen Sie das Geschäft dort hinzu:
{url}

Waren Sie das nicht? Dann tun Sie nichts: Es hat sich nichts geändert.
""",
}


def code_mail(to: str, *, shop: str, code: str, url: str, locale: str) -> Mail:
    """The mail with the code that proves an address. An unknown locale gets Dutch."""
    known = locale if locale in _CODE_TEXTS else "nl"
    return Mail(
        to=to,
        subject=_CODE_SUBJECTS[known].format(code=code, shop=shop),
        text=marked(_CODE_TEXTS[known]).format(code=code, shop=shop, url=url),
    )


def known_mail(to: str, *, shop: str, url: str, locale: str) -> Mail:
    """The mail to an address that signs somebody in already. An unknown locale gets Dutch."""
    known = locale if locale in _KNOWN_TEXTS else "nl"
    text = marked(_KNOWN_TEXTS[known]).format(shop=shop, url=url)
    return Mail(to=to, subject=marked(_KNOWN_SUBJECTS[known]), text=text)
