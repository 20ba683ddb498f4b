"""What the tests of a shop's members share."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import select

from app.common.scope import Scope
from app.rewards.models import ShopMember, ShopMemberWord, ShopPlace
from app.rewards.service.shop_members import Follower

Rows = dict[tuple[str, str], dict[str, Any]]


@pytest.fixture
def follower(scope: Scope) -> Follower:
    """One that has counted everybody already, so that it follows from now on."""
    made = Follower()
    made.follow(scope)
    return made


def kept(scope: Scope) -> tuple[Rows, dict[str, int], set[tuple[str, bytes, str]]]:
    """Everything that is kept of shops' members, but for when it was made."""
    with scope.reading() as tx:
        rows = [dict(row) for row in tx.session.execute(select(ShopMember.__table__)).mappings()]
        for row in rows:
            row.pop("refreshed_at")
        places = {one.place_id: one.members for one in tx.session.scalars(select(ShopPlace)) if one.members}
        words = {
            (one.merchant_id, bytes(one.token), one.member_id) for one in tx.session.scalars(select(ShopMemberWord))
        }
    return {(row["member_id"], row["place_id"]): row for row in rows}, places, words
