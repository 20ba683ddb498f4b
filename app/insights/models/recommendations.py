"""Tables of what is recommended: made of at least ten members each time (:mod:`app.insights.service.recommendations`),
and whether a member wants to be recommended anything at all."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import CheckConstraint, Float, ForeignKey, Index, Text
from sqlalchemy.orm import Mapped, mapped_column

from app.common.model import Model
from app.common.types import Id


class RecommendationChoice(Model):
    """A member's word on recommendations that look at what she and others do. No row: she has said nothing, and they
    are on."""

    __tablename__ = "recommendation_choice"

    member_id: Mapped[str] = mapped_column(Id, ForeignKey("member.id"), primary_key=True)
    is_on: Mapped[bool]
    changed_at: Mapped[datetime]


class RecommendationModel(Model):
    """What was learnt of all shops together, in one row: what each guess is worth by group of members (see
    :mod:`app.insights.next_shop`), each merchant's share of the members (by id; none under ten), and of how many visits
    it was learnt."""

    __tablename__ = "recommendation_model"
    __table_args__ = (CheckConstraint("id = 1", name="one"),)

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    weights: Mapped[list[Any]]
    popularity: Mapped[dict[str, Any]]
    visits: Mapped[int]
    fitted_at: Mapped[datetime]


class ShopNeighbour(Model):
    """Members of one merchant go to another too: how near the two are (0 to 1). Of each the twenty nearest, and only
    where ten members go to both."""

    __tablename__ = "shop_neighbour"
    __table_args__ = (
        CheckConstraint("nearness > 0 AND nearness <= 1", name="nearness"),
        Index("ix_shop_neighbour_other_id", "other_id"),
    )

    merchant_id: Mapped[str] = mapped_column(Id, ForeignKey("merchant.id"), primary_key=True)
    other_id: Mapped[str] = mapped_column(Id, ForeignKey("merchant.id"), primary_key=True)
    nearness: Mapped[float] = mapped_column(Float)


class RewardNeighbour(Model):
    """The same for two rewards of one merchant: ten members at least had both."""

    __tablename__ = "reward_neighbour"
    __table_args__ = (CheckConstraint("nearness > 0 AND nearness <= 1", name="nearness"),)

    merchant_id: Mapped[str] = mapped_column(Id, ForeignKey("merchant.id"), primary_key=True)
    reward_id: Mapped[str] = mapped_column(Id, primary_key=True)
    other_id: Mapped[str] = mapped_column(Id, primary_key=True)
    nearness: Mapped[float] = mapped_column(Float)


class ProductPair(Model):
    """Two products, by the names that the till gives them, that ten members at least bought in one visit; the closest
    pair of a merchant has place 0."""

    __tablename__ = "product_pair"

    merchant_id: Mapped[str] = mapped_column(Id, ForeignKey("merchant.id"), primary_key=True)
    place: Mapped[int] = mapped_column(primary_key=True)
    one: Mapped[str] = mapped_column(Text)
    other: Mapped[str] = mapped_column(Text)
