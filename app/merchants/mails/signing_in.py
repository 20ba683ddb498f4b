"""Mails about a person's own sign-in."""

from __future__ import annotations

from collections.abc import Mapping

_NOT_ME_EN = "\nWas it not you? Set a new password at once:\n\n    {forgotten}\n"
_NOT_ME_NL = "\nWas jij dat niet? Stel meteen een nieuw wachtwoord in:\n\n    {forgotten}\n"
_NOT_ME_FR = "\nCe n’était pas vous ? Choisissez tout de suite un nouveau mot de passe :\n\n    {forgotten}\n"
_NOT_ME_DE = "\nWaren Sie das nicht? Legen Sie sofort ein neues Passwort fest:\n\n    {forgotten}\n"


def _changed(**said: tuple[str, str]) -> dict[str, tuple[str, str]]:
    """A notice that something about the sign-in changed: what happened, and what to do if it wasn't the reader."""
    hello = {"nl": "Hallo,\n\n", "fr": "Bonjour,\n\n", "en": "Hello,\n\n", "de": "Guten Tag,\n\n"}
    not_me = {"nl": _NOT_ME_NL, "fr": _NOT_ME_FR, "en": _NOT_ME_EN, "de": _NOT_ME_DE}
    return {tongue: (subject, f"{hello[tongue]}{text}\n{not_me[tongue]}") for tongue, (subject, text) in said.items()}


SIGNING_IN: Mapping[str, Mapping[str, tuple[str, str]]] = {
    "password_link": {
        "nl": (
            "Stel een nieuw wachtwoord in",
            (
                "Hallo,\n\nMet deze link stel je een nieuw wachtwoord in voor je zaak bij Zegel:\n\n    {link}\n\n"
                "Hij werkt een uur en maar één keer. Heb je hem niet gevraagd?\nDan hoef je niets te doen.\n"
            ),
        ),
        "fr": (
            "Choisissez un nouveau mot de passe",
            (
                "Bonjour,\n\nAvec ce lien, vous choisissez un nouveau mot de passe pour votre commerce chez Zegel :\n\n"
                "    {link}\n\nIl est valable une heure et une seule fois. Vous ne l’avez pas demandé ?\n"
                "Ne faites rien.\n"
            ),
        ),
        "en": (
            "Set a new password",
            (
                "Hello,\n\nWith this link you set a new password for your shop at Zegel:\n\n    {link}\n\n"
                "It works for an hour and only once. You didn’t ask for it?\nThen do nothing.\n"
            ),
        ),
        "de": (
            "Legen Sie ein neues Passwort fest",
            (
                "Guten Tag,\n\nmit diesem Link legen Sie ein neues Passwort für Ihren Laden bei Zegel fest:\n\n"
                "    {link}\n\nEr gilt eine Stunde und nur einmal. Sie haben ihn nicht angefordert?\n"
                "Dann tun Sie nichts.\n"
            ),
        ),
    },
    "address_link": {
        "nl": (
            "Bevestig je nieuwe adres",
            (
                "Hallo,\n\nVoortaan meld je je met dit adres aan bij Zegel, als je het bevestigt:\n\n    {link}\n\n"
                "De link werkt een dag en maar één keer. Heb je dit niet gevraagd?\nDan hoef je niets te doen.\n"
            ),
        ),
        "fr": (
            "Confirmez votre nouvelle adresse",
            (
                "Bonjour,\n\nVous vous connecterez désormais à Zegel avec cette adresse, si vous la confirmez :\n\n"
                "    {link}\n\nLe lien est valable un jour et une seule fois. Vous n’avez rien demandé ?\n"
                "Ne faites rien.\n"
            ),
        ),
        "en": (
            "Confirm your new address",
            (
                "Hello,\n\nFrom now on you sign in to Zegel with this address, if you confirm it:\n\n    {link}\n\n"
                "The link works for a day and only once. You didn’t ask for this?\nThen do nothing.\n"
            ),
        ),
        "de": (
            "Bestätigen Sie Ihre neue Adresse",
            (
                "Guten Tag,\n\nkünftig melden Sie sich mit dieser Adresse bei Zegel an, wenn Sie sie bestätigen:\n\n"
                "    {link}\n\nDer Link gilt einen Tag und nur einmal. Sie haben das nicht angefordert?\n"
                "Dann tun Sie nichts.\n"
            ),
        ),
    },
    "address_asked": _changed(
        nl=(
            "Iemand wil een ander adres voor je aanmelding",
            (
                "Voor je aanmelding bij Zegel is een ander e-mailadres gevraagd: {address}.\n"
                "Het geldt zodra het daar bevestigd is."
            ),
        ),
        fr=(
            "Une autre adresse est demandée pour votre connexion",
            (
                "Une autre adresse e-mail a été demandée pour votre connexion à Zegel : {address}.\n"
                "Elle sera valable dès qu’elle aura été confirmée."
            ),
        ),
        en=(
            "Another address is wanted for your sign-in",
            (
                "Another e-mail address was asked for your sign-in at Zegel: {address}.\n"
                "It holds as soon as it is confirmed there."
            ),
        ),
        de=(
            "Für Ihre Anmeldung ist eine andere Adresse gewünscht",
            (
                "Für Ihre Anmeldung bei Zegel wurde eine andere E-Mail-Adresse gewünscht: {address}.\n"
                "Sie gilt, sobald sie dort bestätigt ist."
            ),
        ),
    ),
    "address_changed": {
        "nl": (
            "Je meldt je voortaan met een ander adres aan",
            (
                "Hallo,\n\nJe aanmelding bij Zegel hoort voortaan bij {address}.\n"
                "Met dit adres meld je je niet meer aan.\n\n"
                "Was jij dat niet? Zeg het meteen aan wie Zegel voor je zaak beheert.\n"
            ),
        ),
        "fr": (
            "Vous vous connectez désormais avec une autre adresse",
            (
                "Bonjour,\n\nVotre connexion à Zegel est désormais liée à {address}.\n"
                "Cette adresse-ci ne permet plus de vous connecter.\n\n"
                "Ce n’était pas vous ? Prévenez tout de suite la personne qui exploite Zegel pour vous.\n"
            ),
        ),
        "en": (
            "You sign in with another address from now on",
            (
                "Hello,\n\nYour sign-in at Zegel belongs to {address} from now on.\n"
                "This address does not sign you in any more.\n\n"
                "Was it not you? Tell whoever runs Zegel for your shop at once.\n"
            ),
        ),
        "de": (
            "Sie melden sich künftig mit einer anderen Adresse an",
            (
                "Guten Tag,\n\nIhre Anmeldung bei Zegel gehört ab jetzt zu {address}.\n"
                "Mit dieser Adresse können Sie sich nicht mehr anmelden.\n\n"
                "Waren Sie das nicht? Sagen Sie es sofort dem Betreiber von Zegel.\n"
            ),
        ),
    },
    "password_changed": _changed(
        nl=("Je wachtwoord is veranderd", "Het wachtwoord van je aanmelding bij Zegel is veranderd."),
        fr=("Votre mot de passe a changé", "Le mot de passe de votre connexion à Zegel a changé."),
        en=("Your password was changed", "The password of your sign-in at Zegel was changed."),
        de=("Ihr Passwort wurde geändert", "Das Passwort Ihrer Anmeldung bei Zegel wurde geändert."),
    ),
    "second_added": _changed(
        nl=(
            "Aanmelden gaat nu in twee stappen",
            "Je aanmelding bij Zegel vraagt voortaan ook een code van je telefoon.",
        ),
        fr=("Votre connexion se fait en deux étapes", "Votre connexion à Zegel demande désormais aussi un code."),
        en=("Signing in now takes two steps", "Your sign-in at Zegel asks for a code from your phone as well."),
        de=("Die Anmeldung hat jetzt zwei Schritte", "Ihre Anmeldung bei Zegel verlangt jetzt auch einen Code."),
    ),
    "second_removed": _changed(
        nl=("De tweede stap is weg", "Je aanmelding bij Zegel vraagt geen code van je telefoon meer."),
        fr=("La deuxième étape est supprimée", "Votre connexion à Zegel ne demande plus de code."),
        en=("The second step is gone", "Your sign-in at Zegel asks for no code from your phone any more."),
        de=("Der zweite Schritt ist weg", "Ihre Anmeldung bei Zegel verlangt keinen Code mehr."),
    ),
    "passkey_added": _changed(
        nl=("Nieuwe toegangssleutel", "Met een nieuwe toegangssleutel kun je je aanmelden bij Zegel: {name}."),
        fr=("Nouvelle clé d’accès", "Une nouvelle clé d’accès permet de vous connecter à Zegel : {name}."),
        en=("A new passkey", "A new passkey signs you in to Zegel: {name}."),
        de=("Neuer Passkey", "Mit einem neuen Passkey können Sie sich bei Zegel anmelden: {name}."),
    ),
    "passkey_removed": _changed(
        nl=("Toegangssleutel weg", "Deze toegangssleutel meldt je niet meer aan bij Zegel: {name}."),
        fr=("Clé d’accès supprimée", "Cette clé d’accès ne vous connecte plus à Zegel : {name}."),
        en=("A passkey is gone", "This passkey does not sign you in to Zegel any more: {name}."),
        de=("Passkey entfernt", "Dieser Passkey meldet Sie nicht mehr bei Zegel an: {name}."),
    ),
    "recovery_used": _changed(
        nl=(
            "Een herstelcode is gebruikt",
            "Iemand meldde zich aan met een van je herstelcodes. Er zijn er nog {left}.",
        ),
        fr=("Un code de secours a servi", "Un de vos codes de secours a servi à se connecter. Il en reste {left}."),
        en=("A recovery code was used", "One of your recovery codes was used to sign in. {left} are left."),
        de=(
            "Ein Ersatzcode wurde benutzt",
            "Jemand hat sich mit einem Ihrer Ersatzcodes angemeldet. Es bleiben {left}.",
        ),
    ),
    "recovery_made": _changed(
        nl=("Nieuwe herstelcodes", "Je hebt nieuwe herstelcodes. De vorige werken niet meer."),
        fr=("Nouveaux codes de secours", "Vous avez de nouveaux codes de secours. Les précédents ne valent plus rien."),
        en=("New recovery codes", "You have new recovery codes. The ones before don’t work any more."),
        de=("Neue Ersatzcodes", "Sie haben neue Ersatzcodes. Die bisherigen gelten nicht mehr."),
    ),
    "new_browser": _changed(
        nl=("Nieuwe aanmelding", "Je aanmelding bij Zegel werd gebruikt met een browser die we nog niet kenden."),
        fr=("Nouvelle connexion", "Votre connexion à Zegel a été utilisée avec un navigateur encore inconnu."),
        en=("A new sign-in", "Your sign-in at Zegel was used in a browser that we had not seen before."),
        de=("Neue Anmeldung", "Ihre Anmeldung bei Zegel wurde in einem bisher unbekannten Browser benutzt."),
    ),
}
