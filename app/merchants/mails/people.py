"""Mails about a person's work at a shop: asked in, changed, ended, handed over."""

from __future__ import annotations

from collections.abc import Mapping

PEOPLE: Mapping[str, Mapping[str, tuple[str, str]]] = {
    "invited": {
        "nl": (
            "Kom erbij: {shop}",
            (
                "Hallo {name},\n\n{shop} wil dat je mee voor de klantenkaart zorgt.\n"
                "Kies hier een wachtwoord, dan kun je je aanmelden:\n\n    {link}\n\n"
                "De link werkt drie dagen en maar één keer. Ken je {shop} niet?\nDan hoef je niets te doen.\n"
            ),
        ),
        "fr": (
            "{shop} vous invite",
            (
                "Bonjour {name},\n\n{shop} souhaite que vous participiez à la carte de fidélité.\n"
                "Choisissez ici un mot de passe pour vous connecter :\n\n    {link}\n\n"
                "Le lien est valable trois jours et une seule fois. Vous ne connaissez pas {shop} ?\nNe faites rien.\n"
            ),
        ),
        "en": (
            "Join {shop}",
            (
                "Hello {name},\n\n{shop} wants you to help look after its loyalty card.\n"
                "Choose a password here, then you can sign in:\n\n    {link}\n\n"
                "The link works for three days and only once. You don’t know {shop}?\nThen do nothing.\n"
            ),
        ),
        "de": (
            "{shop} lädt Sie ein",
            (
                "Guten Tag {name},\n\n{shop} möchte, dass Sie sich mit um die Kundenkarte kümmern.\n"
                "Wählen Sie hier ein Passwort, dann können Sie sich anmelden:\n\n    {link}\n\n"
                "Der Link gilt drei Tage und nur einmal. Sie kennen {shop} nicht?\nDann tun Sie nichts.\n"
            ),
        ),
    },
    "invited_again": {
        "nl": (
            "Kom erbij: {shop}",
            (
                "Hallo {name},\n\n{shop} wil dat je mee voor de klantenkaart zorgt.\n"
                "Meld je aan zoals altijd en neem de uitnodiging aan:\n\n    {link}\n\n"
                "Ken je {shop} niet? Sla ze dan af, of doe niets.\n"
            ),
        ),
        "fr": (
            "{shop} vous invite",
            (
                "Bonjour {name},\n\n{shop} souhaite que vous participiez à la carte de fidélité.\n"
                "Connectez-vous comme d’habitude et acceptez l’invitation :\n\n    {link}\n\n"
                "Vous ne connaissez pas {shop} ? Refusez, ou ne faites rien.\n"
            ),
        ),
        "en": (
            "Join {shop}",
            (
                "Hello {name},\n\n{shop} wants you to help look after its loyalty card.\n"
                "Sign in as always and accept the invitation:\n\n    {link}\n\n"
                "You don’t know {shop}? Decline it, or do nothing.\n"
            ),
        ),
        "de": (
            "{shop} lädt Sie ein",
            (
                "Guten Tag {name},\n\n{shop} möchte, dass Sie sich mit um die Kundenkarte kümmern.\n"
                "Melden Sie sich wie immer an und nehmen Sie die Einladung an:\n\n    {link}\n\n"
                "Sie kennen {shop} nicht? Lehnen Sie ab, oder tun Sie nichts.\n"
            ),
        ),
    },
    "role_changed": {
        "nl": (
            "Je werk bij {shop} is veranderd",
            (
                "Hallo {name},\n\nBij {shop} is veranderd wat je mag doen, of waar je werkt.\n"
                "Je ziet het als je je aanmeldt:\n\n    {link}\n"
            ),
        ),
        "fr": (
            "Votre rôle chez {shop} a changé",
            (
                "Bonjour {name},\n\nCe que vous pouvez faire chez {shop}, ou le lieu où vous travaillez, a changé.\n"
                "Vous le verrez en vous connectant :\n\n    {link}\n"
            ),
        ),
        "en": (
            "Your work at {shop} has changed",
            (
                "Hello {name},\n\nWhat you may do at {shop}, or where you work, has changed.\n"
                "You see it when you sign in:\n\n    {link}\n"
            ),
        ),
        "de": (
            "Ihre Arbeit bei {shop} hat sich geändert",
            (
                "Guten Tag {name},\n\nwas Sie bei {shop} dürfen oder wo Sie arbeiten, hat sich geändert.\n"
                "Sie sehen es, wenn Sie sich anmelden:\n\n    {link}\n"
            ),
        ),
    },
    "stopped": {
        "nl": (
            "Je toegang bij {shop} is gestopt",
            "Hallo {name},\n\nJe hebt geen toegang meer bij {shop}. Klopt dat niet? Vraag het aan de eigenaar.\n",
        ),
        "fr": (
            "Votre accès chez {shop} a pris fin",
            "Bonjour {name},\n\nVous n’avez plus accès chez {shop}. C’est une erreur ? Demandez au propriétaire.\n",
        ),
        "en": (
            "Your access at {shop} has ended",
            "Hello {name},\n\nYou have no access at {shop} any more. Is that wrong? Ask the owner.\n",
        ),
        "de": (
            "Ihr Zugang bei {shop} ist beendet",
            "Guten Tag {name},\n\nSie haben bei {shop} keinen Zugang mehr. Stimmt das nicht? Fragen Sie den Inhaber.\n",
        ),
    },
    "handover_offered": {
        "nl": (
            "Neem {shop} over",
            (
                "Hallo,\n\nDe eigenaar van {shop} wil de zaak op Zegel aan jou overdragen:\n"
                "leden, saldi, beloningen en abonnement. Meld je aan om ze aan te nemen of af te slaan:\n\n"
                "    {link}\n\n"
                "Dat kan tot en met {day}. Ken je {shop} niet? Dan hoef je niets te doen.\n"
            ),
        ),
        "fr": (
            "Reprenez {shop}",
            (
                "Bonjour,\n\nLe propriétaire de {shop} souhaite vous transmettre le commerce sur Zegel :\n"
                "membres, soldes, récompenses et abonnement. Connectez-vous pour accepter ou refuser :\n\n"
                "    {link}\n\n"
                "C’est possible jusqu’au {day}. Vous ne connaissez pas {shop} ? Ne faites rien.\n"
            ),
        ),
        "en": (
            "Take over {shop}",
            (
                "Hello,\n\nThe owner of {shop} wants to hand the business on Zegel over to you:\n"
                "members, balances, rewards and subscription. Sign in to accept or decline it:\n\n    {link}\n\n"
                "That is possible until {day}. You don’t know {shop}? Then do nothing.\n"
            ),
        ),
        "de": (
            "Übernehmen Sie {shop}",
            (
                "Guten Tag,\n\nder Inhaber von {shop} möchte Ihnen das Geschäft auf Zegel übergeben:\n"
                "Mitglieder, Guthaben, Prämien und Abonnement. Melden Sie sich an, um anzunehmen oder abzulehnen:\n\n"
                "    {link}\n\nDas geht bis {day}. Sie kennen {shop} nicht? Dann tun Sie nichts.\n"
            ),
        ),
    },
    "handover_warned": {
        "nl": (
            "{shop} wordt overgedragen",
            (
                "Hallo {name},\n\nJe hebt {shop} aan iemand anders aangeboden. Neemt "
                "die persoon aan, dan is de zaak niet\n"
                "meer van jou. Was jij dat niet? Roep het terug:\n\n    {link}\n"
            ),
        ),
        "fr": (
            "{shop} va être transmis",
            (
                "Bonjour {name},\n\nVous avez proposé {shop} à quelqu’un d’autre. Si "
                "cette personne accepte, le commerce ne\n"
                "vous appartient plus. Ce n’était pas vous ? Annulez :\n\n    {link}\n"
            ),
        ),
        "en": (
            "{shop} is being handed over",
            (
                "Hello {name},\n\nYou offered {shop} to somebody else. When that "
                "person accepts, the business is not yours\n"
                "any more. Was it not you? Call it off:\n\n    {link}\n"
            ),
        ),
        "de": (
            "{shop} wird übergeben",
            (
                "Guten Tag {name},\n\nSie haben {shop} jemand anderem angeboten. Nimmt "
                "die Person an, gehört das Geschäft\n"
                "nicht mehr Ihnen. Waren Sie das nicht? Nehmen Sie es zurück:\n\n    {link}\n"
            ),
        ),
    },
    "handover_accepted": {
        "nl": ("{shop} is overgedragen", "Hallo {name},\n\n{shop} heeft een nieuwe eigenaar op Zegel.\n"),
        "fr": ("{shop} est transmis", "Bonjour {name},\n\n{shop} a un nouveau propriétaire sur Zegel.\n"),
        "en": ("{shop} is handed over", "Hello {name},\n\n{shop} has a new owner on Zegel.\n"),
        "de": ("{shop} ist übergeben", "Guten Tag {name},\n\n{shop} hat auf Zegel einen neuen Inhaber.\n"),
    },
    "handover_declined": {
        "nl": ("{shop} blijft van jou", "Hallo {name},\n\n{shop} werd niet overgenomen. Er is niets veranderd.\n"),
        "fr": ("{shop} reste à vous", "Bonjour {name},\n\n{shop} n’a pas été repris. Rien n’a changé.\n"),
        "en": ("{shop} stays yours", "Hello {name},\n\n{shop} was not taken over. Nothing has changed.\n"),
        "de": (
            "{shop} bleibt bei Ihnen",
            "Guten Tag {name},\n\n{shop} wurde nicht übernommen. Nichts hat sich geändert.\n",
        ),
    },
}
