"""Mails to owners about what the operator did with their shop, and why."""

from __future__ import annotations

from collections.abc import Mapping

SHOPS: Mapping[str, Mapping[str, tuple[str, str]]] = {
    "shop_asked": {
        "nl": (
            "Een vraag over {shop}",
            (
                "Hallo,\n\nVoor we {shop} goedkeuren, willen we nog iets weten:\n\n    {reason}\n\n"
                "Antwoord op deze mail. Intussen scan je gewoon verder:\n\n    {link}\n"
            ),
        ),
        "fr": (
            "Une question sur {shop}",
            (
                "Bonjour,\n\nAvant d’approuver {shop}, nous avons une question :\n\n    {reason}\n\n"
                "Répondez à cet e-mail. En attendant, vous continuez à scanner :\n\n    {link}\n"
            ),
        ),
        "en": (
            "A question about {shop}",
            (
                "Hello,\n\nBefore we approve {shop}, there is something that we need to know:\n\n    {reason}\n\n"
                "Answer this mail. Meanwhile you go on scanning:\n\n    {link}\n"
            ),
        ),
        "de": (
            "Eine Frage zu {shop}",
            (
                "Guten Tag,\n\nbevor wir {shop} freigeben, haben wir eine Frage:\n\n    {reason}\n\n"
                "Antworten Sie auf diese E-Mail. Inzwischen scannen Sie weiter:\n\n    {link}\n"
            ),
        ),
    },
    "shop_suspended": {
        "nl": (
            "{shop} is gepauzeerd",
            (
                "Hallo,\n\nWe hebben {shop} gepauzeerd: {reason}\n\nEr wordt nu niet gespaard, en je winkel staat "
                "niet in de lijst.\nWat je leden hebben, blijft van hen en kunnen ze opnemen.\n"
                "Denk je dat het een vergissing is? Antwoord dan op deze mail.\n"
            ),
        ),
        "fr": (
            "{shop} est en pause",
            (
                "Bonjour,\n\nNous avons mis {shop} en pause : {reason}\n\nRien n’y est cumulé pour l’instant, et "
                "votre commerce ne figure plus dans la liste.\nCe que vos membres ont reste à eux : ils l’utilisent.\n"
                "Vous pensez à une erreur ? Répondez à cet e-mail.\n"
            ),
        ),
        "en": (
            "{shop} is paused",
            (
                "Hello,\n\nWe have paused {shop}: {reason}\n\nNothing is collected there now, and your shop stands "
                "in no list.\nWhat your members hold stays theirs, and they can redeem it.\n"
                "Do you think that this is a mistake? Answer this mail.\n"
            ),
        ),
        "de": (
            "{shop} ist angehalten",
            (
                "Guten Tag,\n\nwir haben {shop} angehalten: {reason}\n\nDort wird vorerst nicht gesammelt, und Ihr "
                "Geschäft steht nicht in der Liste.\nWas Ihre Mitglieder haben, bleibt ihnen; sie können es einlösen.\n"
                "Halten Sie das für ein Versehen? Antworten Sie auf diese E-Mail.\n"
            ),
        ),
    },
    "shop_resumed": {
        "nl": (
            "{shop} gaat verder",
            "Hallo,\n\n{shop} werkt weer als tevoren: {reason}\n\nEr wordt weer gespaard.\n\n    {link}\n",
        ),
        "fr": (
            "{shop} reprend",
            (
                "Bonjour,\n\n{shop} fonctionne de nouveau comme avant : {reason}\n\n"
                "On y cumule de nouveau.\n\n    {link}\n"
            ),
        ),
        "en": (
            "{shop} goes on",
            "Hello,\n\n{shop} works as before again: {reason}\n\nMembers collect again.\n\n    {link}\n",
        ),
        "de": (
            "{shop} läuft wieder",
            "Guten Tag,\n\n{shop} arbeitet wieder wie zuvor: {reason}\n\nEs wird wieder gesammelt.\n\n    {link}\n",
        ),
    },
    "shop_closing": {
        "nl": (
            "{shop} wordt gesloten",
            (
                "Hallo,\n\nWe sluiten {shop} op de kaart: {reason}\n\nSparen kan tot en met {earn}, inwisselen "
                "tot en met {redeem}. Je leden krijgen bericht.\n"
                "Wat er gebeurt, en hoe je alles meeneemt, lees je hier:\n\n    {link}\n"
            ),
        ),
        "fr": (
            "{shop} va être fermé",
            (
                "Bonjour,\n\nNous fermons {shop} sur la carte : {reason}\n\nOn y cumule jusqu’au {earn} inclus, et on "
                "utilise jusqu’au {redeem} inclus. Vos membres sont prévenus.\n"
                "Ce qui se passe, et comment tout emporter :\n\n    {link}\n"
            ),
        ),
        "en": (
            "{shop} will be closed",
            (
                "Hello,\n\nWe are closing {shop} on the card: {reason}\n\nMembers collect until {earn} and redeem "
                "until {redeem}. They are told.\nWhat happens, and how you take everything along:\n\n    {link}\n"
            ),
        ),
        "de": (
            "{shop} wird geschlossen",
            (
                "Guten Tag,\n\nwir schließen {shop} auf der Karte: {reason}\n\nGesammelt wird bis einschließlich "
                "{earn}, eingelöst bis einschließlich {redeem}. Ihre Mitglieder werden benachrichtigt.\n"
                "Was geschieht, und wie Sie alles mitnehmen:\n\n    {link}\n"
            ),
        ),
    },
    "shop_plan": {
        "nl": (
            "Een ander abonnement voor {shop}",
            "Hallo,\n\n{shop} heeft nu het abonnement {plan}: {reason}\n\n    {link}\n",
        ),
        "fr": (
            "Un autre abonnement pour {shop}",
            "Bonjour,\n\n{shop} a maintenant l’abonnement {plan} : {reason}\n\n    {link}\n",
        ),
        "en": (
            "Another plan for {shop}",
            "Hello,\n\n{shop} has the plan {plan} now: {reason}\n\n    {link}\n",
        ),
        "de": (
            "Ein anderes Abonnement für {shop}",
            "Guten Tag,\n\n{shop} hat jetzt das Abonnement {plan}: {reason}\n\n    {link}\n",
        ),
    },
    "shop_price": {
        "nl": (
            "{shop} betaalt minder",
            (
                "Hallo,\n\nVanaf de volgende factuur betaalt {shop} minder dan het abonnement kost: {reason}\n\n"
                "Hoeveel en tot wanneer, lees je hier:\n\n    {link}\n"
            ),
        ),
        "fr": (
            "{shop} paie moins",
            (
                "Bonjour,\n\nDès la prochaine facture, {shop} paie moins que le prix de l’abonnement : {reason}\n\n"
                "Combien et jusqu’à quand, vous le lisez ici :\n\n    {link}\n"
            ),
        ),
        "en": (
            "{shop} pays less",
            (
                "Hello,\n\nFrom the next invoice on, {shop} pays less than its plan costs: {reason}\n\n"
                "How much and until when, you read here:\n\n    {link}\n"
            ),
        ),
        "de": (
            "{shop} zahlt weniger",
            (
                "Guten Tag,\n\nab der nächsten Rechnung zahlt {shop} weniger, als das Abonnement kostet: {reason}\n\n"
                "Wie viel und bis wann, lesen Sie hier:\n\n    {link}\n"
            ),
        ),
    },
    "shop_price_ended": {
        "nl": (
            "{shop} betaalt weer de gewone prijs",
            "Hallo,\n\nVanaf de volgende factuur betaalt {shop} wat het abonnement kost: {reason}\n\n    {link}\n",
        ),
        "fr": (
            "{shop} paie de nouveau le prix normal",
            "Bonjour,\n\nDès la prochaine facture, {shop} paie le prix de l’abonnement : {reason}\n\n    {link}\n",
        ),
        "en": (
            "{shop} pays the plan’s price again",
            "Hello,\n\nFrom the next invoice on, {shop} pays what its plan costs: {reason}\n\n    {link}\n",
        ),
        "de": (
            "{shop} zahlt wieder den üblichen Preis",
            "Guten Tag,\n\nab der nächsten Rechnung zahlt {shop}, was das Abonnement kostet: {reason}\n\n    {link}\n",
        ),
    },
    "shop_sponsored": {
        "nl": (
            "{shop} betaalt niets",
            "Hallo,\n\n{payer} betaalt nu voor {shop}: {reason}\n\n    {link}\n",
        ),
        "fr": (
            "{shop} ne paie rien",
            "Bonjour,\n\n{payer} paie maintenant pour {shop} : {reason}\n\n    {link}\n",
        ),
        "en": (
            "{shop} pays nothing",
            "Hello,\n\n{payer} pays for {shop} now: {reason}\n\n    {link}\n",
        ),
        "de": (
            "{shop} zahlt nichts",
            "Guten Tag,\n\n{payer} zahlt jetzt für {shop}: {reason}\n\n    {link}\n",
        ),
    },
    "shop_sponsor_ended": {
        "nl": (
            "{shop} betaalt weer zelf",
            "Hallo,\n\nNiemand anders betaalt nog voor {shop}: {reason}\n\nKies een abonnement:\n\n    {link}\n",
        ),
        "fr": (
            "{shop} paie de nouveau",
            (
                "Bonjour,\n\nPersonne d’autre ne paie plus pour {shop} : {reason}\n\n"
                "Choisissez un abonnement :\n\n    {link}\n"
            ),
        ),
        "en": (
            "{shop} pays for itself again",
            "Hello,\n\nNobody else pays for {shop} any more: {reason}\n\nChoose a plan:\n\n    {link}\n",
        ),
        "de": (
            "{shop} zahlt wieder selbst",
            (
                "Guten Tag,\n\nfür {shop} zahlt niemand anders mehr: {reason}\n\n"
                "Wählen Sie ein Abonnement:\n\n    {link}\n"
            ),
        ),
    },
}
