"""What messages say: every kind in every language, nothing left in braces, and mails that can be stopped."""

import re

import pytest

from app.campaigns import unsubscribing
from app.campaigns.kinds import KINDS, stops_by_click
from app.campaigns.mails import message_mail
from app.campaigns.wording import LOCALES, Worded, link_of, say, units
from app.campaigns.wording.texts import SAID
from app.common.ids import new_id
from app.common.keys import KeyRing

LOTS = [
    {"units": 1, "unit_kind": "stamps", "at": "2026-03-17T23:00:00+00:00", "timezone": "Europe/Brussels"},
    {"units": 1200, "unit_kind": "points", "at": "2026-03-30T22:00:00+00:00", "timezone": "Europe/Brussels"},
]
FACTS = {
    "reward_name": "Gratis {brood}",
    "voucher_id": "v",
    "programme_id": "p",
    "lots": LOTS,
    "units": 5,
    "unit_kind": "stamps",
    "answer": "Bedankt, {An}!",
    "title": {"nl": "Nieuw", "en": "New"},
    "text": "Kom langs.",
}
NEW, OLD = (KeyRing(active=name, keys={name: bytes(range(seed, seed + 32))}) for name, seed in (("k2", 9), ("k1", 1)))


@pytest.mark.parametrize("locale", LOCALES)
@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_is_said_in_every_language(kind: str, locale: str) -> None:
    said = say(kind, FACTS, merchant="Bakkerij {Anna}", locale=locale)
    bare = say(kind, {}, merchant=None, locale=locale)
    whole = said.title + said.text
    assert said.title
    assert said.text
    assert bare.title or kind in ("shop_news", "shop_notice")
    # What shops and members wrote is told as they wrote it; of ours nothing is left in braces.
    assert not re.search(r"\{(?!Anna|brood|An\})", whole)
    assert "Oops" not in whole
    for variant in [name for name in SAID if name.partition("/")[0] == kind]:
        assert set(SAID[variant]) == set(LOCALES)


def test_the_last_day_is_told_and_not_the_midnight_after_it() -> None:
    assert say("units_expiring", {"lots": LOTS}, merchant="Anna", locale="nl").text == (
        "Nog te gebruiken: 1 zegel tot en met 17 maart 2026; 1.200 punten tot en met 30 maart 2026."
    )
    assert "17 March 2026; 1,200 points" in say("units_expiring", {"lots": LOTS}, merchant="Anna", locale="en").text
    assert "17 mars 2026 inclus ; " not in say("units_expiring", {"lots": LOTS}, merchant="Anna", locale="fr").text
    assert "17. März 2026" in say("units_expiring", {"lots": LOTS}, merchant="Anna", locale="de").text


def test_an_unknown_language_is_english() -> None:
    assert say("card_blocked", {}, merchant=None, locale="tlh") == say("card_blocked", {}, merchant=None, locale="en")
    assert units(1, "points", "nl-BE") == "1 punt"


def test_whoever_invites_and_whoever_comes_are_told_differently() -> None:
    facts = {"units": 2, "unit_kind": "stamps"}
    inviter = say("invitation_rewarded", {**facts, "role": "inviter"}, merchant="Anna", locale="en")
    invited = say("invitation_rewarded", {**facts, "role": "invited"}, merchant="Anna", locale="en")
    assert inviter.title != invited.title
    assert "2 stamps" in inviter.text
    assert "2 stamps" in invited.text


def test_links_lead_into_the_app_or_nowhere() -> None:
    assert link_of("reward_unlocked", {"voucher_id": "v1"}) == "#/vouchers/v1"
    assert link_of("reward_unlocked", {}) is None
    assert link_of("shop_news", {}) is None


@pytest.mark.parametrize("kind", KINDS)
def test_a_mail_can_be_stopped_unless_it_is_about_safety(kind: str) -> None:
    made = message_mail(
        "an@home.test",
        Worded("Bij <b>Anna</b>\nstaat iets", 'Een "zin" & meer\nen nog een'),
        kind=kind,
        locale="nl",
        public_url="https://card.example",
        link="#/activity",
        stop_token="TOKEN",
    )
    assert made.subject == "Bij <b>Anna</b> staat iets"
    assert made.html is not None
    assert "<b>" not in made.html
    assert "&lt;b&gt;Anna" in made.html
    assert "https://card.example/#/activity" in made.text
    if not stops_by_click(kind):
        assert made.headers == {}
        assert "unsubscribe" not in made.text
        return
    assert made.headers == {
        "List-Unsubscribe": "<https://card.example/unsubscribe/TOKEN>",
        "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
    }
    assert "https://card.example/unsubscribe/TOKEN" in made.text
    assert "https://card.example/unsubscribe/TOKEN" in made.html


def test_a_link_is_ours_or_none_also_after_a_change_of_keys() -> None:
    member_id = new_id()
    token = unsubscribing.token(OLD, member_id, "reward_unlocked")
    both = KeyRing(active="k2", keys={**NEW.keys, **OLD.keys})
    assert unsubscribing.read(OLD, token) == (member_id, "reward_unlocked")
    assert unsubscribing.read(both, token) == (member_id, "reward_unlocked")
    assert unsubscribing.read(NEW, token) is None
    forged = token[:-4] + ("AAAA" if token[-4:] != "AAAA" else "BBBB")
    for other in (forged, "", "x", "é", "A" * 500, token + "A" * 4):
        assert unsubscribing.read(OLD, other) is None
