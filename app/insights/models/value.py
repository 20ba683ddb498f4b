"""Tables of what members are worth to a shop and how they relate to it: computed from visits by the jobs
(:mod:`app.insights.service.refreshing`), never the truth themselves, and made anew at will."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import CheckConstraint, Float, ForeignKey, Index, Text, text
from sqlalchemy.orm import Mapped, mapped_column

from app.common.model import Model
from app.common.types import Id

GROUPS = ("stranger", "butterfly", "friend", "barnacle")
"""The four relationship groups: profitability against expected loyalty."""
RUNGS = ("customer", "client", "supporter", "advocate", "partner")
"""The rungs of the loyalty ladder above the prospect, who is known as a total only."""
BASES = ("own", "shrunk", "trade", "none")
"""From what a shop's figures were estimated: its own history, that leaned to its trade's, the trade's alone, or there
is too little to say."""
_GROUPS = ", ".join(f"'{one}'" for one in GROUPS)
_RUNGS = ", ".join(f"'{one}'" for one in RUNGS)
_BASES = ", ".join(f"'{one}'" for one in BASES)


class MerchantModel(Model):
    """What was fitted to one shop's history: BG/NBD in weeks, Gamma-Gamma in minor units of the shop's currency.
    ``customers``, ``repeaters`` and ``visits`` (days with a visit) are what the fit saw: it is made anew when the shop
    has grown by a twentieth. ``equity_minor`` is the sum of its members' values. The lines are those that the data set;
    the owner's own stand in :class:`RelationshipSetting`. ``month`` (as 2026-11) is the one of whose beginning the
    members' ``was`` tells."""

    __tablename__ = "merchant_model"
    __table_args__ = (CheckConstraint(f"basis IN ({_BASES})", name="basis"),)

    merchant_id: Mapped[str] = mapped_column(Id, ForeignKey("merchant.id"), primary_key=True)
    basis: Mapped[str] = mapped_column(Text)
    customers: Mapped[int]
    repeaters: Mapped[int]
    visits: Mapped[int]
    r: Mapped[float | None] = mapped_column(Float)
    alpha: Mapped[float | None] = mapped_column(Float)
    a: Mapped[float | None] = mapped_column(Float)
    b: Mapped[float | None] = mapped_column(Float)
    log_likelihood: Mapped[float | None] = mapped_column(Float)
    p: Mapped[float | None] = mapped_column(Float)
    q: Mapped[float | None] = mapped_column(Float)
    v: Mapped[float | None] = mapped_column(Float)
    equity_minor: Mapped[int | None]
    basket_minor: Mapped[int]  # what a visit comes to whose amount nobody knows
    margin_percent: Mapped[int]  # with which the money was reckoned
    visit_cost_minor: Mapped[float] = mapped_column(Float)  # rewards, for each visit
    year_cost_minor: Mapped[float] = mapped_column(Float)  # messages, for each member and year
    visits_line: Mapped[float] = mapped_column(Float)
    profit_line_minor: Mapped[int]
    month: Mapped[str] = mapped_column(Text)
    prospects_opened: Mapped[int]  # have an account and never came
    prospects_invited: Mapped[int]  # accepted an invitation and are waited for
    drawn: Mapped[dict[str, Any] | None]  # what pages show of all members, and an even sample of their places; no names
    is_estimated: Mapped[bool]  # the money rests on a basket or a margin that nobody measured or typed
    upto: Mapped[str | None] = mapped_column(Id)  # the last booking that the members' figures have seen
    fitted_at: Mapped[datetime]
    refreshed_at: Mapped[datetime]


class TradeModel(Model):
    """What shops of one trade have in common, for those that know too little themselves. Made from all shops of the
    trade together, at least a handful, so that it tells nothing of one of them."""

    __tablename__ = "trade_model"

    trade: Mapped[str] = mapped_column(Text, primary_key=True)
    merchants: Mapped[int]
    customers: Mapped[int]
    currency: Mapped[str | None] = mapped_column(Text)  # of ``v``; shops with another one can't use it
    r: Mapped[float] = mapped_column(Float)
    alpha: Mapped[float] = mapped_column(Float)
    a: Mapped[float] = mapped_column(Float)
    b: Mapped[float] = mapped_column(Float)
    p: Mapped[float | None] = mapped_column(Float)
    q: Mapped[float | None] = mapped_column(Float)
    v: Mapped[float | None] = mapped_column(Float)
    fitted_at: Mapped[datetime]


class RelationshipSetting(Model):
    """How an owner looks at the shop's relationships: the thresholds that were dragged (none: set by the data), the
    margin on what is sold, and the owner's own words for the four groups."""

    __tablename__ = "relationship_setting"
    __table_args__ = (
        CheckConstraint("margin_percent BETWEEN 1 AND 100", name="margin"),
        CheckConstraint("visits_line > 0", name="line"),
    )

    merchant_id: Mapped[str] = mapped_column(Id, ForeignKey("merchant.id"), primary_key=True)
    margin_percent: Mapped[int | None]
    visits_line: Mapped[float | None] = mapped_column(Float)  # expected visits in the coming twelve months
    profit_line_minor: Mapped[int | None]  # profit in the last twelve months
    names: Mapped[dict[str, Any]]  # by group, as the owner calls them
    revision: Mapped[int]
    changed_at: Mapped[datetime]
    changed_by: Mapped[str | None] = mapped_column(Id)


class MemberValue(Model):
    """What one member is to one shop, as last computed. Money in minor units of the shop's currency; the year is the
    last twelve months, or the coming ones where something is expected. The purchase history in the models' terms
    (``x`` days of repeat purchase, ``t_x`` and ``age`` in weeks) stands with it, so that only who came again is read
    again. Merged members have one row, the survivor's. Where there is too little to say, nothing is expected and there
    is no group."""

    __tablename__ = "member_value"
    __table_args__ = (
        CheckConstraint(f"relationship IN ({_GROUPS})", name="relationship"),
        CheckConstraint(f"rung IN ({_RUNGS})", name="rung"),
        CheckConstraint(f"was IN ({_GROUPS})", name="was"),
        CheckConstraint(f"rung_was IN ({_RUNGS})", name="rung_was"),
        Index("ix_member_value_merchant_id_relationship", "merchant_id", "relationship", "member_id"),
        # Who climbed or slid this month are few among all.
        Index(
            "ix_member_value_moved",
            "merchant_id",
            "rung_since_day",
            "member_id",
            postgresql_where=text("rung_was <> rung"),
            sqlite_where=text("rung_was <> rung"),
        ),
    )

    member_id: Mapped[str] = mapped_column(Id, ForeignKey("member.id"), primary_key=True)
    merchant_id: Mapped[str] = mapped_column(Id, ForeignKey("merchant.id"), primary_key=True)
    x: Mapped[int]
    first_day: Mapped[str] = mapped_column(Text)  # local days of the shop, ISO
    last_day: Mapped[str] = mapped_column(Text)
    mean_minor: Mapped[int | None]  # of a day of repeat purchase; none where no amount is known
    visits_year: Mapped[int]
    spend_year_minor: Mapped[int]  # of the visits with an amount
    unpriced_year: Mapped[int]  # visits without one: each counts as the shop's usual basket
    cost_year_minor: Mapped[int]  # rewards had, and messages
    profit_year_minor: Mapped[int]
    alive: Mapped[float | None] = mapped_column(Float)  # the chance that she still comes, 0 to 1
    expected_visits: Mapped[float | None] = mapped_column(Float)
    expected_basket_minor: Mapped[int | None]
    to_come: Mapped[float | None] = mapped_column(Float)  # visits, the later ones discounted
    value_minor: Mapped[int | None]  # discounted, of all that is still to come
    relationship: Mapped[str | None] = mapped_column(Text)
    since_day: Mapped[str | None] = mapped_column(Text)  # in that group
    was: Mapped[str | None] = mapped_column(Text)  # the group at the end of last month; none: she was not there then
    rung: Mapped[str] = mapped_column(Text)
    rung_since_day: Mapped[str] = mapped_column(Text)
    rung_was: Mapped[str | None] = mapped_column(Text)
    persona: Mapped[int | None]  # the number of one of the shop's personas
    computed_at: Mapped[datetime]


class RelationshipMonth(Model):
    """How many members went from one group to another within a month: ``was`` is the group at the end of the month
    before (empty: new then), ``relationship`` that at its end, or as it stands now for the present month."""

    __tablename__ = "relationship_month"

    merchant_id: Mapped[str] = mapped_column(Id, ForeignKey("merchant.id"), primary_key=True)
    month: Mapped[str] = mapped_column(Text, primary_key=True)  # as 2026-11
    was: Mapped[str] = mapped_column(Text, primary_key=True)
    relationship: Mapped[str] = mapped_column(Text, primary_key=True)
    members: Mapped[int]
    profit_minor: Mapped[int]


class RungMonth(Model):
    """The same for the rungs of the loyalty ladder: who climbed, who slid."""

    __tablename__ = "rung_month"

    merchant_id: Mapped[str] = mapped_column(Id, ForeignKey("merchant.id"), primary_key=True)
    month: Mapped[str] = mapped_column(Text, primary_key=True)
    was: Mapped[str] = mapped_column(Text, primary_key=True)
    rung: Mapped[str] = mapped_column(Text, primary_key=True)
    members: Mapped[int]


class Persona(Model):
    """A kind of customer of one shop, found among its members: ``facts`` are the figures from which it is described,
    and where its middle lies. See :mod:`app.insights.personas`."""

    __tablename__ = "persona"

    merchant_id: Mapped[str] = mapped_column(Id, ForeignKey("merchant.id"), primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    members: Mapped[int]
    facts: Mapped[dict[str, Any]]
