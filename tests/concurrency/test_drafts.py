"""Two who write, publish or throw away one draft at the same moment."""

from __future__ import annotations

from dataclasses import replace

from sqlalchemy import func, select

from app.common.scope import Scope
from app.merchants.errors import SomebodyWasFasterError
from app.rewards import service as rewards
from app.rewards.models import ProgrammeVersion
from tests.concurrency.racing import at_once
from tests.factories import make_shop

RULES = {"earn": [{"per": "visit", "units": "1"}]}


def test_of_two_first_drafts_one_is_kept_and_the_other_told(scope: Scope) -> None:
    for _ in range(4):
        shop = make_shop(scope, stamps=10)
        answers = at_once(
            [
                lambda goal=goal, shop=shop: rewards.save_draft(  # type: ignore[misc]
                    replace(scope), shop.programme_id, RULES | {"goal": goal}, revision=0
                )
                for goal in (3, 4, 5)
            ]
        )
        assert sum(isinstance(one, int) for one in answers) == 1, answers
        assert sum(isinstance(one, SomebodyWasFasterError) for one in answers) == 2, answers


def test_of_two_changes_to_one_draft_one_is_kept_and_the_other_told(scope: Scope) -> None:
    shop = make_shop(scope, stamps=10)
    revision = rewards.save_draft(scope, shop.programme_id, RULES | {"goal": 2}, revision=0)
    for number in range(4):
        answers = at_once(
            [
                lambda goal=goal, seen=revision: rewards.save_draft(  # type: ignore[misc]
                    replace(scope), shop.programme_id, RULES | {"goal": goal}, revision=seen
                )
                for goal in (10 + number, 20 + number)
            ]
        )
        kept = [one for one in answers if isinstance(one, int)]
        assert len(kept) == 1, answers
        assert any(isinstance(one, SomebodyWasFasterError) for one in answers), answers
        revision = kept[0]


def test_a_draft_is_published_once(scope: Scope) -> None:
    shop = make_shop(scope, stamps=10)
    revision = rewards.save_draft(scope, shop.programme_id, RULES | {"goal": 2}, revision=0)
    answers = at_once(
        [lambda: rewards.publish_draft(replace(scope), shop.programme_id, revision=revision) for _ in range(3)]
    )
    assert sum(isinstance(one, int) for one in answers) == 1, answers
    with scope.reading() as tx:
        versions = tx.session.scalar(
            select(func.count()).select_from(ProgrammeVersion).where(ProgrammeVersion.programme_id == shop.programme_id)
        )
    assert versions == 2
