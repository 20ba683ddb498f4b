"""Announcements: one mail to each owner, once; cancelled before they go out; shown until each person puts them away."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from app.common.errors import InvalidError, NotFoundError
from app.common.scope import Scope
from app.jobs.context import JobContext
from app.jobs.draining import drain
from app.merchants import service as merchants
from app.merchants.errors import AnnouncementOutError
from app.merchants.queries.announcements import count_owners, list_announcements, places_of_shops, shown_to_shop
from app.merchants.service.announcing import (
    announce,
    cancel_announcement,
    dismiss_announcement,
    send_announcement,
)
from config import Settings
from tests.admin.settings.town import TEXTS, TITLES, mails_of, owner_of, staff_of
from tests.clocks import FixedClock
from tests.factories import make_shop

URL = "https://card.example"


def write(scope: Scope, **where: str) -> str:
    return announce(scope, titles=TITLES, texts=TEXTS, **where)  # type: ignore[arg-type]


def shop_in(scope: Scope, name: str, *, category: str = "bakery", city: str = "Gent") -> str:
    merchant_id = merchants.create_merchant(scope, name=name, category=category)
    merchants.add_location(scope, merchant_id, city=city)
    return merchant_id


def test_it_goes_out_after_its_delay_once_and_is_shown_until_put_away(
    scope: Scope, settings: Settings, clock: FixedClock
) -> None:
    merchant_id = make_shop(scope).merchant_id
    owner, cashier = owner_of(scope, merchant_id), staff_of(scope, merchant_id, "cashier")
    written = write(scope)
    context = JobContext(settings, scope.database, clock)
    drain(context)
    assert mails_of(scope) == []
    assert shown_to_shop(owner) == []
    clock.advance(minutes=10)
    drain(context)
    # Without a mail server they are written as files, in the same round.
    assert len(list((settings.var / "outbox").glob("*.eml"))) == 1
    assert [one.state for one in list_announcements(scope)] == ["sent"]
    assert [one.announcement_id for one in shown_to_shop(owner)] == [written]
    dismiss_announcement(owner, written)
    dismiss_announcement(owner, written)
    assert shown_to_shop(owner) == []
    assert [one.announcement_id for one in shown_to_shop(cashier)] == [written]
    assert [one.dismissed for one in list_announcements(scope)] == [1]
    clock.advance(days=61)
    assert shown_to_shop(cashier) == []


def test_sending_again_sends_nothing(scope: Scope) -> None:
    owner_of(scope, make_shop(scope).merchant_id)
    written = write(scope)
    assert send_announcement(scope, written, public_url=URL) == 1
    assert send_announcement(scope, written, public_url=URL) == 0
    assert len(mails_of(scope)) == 1


def test_what_is_cancelled_never_goes_out_and_what_went_out_is_not_called_back(scope: Scope) -> None:
    owner_of(scope, make_shop(scope).merchant_id)
    cancelled, sent = write(scope), write(scope)
    assert cancel_announcement(scope, cancelled) is True
    assert cancel_announcement(scope, cancelled) is False
    assert send_announcement(scope, cancelled, public_url=URL) == 0
    assert mails_of(scope) == []
    send_announcement(scope, sent, public_url=URL)
    with pytest.raises(AnnouncementOutError):
        cancel_announcement(scope, sent)
    with pytest.raises(NotFoundError):
        cancel_announcement(scope, "0190e8c0-0000-7000-8000-000000000000")


def test_it_reaches_a_trade_a_town_or_both_and_each_address_once(scope: Scope, clock: FixedClock) -> None:
    ours = {
        "gent baker": shop_in(scope, "A"),
        "lier baker": shop_in(scope, "B", city="Lier"),
        "gent florist": shop_in(scope, "C", category="florist", city="GENT"),
    }
    for merchant_id in ours.values():
        merchants.add_staff(scope, merchant_id, name="Ann", role="owner", email="ann@zegel.example")
        owner_of(scope, merchant_id)
    places = places_of_shops(scope)
    assert places.trades == [("bakery", 2), ("florist", 1)]
    assert [(city.lower(), many) for city, many in places.cities] == [("gent", 2), ("lier", 1)]
    assert count_owners(scope, category=None, city=None) == 4
    assert count_owners(scope, category="bakery", city=None) == 3
    assert count_owners(scope, category="bakery", city="gent") == 2
    clock.advance(minutes=1)
    send_announcement(scope, write(scope, category="bakery", city="Gent"), public_url=URL)
    assert len(mails_of(scope)) == 2
    seen = {name for name, merchant_id in ours.items() if shown_to_shop(owner_of(scope, merchant_id))}
    assert seen == {"gent baker"}


def test_a_shop_that_comes_later_does_not_see_old_news(scope: Scope, clock: FixedClock) -> None:
    send_announcement(scope, write(scope), public_url=URL)
    clock.advance(minutes=1)
    assert shown_to_shop(owner_of(scope, make_shop(scope).merchant_id)) == []


def test_each_language_is_wanted(scope: Scope) -> None:
    with pytest.raises(InvalidError) as refused:
        announce(scope, titles={**TITLES, "de": ""}, texts=TEXTS)
    assert set(refused.value.params["errors"]) == {"title_de"}


def test_nobody_puts_away_for_another_shop(scope: Scope) -> None:
    mine, other = shop_in(scope, "A"), shop_in(scope, "B", city="Lier")
    written = write(scope, city="Gent")
    send_announcement(replace(scope), written, public_url=URL)
    dismiss_announcement(owner_of(scope, other), written)
    assert [one.dismissed for one in list_announcements(scope)] == [0]
    assert len(shown_to_shop(owner_of(scope, mine))) == 1
    assert timedelta(days=60) > timedelta()
