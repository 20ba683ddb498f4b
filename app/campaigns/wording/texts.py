"""What each message says, in four languages: a title and a text. Names in braces are filled in."""

from __future__ import annotations

from collections.abc import Mapping

LOCALES = ("nl", "fr", "en", "de")
FALLBACK = "en"

Said = tuple[str, str]
# A variant follows its kind after a slash.
SAID: Mapping[str, Mapping[str, Said]] = {
    "reward_unlocked": {
        "nl": ("Je beloning ligt klaar", "Bij {merchant}: {reward}. Toon je kaart om ze te krijgen."),
        "fr": ("Votre récompense vous attend", "Chez {merchant} : {reward}. Montrez votre carte pour la recevoir."),
        "en": ("Your reward is ready", "At {merchant}: {reward}. Show your card to get it."),
        "de": ("Ihre Prämie ist da", "Bei {merchant}: {reward}. Zeigen Sie Ihre Karte, um sie zu bekommen."),
    },
    "units_expiring": {
        "nl": ("Bij {merchant} vervalt binnenkort iets", "Nog te gebruiken: {lots}."),
        "fr": ("Chez {merchant}, quelque chose expire bientôt", "À utiliser : {lots}."),
        "en": ("Something at {merchant} ends soon", "Still yours to use: {lots}."),
        "de": ("Bei {merchant} verfällt bald etwas", "Noch einzulösen: {lots}."),
    },
    "new_sign_in": {
        "nl": (
            "Nieuwe aanmelding op je kaart",
            "Op een ander toestel is met je kaart aangemeld. Was jij dat niet? Beëindig die sessie in de app onder Ik.",
        ),
        "fr": (
            "Nouvelle connexion à votre carte",
            (
                "Un autre appareil s’est connecté à votre carte. Ce n’était pas vous ? "
                "Terminez cette session dans l’application, sous Moi."
            ),
        ),
        "en": (
            "New sign-in to your card",
            "Another device has signed in to your card. That wasn’t you? End its session in the app under Me.",
        ),
        "de": (
            "Neue Anmeldung bei Ihrer Karte",
            (
                "Ein anderes Gerät hat sich bei Ihrer Karte angemeldet. Das waren nicht Sie? "
                "Beenden Sie die Sitzung in der App unter Ich."
            ),
        ),
    },
    "card_blocked": {
        "nl": (
            "Een kaart van je is geblokkeerd",
            "De kaart werkt nergens meer. Wat je spaarde, blijft van jou. Was jij dat niet? Kijk in de app onder Ik.",
        ),
        "fr": (
            "Une de vos cartes est bloquée",
            (
                "Cette carte ne fonctionne plus. Vos soldes restent à vous. Ce n’était pas vous ? "
                "Regardez dans l’application, sous Moi."
            ),
        ),
        "en": (
            "A card of yours is blocked",
            "The card no longer works. What you collected stays yours. That wasn’t you? Look in the app under Me.",
        ),
        "de": (
            "Eine Ihrer Karten ist gesperrt",
            (
                "Die Karte gilt nirgends mehr. Was Sie gesammelt haben, bleibt Ihnen. Das waren nicht Sie? "
                "Sehen Sie in der App unter Ich nach."
            ),
        ),
    },
    "card_blocked/back": {
        "nl": (
            "Een kaart van je werkt weer",
            "Ze was per vergissing geblokkeerd. Is ze verloren of gestolen? Blokkeer ze in de app onder Ik.",
        ),
        "fr": (
            "Une de vos cartes fonctionne à nouveau",
            "Elle avait été bloquée par erreur. Perdue ou volée ? Bloquez-la dans l’application, sous Moi.",
        ),
        "en": (
            "A card of yours works again",
            "It was blocked by mistake. Is it lost or stolen? Block it in the app under Me.",
        ),
        "de": (
            "Eine Ihrer Karten gilt wieder",
            "Sie war irrtümlich gesperrt. Verloren oder gestohlen? Sperren Sie sie in der App unter Ich.",
        ),
    },
    "card_replaced": {
        "nl": (
            "Je kaart is vervangen",
            (
                "De oude kaart werkt niet meer; alles wat je gespaard hebt, staat op de nieuwe. "
                "Was jij dat niet? Kijk in de app onder Ik."
            ),
        ),
        "fr": (
            "Votre carte est remplacée",
            (
                "L’ancienne carte ne fonctionne plus ; tout ce que vous avez collecté est sur la nouvelle. "
                "Ce n’était pas vous ? Regardez dans l’application, sous Moi."
            ),
        ),
        "en": (
            "Your card is replaced",
            "The old card no longer works; all is on the new one. That wasn’t you? Look in the app under Me.",
        ),
        "de": (
            "Ihre Karte ist ersetzt",
            (
                "Die alte Karte gilt nicht mehr; alles Gesammelte ist auf der neuen. "
                "Das waren nicht Sie? Sehen Sie in der App unter Ich nach."
            ),
        ),
    },
    "spent": {
        "nl": (
            "Ingewisseld bij {merchant}",
            "Van je kaart is ingewisseld: {reward}. Was jij dat niet? Blokkeer je kaart.",
        ),
        "fr": (
            "Utilisé chez {merchant}",
            "Votre carte a servi pour : {reward}. Ce n’était pas vous ? Bloquez votre carte.",
        ),
        "en": ("Redeemed at {merchant}", "Your card was used for: {reward}. That wasn’t you? Block your card."),
        "de": (
            "Eingelöst bei {merchant}",
            "Mit Ihrer Karte wurde eingelöst: {reward}. Das waren nicht Sie? Sperren Sie Ihre Karte.",
        ),
    },
    "email_changed": {
        "nl": (
            "Je e-mailadres is gewijzigd",
            "Bij je kaart hoort nu een ander e-mailadres. Was jij dat niet? Kijk in de app onder Ik.",
        ),
        "fr": (
            "Votre adresse e-mail a changé",
            (
                "Une autre adresse e-mail appartient maintenant à votre carte. Ce n’était pas vous ? "
                "Regardez dans l’application, sous Moi."
            ),
        ),
        "en": (
            "Your e-mail address has changed",
            "Another e-mail address belongs to your card now. That wasn’t you? Look in the app under Me.",
        ),
        "de": (
            "Ihre E-Mail-Adresse ist geändert",
            (
                "Zu Ihrer Karte gehört jetzt eine andere E-Mail-Adresse. Das waren nicht Sie? "
                "Sehen Sie in der App unter Ich nach."
            ),
        ),
    },
    "passkey_added": {
        "nl": (
            "Nieuwe passkey voor je kaart",
            "Een nieuwe passkey opent je kaart. Was jij dat niet? Verwijder hem in de app onder Ik.",
        ),
        "fr": (
            "Nouvelle clé d’accès pour votre carte",
            (
                "Une nouvelle clé d’accès ouvre votre carte. Ce n’était pas vous ? "
                "Supprimez-la dans l’application, sous Moi."
            ),
        ),
        "en": (
            "New passkey for your card",
            "A new passkey signs in to your card. That wasn’t you? Remove it in the app under Me.",
        ),
        "de": (
            "Neuer Passkey für Ihre Karte",
            "Ein neuer Passkey öffnet Ihre Karte. Das waren nicht Sie? Entfernen Sie ihn in der App unter Ich.",
        ),
    },
    "passkey_removed": {
        "nl": (
            "Passkey verwijderd",
            "Een passkey van je kaart is verwijderd. Was jij dat niet? Kijk in de app onder Ik.",
        ),
        "fr": (
            "Clé d’accès supprimée",
            (
                "Une clé d’accès de votre carte a été supprimée. Ce n’était pas vous ? "
                "Regardez dans l’application, sous Moi."
            ),
        ),
        "en": ("Passkey removed", "A passkey of your card was removed. That wasn’t you? Look in the app under Me."),
        "de": (
            "Passkey entfernt",
            "Ein Passkey Ihrer Karte wurde entfernt. Das waren nicht Sie? Sehen Sie in der App unter Ich nach.",
        ),
    },
    "spending_asked": {
        "nl": ("Mag dit worden ingewisseld?", "{merchant} vraagt het voor: {reward}. Antwoord in de app."),
        "fr": ("Acceptez-vous cette dépense ?", "{merchant} le demande pour : {reward}. Répondez dans l’application."),
        "en": ("May this be redeemed?", "{merchant} asks for: {reward}. Answer in the app."),
        "de": ("Darf das eingelöst werden?", "{merchant} fragt für: {reward}. Antworten Sie in der App."),
    },
    "feedback_answered": {
        "nl": ("{merchant} heeft je geantwoord", "{answer}"),
        "fr": ("{merchant} vous a répondu", "{answer}"),
        "en": ("{merchant} has answered you", "{answer}"),
        "de": ("{merchant} hat Ihnen geantwortet", "{answer}"),
    },
    "feedback_answered/gone": {
        "nl": ("{merchant} heeft je geantwoord", "Het antwoord is er niet meer."),
        "fr": ("{merchant} vous a répondu", "La réponse n’existe plus."),
        "en": ("{merchant} has answered you", "The answer is no longer there."),
        "de": ("{merchant} hat Ihnen geantwortet", "Die Antwort gibt es nicht mehr."),
    },
    "invitation_rewarded": {
        "nl": (
            "Bedankt voor je uitnodiging",
            "Wie jij hebt uitgenodigd, was bij {merchant}. Jij krijgt {units}.",
        ),
        "fr": (
            "Merci pour votre invitation",
            "Votre invité est passé chez {merchant}. Vous recevez {units}.",
        ),
        "en": ("Thank you for inviting", "Whom you invited has been to {merchant}. You get {units}."),
        "de": ("Danke für Ihre Einladung", "Ihr Gast war bei {merchant}. Sie bekommen {units}."),
    },
    "invitation_rewarded/invited": {
        "nl": ("Welkom bij {merchant}", "Je kwam op uitnodiging: je krijgt {units}."),
        "fr": ("Bienvenue chez {merchant}", "Vous êtes venu sur invitation : vous recevez {units}."),
        "en": ("Welcome to {merchant}", "You came by invitation: you get {units}."),
        "de": ("Willkommen bei {merchant}", "Sie kamen auf Einladung: Sie bekommen {units}."),
    },
    "shop_news": {
        "nl": ("{title}", "{text}"),
        "fr": ("{title}", "{text}"),
        "en": ("{title}", "{text}"),
        "de": ("{title}", "{text}"),
    },
    "shop_notice": {
        "nl": ("{title}", "{text}"),
        "fr": ("{title}", "{text}"),
        "en": ("{title}", "{text}"),
        "de": ("{title}", "{text}"),
    },
}
# Units: one, and any other number.
UNITS: Mapping[str, Mapping[str, tuple[str, str]]] = {
    "stamps": {
        "nl": ("{n} zegel", "{n} zegels"),
        "fr": ("{n} timbre", "{n} timbres"),
        "en": ("{n} stamp", "{n} stamps"),
        "de": ("{n} Stempel", "{n} Stempel"),
    },
    "points": {
        "nl": ("{n} punt", "{n} punten"),
        "fr": ("{n} point", "{n} points"),
        "en": ("{n} point", "{n} points"),
        "de": ("{n} Punkt", "{n} Punkte"),
    },
}
# The last day on which units can be used.
UNTIL: Mapping[str, str] = {
    "nl": "{units} tot en met {day}",
    "fr": "{units} jusqu’au {day} inclus",
    "en": "{units} until the end of {day}",
    "de": "{units} bis einschließlich {day}",
}
# Where the message names no merchant or reward, or it is not there any more.
SOMEWHERE: Mapping[str, str] = {"nl": "een winkel", "fr": "un commerce", "en": "a shop", "de": "einem Geschäft"}
SOMETHING: Mapping[str, str] = {
    "nl": "een beloning",
    "fr": "une récompense",
    "en": "a reward",
    "de": "eine Prämie",
}
# What comes with a shop's message, and how long it is good.
OFFER: Mapping[str, str] = {
    "nl": "Voor jou: {reward}. De bon zit al in je app{until}.",
    "fr": "Pour vous : {reward}. Le bon est déjà dans votre application{until}.",
    "en": "For you: {reward}. The voucher is in your app{until}.",
    "de": "Für Sie: {reward}. Der Gutschein ist schon in Ihrer App{until}.",
}
OFFER_UNTIL: Mapping[str, str] = {
    "nl": ", te gebruiken tot en met {day}",
    "fr": ", valable jusqu’au {day} inclus",
    "en": ", good until the end of {day}",
    "de": ", gültig bis einschließlich {day}",
}
# Round a shop's news by mail: why it came, and how it stops.
NEWS_OPEN: Mapping[str, str] = {
    "nl": "Bekijk het in de app",
    "fr": "Voir dans l’application",
    "en": "See it in the app",
    "de": "In der App ansehen",
}
NEWS_OFFER: Mapping[str, str] = {
    "nl": "Open je bon",
    "fr": "Ouvrir mon bon",
    "en": "Open your voucher",
    "de": "Gutschein öffnen",
}
NEWS_WHY: Mapping[str, str] = {
    "nl": "Je krijgt deze mail omdat je {merchant} toestond je nieuws en aanbiedingen te mailen. Verzonden via {town}.",
    "fr": (
        "Vous recevez cet e-mail car vous avez permis à {merchant} de vous envoyer nouvelles et offres. "
        "Il est envoyé par {town}."
    ),
    "en": "You get this mail because you allowed {merchant} to mail you news and offers. It is sent by {town}.",
    "de": (
        "Sie erhalten diese Mail, weil {merchant} Ihnen mit Ihrem Einverständnis Neuigkeiten und Angebote mailt. "
        "Sie kommt über {town}."
    ),
}
NEWS_STOP: Mapping[str, str] = {
    "nl": "Geen mails meer van {merchant}:",
    "fr": "Ne plus recevoir d’e-mails de {merchant} :",
    "en": "No more mails from {merchant}:",
    "de": "Keine Mails mehr von {merchant}:",
}
# Round a mail: greeting, the way into the app, why it came, and how it stops.
GREETING: Mapping[str, str] = {"nl": "Hallo,", "fr": "Bonjour,", "en": "Hello,", "de": "Guten Tag,"}
OPEN: Mapping[str, str] = {
    "nl": "Open je kaart",
    "fr": "Ouvrir ma carte",
    "en": "Open your card",
    "de": "Karte öffnen",
}
ALWAYS: Mapping[str, str] = {
    "nl": "Je krijgt deze mail altijd, want het gaat om de veiligheid van je kaart.",
    "fr": "Vous recevez toujours ce message, car il concerne la sécurité de votre carte.",
    "en": "You always get this mail, since it is about the safety of your card.",
    "de": "Diese Nachricht kommt immer, denn es geht um die Sicherheit Ihrer Karte.",
}
SAFETY: Mapping[str, str] = {
    "nl": "Deze mail gaat over de veiligheid van je kaart. Welke mails je krijgt, kies je in de app: Ik, Berichten.",
    "fr": "Ce message concerne la sécurité de votre carte. Choisissez vos e-mails dans l’appli, sous Moi, Messages.",
    "en": "This mail is about the safety of your card. Which mails you get you choose in the app, under Me, Messages.",
    "de": "Hier geht es um die Sicherheit Ihrer Karte. Welche Mails kommen, wählen Sie in der App: Ich, Nachrichten.",
}
STOP: Mapping[str, str] = {
    "nl": "Liever geen mails hierover? Zet ze uit:",
    "fr": "Vous ne voulez plus de ces e-mails ? Désactivez-les :",
    "en": "You’d rather not get these mails? Switch them off:",
    "de": "Sie möchten solche Mails nicht mehr? Hier abbestellen:",
}
