"""What the mails about a subscription say, in four languages: a subject and a text."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

from babel.dates import format_date

from app.common.mail import Mail

FALLBACK = "en"
LOCALES = ("nl", "fr", "en", "de")
SAID: Mapping[str, Mapping[str, tuple[str, str]]] = {
    "payment_failed": {
        "nl": (
            "{shop}: je betaling is niet gelukt",
            (
                "De betaling van je abonnement is niet gelukt. We proberen het nog enkele keren.\n\nKijk of je "
                "kaart of rekening nog klopt. Tot en met {day} verandert er niets. Daarna pauzeert het sparen "
                "tot er betaald is. Wat klanten hebben, houden ze: inwisselen blijft altijd werken."
            ),
        ),
        "fr": (
            "{shop} : votre paiement n’a pas abouti",
            (
                "Le paiement de votre abonnement n’a pas abouti. Nous allons réessayer quelques "
                "fois.\n\nVérifiez votre carte ou votre compte. Jusqu’au {day} inclus, rien ne change. Ensuite, "
                "la collecte est en pause jusqu’au paiement. Vos clients gardent ce qu’ils ont : ils peuvent "
                "toujours l’utiliser."
            ),
        ),
        "en": (
            "{shop}: your payment did not go through",
            (
                "The payment of your subscription did not go through. We will try a few more times.\n\nCheck "
                "that your card or account is still right. Until {day} nothing changes. After that, earning "
                "pauses until it is paid. Customers keep what they have: redeeming always works."
            ),
        ),
        "de": (
            "{shop}: Ihre Zahlung hat nicht geklappt",
            (
                "Die Zahlung Ihres Abonnements hat nicht geklappt. Wir versuchen es noch einige Male.\n\nPrüfen "
                "Sie, ob Ihre Karte oder Ihr Konto noch stimmt. Bis einschließlich {day} ändert sich nichts. "
                "Danach pausiert das Sammeln, bis bezahlt ist. Ihre Kunden behalten alles: Einlösen geht immer."
            ),
        ),
    },
    "over": {
        "nl": (
            "{shop}: je hebt meer klanten dan je abonnement dekt",
            (
                "Goed nieuws: er sparen meer klanten bij jou dan je abonnement dekt.\n\nKies een groter "
                "abonnement voor {day} voorbij is. Doe je niets, dan pauzeert daarna het sparen. Wat klanten "
                "hebben, houden ze: inwisselen blijft altijd werken."
            ),
        ),
        "fr": (
            "{shop} : vous avez plus de clients que ne couvre votre abonnement",
            (
                "Bonne nouvelle : plus de clients collectent chez vous que ne couvre votre "
                "abonnement.\n\nChoisissez un abonnement plus grand avant la fin du {day}. Sans cela, la "
                "collecte est ensuite en pause. Vos clients gardent ce qu’ils ont : ils peuvent toujours "
                "l’utiliser."
            ),
        ),
        "en": (
            "{shop}: you have more customers than your subscription covers",
            (
                "Good news: more customers collect at your shop than your subscription covers.\n\nChoose a "
                "larger one before the end of {day}. If you do nothing, earning pauses after that. Customers "
                "keep what they have: redeeming always works."
            ),
        ),
        "de": (
            "{shop}: Sie haben mehr Kunden, als Ihr Abonnement umfasst",
            (
                "Eine gute Nachricht: Bei Ihnen sammeln mehr Kunden, als Ihr Abonnement umfasst.\n\nWählen Sie "
                "bis Ende {day} ein größeres. Tun Sie nichts, pausiert danach das Sammeln. Ihre Kunden behalten "
                "alles: Einlösen geht immer."
            ),
        ),
    },
    "pause_near": {
        "nl": (
            "{shop}: het sparen pauzeert over enkele dagen",
            (
                "Na {day} pauzeert het sparen in je winkel, omdat je abonnement niet in orde is. Het is in twee "
                "minuten opgelost; alles gaat dan meteen verder."
            ),
        ),
        "fr": (
            "{shop} : la collecte sera bientôt en pause",
            (
                "Après le {day}, la collecte sera en pause dans votre commerce, car votre abonnement n’est pas "
                "en ordre. Deux minutes suffisent pour y remédier ; tout reprend aussitôt."
            ),
        ),
        "en": (
            "{shop}: earning pauses in a few days",
            (
                "After {day}, earning pauses at your shop, since your subscription is not in order. It takes "
                "two minutes to mend; everything goes on at once then."
            ),
        ),
        "de": (
            "{shop}: Das Sammeln pausiert in einigen Tagen",
            (
                "Nach dem {day} pausiert das Sammeln in Ihrem Geschäft, weil Ihr Abonnement nicht in Ordnung "
                "ist. Das ist in zwei Minuten behoben; dann geht alles sofort weiter."
            ),
        ),
    },
    "paused": {
        "nl": (
            "{shop}: het sparen pauzeert nu",
            (
                "Sinds {day} sparen klanten niets meer in je winkel, omdat je abonnement niet in orde is. De "
                "tablet zegt alleen dat er even niet gespaard kan worden. Niemand verliest iets, en inwisselen "
                "werkt gewoon.\n\nZodra het abonnement in orde is, gaat alles meteen verder."
            ),
        ),
        "fr": (
            "{shop} : la collecte est en pause",
            (
                "Depuis le {day}, vos clients ne collectent plus chez vous, car votre abonnement n’est pas en "
                "ordre. La tablette dit seulement que la collecte est en pause. Personne ne perd rien, et tout "
                "peut être utilisé.\n\nDès que l’abonnement est en ordre, tout reprend aussitôt."
            ),
        ),
        "en": (
            "{shop}: earning is paused",
            (
                "Since {day}, customers earn nothing at your shop, as your subscription is not in order. The "
                "tablet only says that nothing can be earned just now. Nobody loses anything, and redeeming "
                "works.\n\nAs soon as the subscription is in order, everything goes on at once."
            ),
        ),
        "de": (
            "{shop}: Das Sammeln pausiert",
            (
                "Seit dem {day} sammeln Kunden in Ihrem Geschäft nichts, weil Ihr Abonnement nicht in Ordnung "
                "ist. Das Tablet sagt nur, dass gerade nicht gesammelt werden kann. Niemand verliert etwas, und "
                "Einlösen geht.\n\nSobald das Abonnement in Ordnung ist, geht alles sofort weiter."
            ),
        ),
    },
    "trial_ends": {
        "nl": (
            "{shop}: je proefperiode loopt af",
            (
                "Je proefperiode loopt tot {day}. Daarna begint je abonnement. Wil je dat niet, zeg het dan "
                "voordien op; je betaalt dan niets."
            ),
        ),
        "fr": (
            "{shop} : votre période d’essai se termine",
            (
                "Votre période d’essai court jusqu’au {day}. Ensuite, votre abonnement commence. Si vous ne le "
                "voulez pas, résiliez avant ; vous ne payez alors rien."
            ),
        ),
        "en": (
            "{shop}: your trial ends soon",
            (
                "Your trial runs until {day}. After that your subscription begins. If you don’t want that, "
                "cancel before; you pay nothing then."
            ),
        ),
        "de": (
            "{shop}: Ihre Probezeit endet bald",
            (
                "Ihre Probezeit läuft bis {day}. Danach beginnt Ihr Abonnement. Möchten Sie das nicht, kündigen "
                "Sie vorher; dann zahlen Sie nichts."
            ),
        ),
    },
    "cancelled": {
        "nl": (
            "{shop}: je abonnement is opgezegd",
            (
                "Je abonnement loopt tot {day} en stopt dan vanzelf. Heb je daarna niet meer actieve klanten "
                "dan het gratis aanbod dekt, dan gaat alles gewoon verder. Bedacht? Zet het met één knop weer "
                "aan."
            ),
        ),
        "fr": (
            "{shop} : votre abonnement est résilié",
            (
                "Votre abonnement court jusqu’au {day}, puis s’arrête de lui-même. Si vous n’avez alors pas "
                "plus de clients actifs que n’en couvre l’offre gratuite, tout continue. Vous avez changé "
                "d’avis ? Un bouton suffit."
            ),
        ),
        "en": (
            "{shop}: your subscription is cancelled",
            (
                "Your subscription runs until {day} and then stops by itself. If you have no more active "
                "customers then than the free plan covers, everything goes on. Changed your mind? One button "
                "turns it on again."
            ),
        ),
        "de": (
            "{shop}: Ihr Abonnement ist gekündigt",
            (
                "Ihr Abonnement läuft bis {day} und endet dann von selbst. Haben Sie danach nicht mehr aktive "
                "Kunden, als das kostenlose Angebot umfasst, geht alles weiter. Anders überlegt? Ein Knopf "
                "genügt."
            ),
        ),
    },
}
OPEN = {"nl": "Je abonnement", "fr": "Votre abonnement", "en": "Your subscription", "de": "Ihr Abonnement"}


def compose(kind: str, to: str, locale: str | None, *, shop: str, day: date, link: str) -> Mail:
    """The mail that tells one thing, in the nearest of the four languages."""
    short = (locale or "").lower()[:2]
    tongue = short if short in LOCALES else FALLBACK
    shown = format_date(day, format="long", locale="en_GB" if tongue == "en" else tongue)
    subject, text = SAID[kind][tongue]
    # A shop's name may hold a line break that no subject may.
    name = " ".join(shop.split())
    return Mail(
        to=to,
        subject=subject.format(shop=name, day=shown),
        text=f"{text.format(shop=name, day=shown)}\n\n{OPEN[tongue]}: {link}\n",
    )
