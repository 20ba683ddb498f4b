"""Members who come to a shop on certain days, and what its automations did for them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

from sqlalchemy import select, update

from app.campaigns.automations.catalogue import READY
from app.campaigns.models import SERVED, Campaign, CampaignMember, Contact, MemberMessage
from app.campaigns.service import setting_automations
from app.campaigns.service.automating import Ran, run_automations
from app.campaigns.service.setting_automations import Wanted
from app.cards.profiles import write_profile
from app.common.scope import Scope
from app.rewards.models import ShopMember
from app.rewards.service import shop_members
from app.wallet.service import set_consent
from tests.clocks import FixedClock
from tests.factories import Holder, Shop, make_holder, make_shop, visit

DAY = timedelta(days=1)


@dataclass
class Street:
    """A shop with a stamp card of ten, its owner's scope, and the clock."""

    scope: Scope
    shop: Shop
    clock: FixedClock

    @property
    def owner(self) -> Scope:
        return replace(
            self.scope,
            actor_kind="staff",
            merchant_id=self.shop.merchant_id,
            staff_role="owner",
            staff_id=None,
        )

    def member(self, *, hears: Sequence[str] = ("inbox", "email", "push"), birthday: str | None = None) -> Holder:
        """A member who lets the shop write by these ways."""
        holder = make_holder(self.scope)
        own = replace(self.scope, member_id=holder.member_id)
        if birthday is not None:
            self.scope.run(lambda tx: write_profile(tx, self.scope, holder.member_id, {"birthday": birthday}))
            hears = (*hears, "profile")
        self.hears = hears
        visit(self.shop.counter(), holder)
        for channel in hears:
            set_consent(
                own, merchant_id=self.shop.merchant_id, channel=channel, is_given=True, how="app", wording="words"
            )
        return holder

    def come(self, holder: Holder, at: datetime | None = None) -> None:
        """A visit, now or at a moment that the clock goes to."""
        if at is not None:
            self.clock.set(at)
        answer = visit(self.shop.counter(), holder)
        assert answer.ok, answer.body

    def count(self) -> None:
        """What follows from the visits."""
        shop_members.rebuild(self.scope, self.shop.merchant_id)

    def group(self, holder: Holder, name: str | None, alive: int | None = None) -> None:
        with self.scope.transaction() as tx:
            tx.session.execute(
                update(ShopMember)
                .where(ShopMember.member_id == holder.member_id, ShopMember.place_id == self.shop.merchant_id)
                .values(relationship=name, alive=alive)
            )

    def start(self, trigger: str, **changes: Any) -> None:
        """Turn an automation on, with other settings where told; nobody is left out by lot unless told."""
        setting_automations.start_automation(self.owner, trigger)
        with self.scope.transaction() as tx:
            row = self.row(trigger, tx)
            row.control_percent = changes.pop("control_percent", 0)
            row.settings = {**row.settings, **changes}

    def stop(self, trigger: str) -> None:
        setting_automations.stop_automation(self.owner, trigger)

    def run(self, at: datetime | None = None) -> Ran:
        if at is not None:
            self.clock.set(at)
        return run_automations(self.scope)

    def row(self, trigger: str, tx: Any) -> Campaign:
        found: Campaign = tx.session.scalars(select(Campaign).where(Campaign.trigger == trigger)).one()
        return found

    def told(self, holder: Holder) -> list[str]:
        """The titles of what she got, in English, the oldest first."""
        with self.scope.reading() as tx:
            rows = tx.session.scalars(
                select(MemberMessage)
                .where(MemberMessage.member_id == holder.member_id, MemberMessage.source.like("automation:%"))
                .order_by(MemberMessage.id)
            )
            return [row.params["title"]["en"] for row in rows]

    def texts(self, holder: Holder) -> list[dict[str, str]]:
        with self.scope.reading() as tx:
            rows = tx.session.scalars(
                select(MemberMessage)
                .where(MemberMessage.member_id == holder.member_id, MemberMessage.source.like("automation:%"))
                .order_by(MemberMessage.id)
            )
            return [row.params["text"] for row in rows]

    def rounds(self, holder: Holder | None = None) -> list[tuple[str, str, str | None]]:
        """Of each occasion the arm, what became of it, and why."""
        with self.scope.reading() as tx:
            rows = tx.session.scalars(select(CampaignMember).order_by(CampaignMember.assigned_at))
            return [
                (row.arm, row.status, row.reason) for row in rows if holder is None or row.member_id == holder.member_id
            ]

    def contacts(self) -> list[Contact]:
        with self.scope.reading() as tx:
            return list(tx.session.scalars(select(Contact).order_by(Contact.at)))


def open_street(scope: Scope, clock: FixedClock, **how: Any) -> Street:
    return Street(scope, make_shop(scope, **({"stamps": 10} | how)), clock)


def at(day: date | str, hour: int = 12, minute: int = 0) -> datetime:
    """A moment in UTC."""
    found = date.fromisoformat(day) if isinstance(day, str) else day
    return datetime(found.year, found.month, found.day, hour, minute, tzinfo=UTC)


def every(first: str, days: Iterable[int]) -> list[date]:
    """Days that lie so far apart, from the first on."""
    found = [date.fromisoformat(first)]
    for gap in days:
        found.append(found[-1] + timedelta(days=gap))
    return found


def regular(street: Street, *, gaps: tuple[int, ...] = (9, 9, 9, 9), **how: Any) -> tuple[Holder, date]:
    """A member who came so, and the last day on which she did."""
    came = every("2026-03-04", gaps)
    street.clock.set(at(came[0]))
    holder = street.member(**how)
    for day in came[1:]:
        street.come(holder, at(day))
    street.count()
    return holder, came[-1]


def wanted(trigger: str, **changes: Any) -> Wanted:
    standard = READY[trigger].standard
    told: dict[str, Any] = {
        "days": standard.days,
        "hours": standard.hours,
        "hour": standard.hour,
        "groups": SERVED,
        "pause_days": 0,
        "ways": ("inbox", "push", "email"),
        "title": {},
        "text": {},
    }
    return Wanted(**(told | changes))


def revision(street: Street) -> int:
    with street.scope.reading() as tx:
        return max(tx.session.scalars(select(Campaign.revision)))
