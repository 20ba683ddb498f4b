"""What people report about what a shop shows: taken down, put back, left; told to the shop; decided once."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import pytest
from sqlalchemy import select

from app.cards.errors import TriesUsedUpError
from app.common.errors import InvalidError, NotFoundError
from app.common.models import AuditEvent
from app.common.scope import Scope
from app.merchants import service as merchants
from app.merchants.models import Merchant
from app.rewards.errors import ReportDecidedError, RewardTakenDownError
from app.rewards.models import Picture, Reward
from app.rewards.queries.content import count_reports, find_report, list_reports
from app.rewards.service import change_reward, set_picture
from app.rewards.service.content import dismiss, report_content, restore, take_down
from tests.admin.settings.test_brand import picture
from tests.admin.settings.town import mails_of, owner_of
from tests.clocks import FixedClock
from tests.factories import Shop, make_shop

WHATS = ("logo", "story", "reward", "picture")


@dataclass
class Shown:
    """A shop with something of each kind that it shows."""

    scope: Scope
    shop: Shop
    reward_id: str

    def report(self, what: str, **more: Any) -> str:
        reward_id = self.reward_id if what in ("reward", "picture") else None
        return report_content(
            self.scope, self.shop.location_id, what=what, reason="offensive", **{"reward_id": reward_id, **more}
        )

    def state(self) -> dict[str, Any]:
        with self.scope.reading() as tx:
            merchant = tx.session.get_one(Merchant, self.shop.merchant_id)
            reward = tx.session.get_one(Reward, self.reward_id)
            return {
                "logo": merchant.logo_svg,
                "story": merchant.story,
                "reward": reward.is_active,
                "picture": reward.picture_id,
            }


@pytest.fixture
def shown(scope: Scope) -> Shown:
    shop = make_shop(scope, points="1", reward={"name": "Coffee", "cost": 5})
    merchants.change_merchant(scope, shop.merchant_id, story={"nl": "Al honderd jaar brood."})
    set_picture(scope, shop.reward_ids[0], picture())
    owner_of(scope, shop.merchant_id)
    return Shown(scope, shop, shop.reward_ids[0])


@pytest.fixture
def operator(scope: Scope) -> Scope:
    return replace(scope, actor_kind="operator", actor_id="0190e8c0-0000-7000-8000-000000000001")


@pytest.mark.parametrize("what", WHATS)
def test_what_is_taken_down_is_gone_and_comes_back_when_that_is_undone(
    shown: Shown, operator: Scope, what: str
) -> None:
    before = shown.state()
    report_id = shown.report(what, words="My eyes!")
    assert find_report(operator, report_id).same_now
    take_down(operator, report_id, reason="It hurts people.")
    assert not shown.state()[what]
    assert {name: value for name, value in shown.state().items() if name != what} == {
        name: value for name, value in before.items() if name != what
    }
    (told,) = mails_of(operator)
    assert "It hurts people." in told.text
    restore(operator, report_id)
    assert shown.state() == before
    assert len(mails_of(operator)) == 2
    with operator.reading() as tx:
        acts = tx.session.scalars(
            select(AuditEvent).where(AuditEvent.action.like("content.%")).order_by(AuditEvent.id)
        ).all()
        assert tx.session.scalars(select(Picture.id)).all() == [before["picture"]]
    assert [(one.action, one.before, one.merchant_id) for one in acts] == [
        ("content.taken_down", {"status": "open"}, shown.shop.merchant_id),
        ("content.restored", {"status": "taken_down"}, shown.shop.merchant_id),
    ]
    assert "My eyes!" not in str([one.after for one in acts])


def test_a_report_is_decided_once_and_others_about_the_same_go_with_it(shown: Shown, operator: Scope) -> None:
    first, second, other = shown.report("story"), shown.report("story"), shown.report("logo")
    assert find_report(operator, first).others == 1
    take_down(operator, first, reason="No.")
    with pytest.raises(ReportDecidedError):
        take_down(operator, first, reason="No.")
    with pytest.raises(ReportDecidedError):
        dismiss(operator, second)
    assert [one.report_id for one in list_reports(operator)] == [other]
    dismiss(operator, other)
    assert count_reports(operator) == 0
    with pytest.raises(ReportDecidedError):
        restore(operator, other)
    assert len(mails_of(operator)) == 1


def test_what_the_shop_put_in_its_place_is_not_overwritten(shown: Shown, operator: Scope) -> None:
    report_id = shown.report("story")
    take_down(operator, report_id, reason="No.")
    merchants.change_merchant(operator, shown.shop.merchant_id, story={"nl": "Nieuw."})
    restore(operator, report_id)
    assert shown.state()["story"] == {"nl": "Nieuw."}


def test_a_shop_does_not_offer_again_what_was_taken_down(shown: Shown, operator: Scope) -> None:
    report_id = shown.report("reward")
    take_down(operator, report_id, reason="No.")
    owner = owner_of(operator, shown.shop.merchant_id)
    with pytest.raises(RewardTakenDownError):
        change_reward(owner, shown.reward_id, is_active=True)
    restore(operator, report_id)
    change_reward(owner, shown.reward_id, is_active=False)
    change_reward(owner, shown.reward_id, is_active=True)


def test_only_what_a_public_shop_shows_is_reported(shown: Shown, scope: Scope) -> None:
    other = make_shop(scope, points="1", reward={"name": "Tea", "cost": 5}, name="Other")
    for wrong in (
        {"what": "reward", "reward_id": other.reward_ids[0]},
        {"what": "picture", "reward_id": other.reward_ids[0]},
    ):
        with pytest.raises(NotFoundError):
            report_content(scope, shown.shop.location_id, reason="other", **wrong)
    with pytest.raises(NotFoundError):
        report_content(scope, other.location_id, what="story", reason="other")
    with pytest.raises(InvalidError):
        shown.report("logo", reward_id=shown.reward_id)
    with pytest.raises(InvalidError):
        shown.report("story", words="x" * 1001)
    merchants.change_location(scope, shown.shop.location_id, is_listed=False)
    with pytest.raises(NotFoundError):
        shown.report("story")


def test_a_network_reports_ten_times_an_hour(shown: Shown, clock: FixedClock) -> None:
    for _ in range(10):
        shown.report("story", network="192.0.2.1")
    with pytest.raises(TriesUsedUpError):
        shown.report("story", network="192.0.2.1")
    shown.report("story", network="192.0.2.2")
    clock.advance(hours=1)
    shown.report("story", network="192.0.2.1")
