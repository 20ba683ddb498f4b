"""Eight frauds run over the demo year: each is in the queue within a day, and hardly any honest member is."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select

from app.cards.models import Card
from app.common.scope import Scope
from app.risk.models import RiskCase
from tests.admin.risk.town import FRAUDS, Town, live_through

UNTIL = datetime(2026, 3, 4, 12, tzinfo=UTC)
ONE_DAY = timedelta(days=1)


def judge(scope: Scope, town: Town, numbers: set[str]) -> tuple[dict[str, timedelta], set[str], int]:
    """How long each fraud stayed unseen, the honest members in the queue, and how many there are."""
    with scope.reading() as tx:
        cases = tx.session.scalars(select(RiskCase)).all()
        honest = set(tx.session.scalars(select(Card.member_id).where(Card.number.in_(numbers)))) - town.crooks
    seen = {
        rule: min(case.opened_at for case in cases if (case.rule, case.subject_id) == (rule, who)) - day
        for rule, (day, who) in town.done.items()
        if any((case.rule, case.subject_id) == (rule, who) for case in cases)
    }
    bothered = {member for case in cases for member in case.evidence["members"]} & honest
    return seen, bothered, len(honest)


def check(scope: Scope, days: int) -> None:
    town, numbers = live_through(scope, days, UNTIL)
    seen, bothered, honest = judge(scope, town, numbers)
    assert set(town.done) == set(FRAUDS)
    assert set(seen) == set(FRAUDS), f"never seen: {set(FRAUDS) - set(seen)}"
    assert all(after <= ONE_DAY for after in seen.values()), seen
    assert len(bothered) * 200 <= honest, f"{len(bothered)} of {honest} honest members"


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_every_fraud_is_in_the_queue_within_a_day(scope: Scope) -> None:
    check(scope, days=42)


@pytest.mark.prove
def test_every_fraud_of_a_whole_year_is_in_the_queue_within_a_day(scope: Scope) -> None:
    check(scope, days=365)
