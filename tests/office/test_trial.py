"""A shop that signed up, before the operator's word: what it may do, and what it may not."""

from __future__ import annotations

import json
from dataclasses import replace
from functools import partial

import pytest
from sqlalchemy import text

from app.campaigns.kinds import REWARD_UNLOCKED, SPENT
from app.campaigns.telling import Told, tell
from app.common.errors import InvalidError, NotFoundError
from app.common.mail import open_mail
from app.common.scope import Scope
from app.merchants import service as merchants
from app.merchants import trial
from app.merchants.configuration import configuration_changed
from app.merchants.errors import TrialVisitsUsedUpError
from app.merchants.models import Merchant
from app.merchants.queries import ShopSearch, list_shops
from app.merchants.queries.shop_pages import count_shops
from app.rewards.configuration import current_configuration
from app.scanning import service as scanning
from app.scanning.requests import QueuedEvent, VisitRequest
from tests.clocks import FixedClock
from tests.concurrency.racing import at_once
from tests.factories import Answer, Shop, make_holder, make_shop, send_queue, visit, who

URL = "https://card.example"


@pytest.fixture
def shop(scope: Scope) -> Shop:
    made = make_shop(scope, stamps=10)
    with scope.transaction() as tx:
        tx.session.get_one(Merchant, made.merchant_id).approved_at = None
        tx.session.flush()
        configuration_changed(tx, made.merchant_id)
    merchants.change_merchant(scope, made.merchant_id, name="On trial")
    return made


def used(shop: Shop) -> int:
    with shop.scope.reading() as tx:
        return int(tx.session.scalar(text("SELECT coalesce(sum(visits), 0) FROM trial_day")) or 0)


def use_up(shop: Shop, left: int = 0) -> None:
    """As on a day on which all but ``left`` visits were given."""
    visit(shop.counter(), make_holder(shop.scope))
    with shop.scope.transaction() as tx:
        tx.session.execute(text("UPDATE trial_day SET visits = :n"), {"n": trial.VISITS_A_DAY - left})


def test_it_scans_at_once_and_counts_up_to_its_limit(shop: Shop, clock: FixedClock) -> None:
    for expected in (1, 2, 3):
        assert visit(shop.counter(), make_holder(shop.scope)).ok
        assert used(shop) == expected
    use_up(shop)
    refused = visit(shop.counter(), make_holder(shop.scope))
    assert (refused.reply.status, refused.code) == (409, "trial_visits_used_up")
    assert refused.body["params"] == {"most": trial.VISITS_A_DAY}
    clock.advance(days=1)
    assert visit(shop.counter(), make_holder(shop.scope)).ok, "the next local day"


def test_a_repeat_counts_once_and_a_refused_one_stays_refused(shop: Shop) -> None:
    card = make_holder(shop.scope)
    for _ in range(3):
        assert visit(shop.counter(), card, key="same").ok
    assert used(shop) == 1


def test_of_many_tills_with_the_last_visits_of_a_day_each_gets_one(shop: Shop) -> None:
    use_up(shop, left=2)
    cards = [make_holder(shop.scope) for _ in range(6)]
    counters = [shop.another_device() for _ in cards]
    answers = at_once([partial(visit, till, card) for till, card in zip(counters, cards, strict=True)])
    given = [one for one in answers if isinstance(one, Answer) and one.ok]
    assert len(given) == 2, answers
    assert used(shop) == trial.VISITS_A_DAY


def test_an_approved_shop_is_not_counted(scope: Scope) -> None:
    approved = make_shop(scope, stamps=10)
    assert visit(approved.counter(), make_holder(scope)).ok
    assert used(approved) == 0


def test_a_queued_visit_over_the_limit_waits_for_somebody_to_decide(shop: Shop) -> None:
    use_up(shop)
    card = make_holder(shop.scope)
    event = QueuedEvent(
        id="0199c0de-0000-7000-8000-000000000001",
        sequence=1,
        visit=VisitRequest(who(card), occurred_at=shop.scope.now),
    )
    (told,) = send_queue(shop.counter(), [event]).results
    assert told.status == "review"


def test_it_stands_in_no_list_until_it_is_approved(shop: Shop) -> None:
    scope = shop.scope
    assert list_shops(scope, ShopSearch(words="", limit=10)).items == []
    assert count_shops(scope) == 0, "nor is it counted where shops are counted by their listings alone"
    assert merchants.approve_merchant(scope, shop.merchant_id, public_url=URL)
    assert [one.merchant_id for one in list_shops(scope, ShopSearch(words="", limit=10)).items] == [shop.merchant_id]
    assert count_shops(scope) == 1
    assert not merchants.approve_merchant(scope, shop.merchant_id, public_url=URL), "a repeat changes nothing"


def test_it_tells_members_nothing_but_what_concerns_their_safety(shop: Shop) -> None:
    scope, member = shop.scope, make_holder(shop.scope).member_id
    with scope.transaction() as tx:
        told = Told(REWARD_UNLOCKED, "voucher:1", {"voucher_id": "1", "reward_name": "Buy now"}, shop.merchant_id)
        assert tell(tx, scope, member, told) is None
        assert tell(tx, scope, member, Told(SPENT, "outbox:1", {}, shop.merchant_id)) is not None
    merchants.approve_merchant(scope, shop.merchant_id, public_url=URL)
    with scope.transaction() as tx:
        assert tell(tx, scope, member, told) is not None


def test_approving_ends_the_limits_and_tells_the_owners(shop: Shop) -> None:
    scope = shop.scope
    merchants.add_staff(scope, shop.merchant_id, name="An", role="owner", email="an@bakery.example")
    merchants.add_staff(scope, shop.merchant_id, name="Bo", role="cashier", email="bo@bakery.example")
    use_up(shop)
    assert merchants.list_waiting(scope)[0].merchant_id == shop.merchant_id
    merchants.approve_merchant(scope, shop.merchant_id, public_url=URL)
    assert visit(shop.counter(), make_holder(scope)).ok
    assert merchants.list_waiting(scope) == []
    with scope.reading() as tx:
        payloads = tx.session.scalars(text("SELECT payload FROM outbox WHERE topic = 'mail'")).all()
        assert current_configuration(tx, shop.merchant_id).is_approved

    mails = [open_mail(scope.keys.data, json.loads(one) if isinstance(one, str) else one)[0] for one in payloads]
    assert [mail.to for mail in mails] == ["an@bakery.example"]
    assert f"{URL}/office/" in mails[0].text


def test_a_declined_shop_earns_nothing_any_more_and_can_still_be_approved(shop: Shop) -> None:
    scope = shop.scope
    with pytest.raises(InvalidError):
        merchants.decline_merchant(scope, shop.merchant_id, reason=" ")
    assert merchants.decline_merchant(scope, shop.merchant_id, reason="We can't find this shop.")
    assert not merchants.decline_merchant(scope, shop.merchant_id, reason="Again.")
    assert visit(shop.counter(), make_holder(scope)).code == "merchant_inactive"
    merchants.approve_merchant(scope, shop.merchant_id, public_url=URL)
    assert visit(shop.counter(), make_holder(scope)).ok
    with pytest.raises(InvalidError):
        merchants.decline_merchant(scope, shop.merchant_id, reason="Too late.")


def test_another_shop_can_approve_nobody(shop: Shop) -> None:

    other = make_shop(shop.scope, name="Other")
    mine = replace(shop.scope, actor_kind="staff", merchant_id=other.merchant_id)
    with pytest.raises(NotFoundError):
        merchants.approve_merchant(mine, shop.merchant_id, public_url=URL)


def test_a_look_at_what_a_visit_would_earn_counts_nothing_and_refuses_as_the_visit_would(shop: Shop) -> None:

    card = make_holder(shop.scope)
    scanning.preview_visit(shop.counter(), VisitRequest(who(card)))
    assert used(shop) == 0
    use_up(shop)
    with pytest.raises(TrialVisitsUsedUpError):
        scanning.preview_visit(shop.counter(), VisitRequest(who(card)))
