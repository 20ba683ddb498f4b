"""Tables of what reports are read from: counted from visits, vouchers and accounts by the jobs, and never the truth
themselves. Whatever is here can be thrown away and counted again (:mod:`app.insights.rolling`)."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Index, Text
from sqlalchemy.orm import Mapped, mapped_column

from app.common.model import Model
from app.common.types import Id


class VisitHour(Model):
    """One hour of a location's local day in which somebody came or a reward was given. ``day`` is an ISO date; money is
    in the merchant's currency, less refunds. Visits that were undone are not in it."""

    __tablename__ = "visit_hour"
    __table_args__ = (
        CheckConstraint("hour BETWEEN 0 AND 23", name="hour"),
        Index("ix_visit_hour_merchant_id_day", "merchant_id", "day"),
        Index("ix_visit_hour_day", "day"),  # a day of the whole platform
    )

    location_id: Mapped[str] = mapped_column(Id, ForeignKey("location.id"), primary_key=True)
    day: Mapped[str] = mapped_column(Text, primary_key=True)
    hour: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    merchant_id: Mapped[str] = mapped_column(Id, ForeignKey("merchant.id"))
    visits: Mapped[int]
    new_visits: Mapped[int]  # the first visit of their member at the merchant
    amount_minor: Mapped[int]
    amount_visits: Mapped[int]  # of how many visits the amount is known
    units: Mapped[int]
    redemptions: Mapped[int]
    redeemed_units: Mapped[int]
    redeemed_minor: Mapped[int]  # what the rewards given were worth
    unpriced: Mapped[int]  # of how many rewards given nobody said what they are worth


class PromotionDay(Model):
    """What a promotion did at a location on one local day: the visits to which it gave something extra."""

    __tablename__ = "promotion_day"
    __table_args__ = (Index("ix_promotion_day_merchant_id_day", "merchant_id", "day"),)

    location_id: Mapped[str] = mapped_column(Id, ForeignKey("location.id"), primary_key=True)
    day: Mapped[str] = mapped_column(Text, primary_key=True)
    promotion_id: Mapped[str] = mapped_column(Id, primary_key=True)
    merchant_id: Mapped[str] = mapped_column(Id, ForeignKey("merchant.id"))
    visits: Mapped[int]
    units: Mapped[int]  # given by the promotion alone
    amount_minor: Mapped[int]
    amount_visits: Mapped[int]


class RewardDay(Model):
    """How often a reward was given at a location on one local day."""

    __tablename__ = "reward_day"
    __table_args__ = (Index("ix_reward_day_merchant_id_day", "merchant_id", "day"),)

    location_id: Mapped[str] = mapped_column(Id, ForeignKey("location.id"), primary_key=True)
    day: Mapped[str] = mapped_column(Text, primary_key=True)
    reward_id: Mapped[str] = mapped_column(Id, primary_key=True)
    merchant_id: Mapped[str] = mapped_column(Id, ForeignKey("merchant.id"))
    redemptions: Mapped[int]
    units: Mapped[int]
    worth_minor: Mapped[int]
    unpriced: Mapped[int]


class RollupProgress(Model):
    """How far a location's bookings were counted: up to the one with this id. ``revision`` grows with every count, so
    that one which read before another wrote is done again."""

    __tablename__ = "rollup_progress"

    location_id: Mapped[str] = mapped_column(Id, ForeignKey("location.id"), primary_key=True)
    merchant_id: Mapped[str] = mapped_column(Id, ForeignKey("merchant.id"))
    upto: Mapped[str] = mapped_column(Id)
    revision: Mapped[int] = mapped_column(server_default="0")
    rolled_at: Mapped[datetime]


class ProgrammeStanding(Model):
    """What members hold in a programme, as last counted. ``late``: how many regulars are away for much longer than is
    usual for them."""

    __tablename__ = "programme_standing"
    __table_args__ = (Index("ix_programme_standing_merchant_id", "merchant_id"),)

    programme_id: Mapped[str] = mapped_column(Id, ForeignKey("programme.id"), primary_key=True)
    merchant_id: Mapped[str] = mapped_column(Id, ForeignKey("merchant.id"))
    outstanding: Mapped[int]
    owed: Mapped[int]
    holders: Mapped[int]
    late: Mapped[int]
    counted_at: Mapped[datetime]


class ProgrammeBalance(Model):
    """How many members have so many units: of a stamp card each number, of points tenths of the cheapest reward."""

    __tablename__ = "programme_balance"

    programme_id: Mapped[str] = mapped_column(Id, ForeignKey("programme.id"), primary_key=True)
    least: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    merchant_id: Mapped[str] = mapped_column(Id, ForeignKey("merchant.id"))
    members: Mapped[int]


class ProgrammeDay(Model):
    """A programme's local day: what members held when it was last counted that day (none: it was not counted then), and
    how many units ended unspent."""

    __tablename__ = "programme_day"

    programme_id: Mapped[str] = mapped_column(Id, ForeignKey("programme.id"), primary_key=True)
    day: Mapped[str] = mapped_column(Text, primary_key=True)
    merchant_id: Mapped[str] = mapped_column(Id, ForeignKey("merchant.id"))
    outstanding: Mapped[int | None]
    expired: Mapped[int]


class LedgerTotal(Model):
    """What was ever booked in a programme, as last counted: from the members' side, so that what they got is above zero
    and what they gave below. ``issued + redeemed + expired + adjusted + moved = outstanding - owed``. ``worth_minor``:
    what is outstanding comes to; none where no reward says it."""

    __tablename__ = "ledger_total"
    __table_args__ = (Index("ix_ledger_total_merchant_id", "merchant_id"),)

    programme_id: Mapped[str] = mapped_column(Id, ForeignKey("programme.id"), primary_key=True)
    merchant_id: Mapped[str] = mapped_column(Id, ForeignKey("merchant.id"))
    rows: Mapped[int]
    issued: Mapped[int]
    redeemed: Mapped[int]
    expired: Mapped[int]
    adjusted: Mapped[int]
    moved: Mapped[int]
    outstanding: Mapped[int]
    owed: Mapped[int]
    worth_minor: Mapped[int | None]
    is_estimated: Mapped[bool]
    counted_at: Mapped[datetime]


class LedgerDay(Model):
    """What was booked against one counter-account of a programme on one local day: how many transfers, what they came
    to from the members' side, and between which bookings (by id) they lie, so that they are found again."""

    __tablename__ = "ledger_day"
    __table_args__ = (
        CheckConstraint("counter IN ('issued', 'redeemed', 'expired', 'adjusted', 'moved')", name="counter"),
    )

    programme_id: Mapped[str] = mapped_column(Id, ForeignKey("programme.id"), primary_key=True)
    day: Mapped[str] = mapped_column(Text, primary_key=True)
    counter: Mapped[str] = mapped_column(Text, primary_key=True)
    merchant_id: Mapped[str] = mapped_column(Id, ForeignKey("merchant.id"))
    rows: Mapped[int]
    units: Mapped[int]
    first_id: Mapped[str] = mapped_column(Id)
    last_id: Mapped[str] = mapped_column(Id)


class MonthReportWish(Model):
    """Somebody of the staff wants the report of each month by mail."""

    __tablename__ = "month_report_wish"
    __table_args__ = (Index("ix_month_report_wish_merchant_id", "merchant_id"),)

    staff_id: Mapped[str] = mapped_column(Id, ForeignKey("staff.id"), primary_key=True)
    merchant_id: Mapped[str] = mapped_column(Id, ForeignKey("merchant.id"))
    locale: Mapped[str] = mapped_column(Text)
    wanted_at: Mapped[datetime]
    sent_month: Mapped[str | None] = mapped_column(Text)  # the last month that was mailed, as 2026-10


class SetAside(Model):
    """Somebody of the staff does not want to be told of a thing to do again until that local day (an ISO date)."""

    __tablename__ = "set_aside"

    staff_id: Mapped[str] = mapped_column(Id, ForeignKey("staff.id"), primary_key=True)
    kind: Mapped[str] = mapped_column(Text, primary_key=True)
    until: Mapped[str] = mapped_column(Text)


class PlatformDay(Model):
    """One day of the whole platform, in the zone where most shops are. The first figures are counted and can be counted
    again; those that may be None are what was seen that day, and nothing tells them afterwards (but the liability)."""

    __tablename__ = "platform_day"

    day: Mapped[str] = mapped_column(Text, primary_key=True)
    visits: Mapped[int] = mapped_column(server_default="0")
    redemptions: Mapped[int] = mapped_column(server_default="0")
    new_members: Mapped[int] = mapped_column(server_default="0")  # whose first visit anywhere it was
    shops_seen: Mapped[int] = mapped_column(server_default="0")  # with a visit in the seven days that end with this one
    bounced: Mapped[int] = mapped_column(server_default="0")
    mails: Mapped[int | None]  # that went out
    shops: Mapped[int | None]  # approved and active
    tablets: Mapped[int | None]
    offline: Mapped[int | None]  # tablets of open shops, unheard of for an hour, at the last look
    offline_most: Mapped[int | None]  # the most of them at any look of the day
    liability_minor: Mapped[int | None]
    paying: Mapped[int | None]
    monthly_minor: Mapped[int | None]  # what the paying shops' plans cost a month, without VAT
    currency: Mapped[str | None] = mapped_column(Text)  # of the money; shops with another one are left out of it
    counted_at: Mapped[datetime | None]
