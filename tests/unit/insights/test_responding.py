"""Who will answer a campaign: what is learnt from customers whose answers were drawn by known chances."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy.special import expit
from scipy.stats import spearmanr

from app.insights import responding
from app.insights.errors import HistoryTooShortError
from app.insights.purchases import Floats, History, gather
from app.insights.responding import FACTS, Events

WIDTH = len(FACTS)


def shop(seed: int = 3, members: int = 60, days: int = 300) -> History:
    chance = np.random.default_rng(seed)
    who = chance.integers(0, members, 2_000)
    return gather(who, 738_000 + chance.integers(0, days, 2_000), chance.gamma(3, 5, 2_000))


def drawn(
    members: int, *, difference: float, seed: int = 11
) -> tuple[Floats, NDArray[np.bool_], NDArray[np.bool_], Floats]:
    """Facts, answers, who was written to, and by how much that truly raised each one's chance: the second fact decides
    for whom, times ``difference``."""
    chance = np.random.default_rng(seed)
    facts = chance.normal(0, 1, (members, WIDTH))
    told = chance.random(members) < 0.6
    without = -1.5 + 0.8 * facts[:, 0]
    with_it = without + 0.5 + difference * facts[:, 1]
    came = chance.random(members) < expit(np.where(told, with_it, without))
    return facts, came, told, expit(with_it) - expit(without)


def test_nothing_from_the_day_itself_or_later_is_seen() -> None:
    visits, day = shop(), 738_200
    chance = np.random.default_rng(5)
    events = Events(chance.integers(0, 60, 90), 738_000 + chance.integers(0, 300, 90))
    seen = events.day < day
    members = np.arange(80)[::-1]  # twenty of them never came
    whole = responding.facts_of(members, day, visits, events, events)
    past = Events(events.member[seen], events.day[seen])
    assert np.array_equal(whole, responding.facts_of(members, day, visits.until(day - 1), past, past))
    assert np.isfinite(whole).all()
    assert not np.array_equal(whole, responding.facts_of(members, day + 30, visits, events, events))


def test_facts_are_what_they_say() -> None:
    day = 738_100
    visits = gather(
        np.array([7, 7, 7, 9]), np.array([day - 40, day - 20, day - 10, day - 100]), np.array([10.0, 20.0, 30.0, 5.0])
    )
    told = Events(np.array([7, 7, 8]), np.array([day - 30, day, day - 5]))
    redeemed = Events(np.array([7, 7, 7]), np.array([day - 60, day - 60, day + 1]))
    rows = responding.facts_of(np.array([7, 8, 7]), day, visits, told, redeemed)
    assert np.array_equal(rows[0], rows[2])
    seven, eight = (responding.as_document(row) for row in rows[:2])
    assert seven["recency"] == pytest.approx(np.log1p(9))  # nine days lay between
    assert seven["lateness"] == pytest.approx(9 / 16)  # usually every fifteen
    assert np.expm1([seven["visits_14"], seven["visits_28"], seven["visits"]]) == pytest.approx([1, 2, 2], abs=1e-4)
    assert np.expm1([seven["basket"], seven["spend_91"]]) == pytest.approx([20, 60], abs=1e-3)
    assert np.expm1([seven["told"], seven["redeemed"], seven["redemptions"]]) == pytest.approx([1, 1, 2], abs=1e-4)
    assert seven["rate"] == pytest.approx(1 / 3, abs=1e-5)
    assert seven["freshness"] == pytest.approx(0.5)
    assert eight["visits"] == eight["basket"] == eight["freshness"] == 0
    assert np.expm1(eight["recency"]) == pytest.approx(365, abs=0.01)


def test_facts_without_any_history_are_plain() -> None:
    facts = responding.facts_of(np.array([4, 2]), 738_000, shop(), Events.none(), Events.none())
    assert np.isfinite(facts).all()
    assert np.array_equal(facts[0], facts[1])


def test_kept_facts_come_back_and_others_are_left_out() -> None:
    facts = responding.facts_of(np.arange(3), 738_200, shop(), Events.none(), Events.none())
    kept = [None, *(responding.as_document(row) for row in facts), {"recency": 1.0}]
    again, usable = responding.from_documents(kept)
    assert usable.tolist() == [False, True, True, True, False]
    assert np.allclose(again, facts, atol=1e-6)
    assert responding.from_documents([])[0].shape == (0, WIDTH)


def test_chances_are_found_again_where_all_were_written_to() -> None:
    facts, came, told, _ = drawn(6_000, difference=0.0)
    learnt = responding.fit(facts[told], came[told])
    truth = expit(-1.0 + 0.8 * facts[:, 0])
    assert np.abs(learnt.expected(facts) - truth).mean() < 0.04
    assert not learnt.knows_difference
    assert np.array_equal(learnt.uplift(facts), learnt.expected(facts))


def test_those_whom_writing_helps_come_first() -> None:
    facts, came, told, truth = drawn(6_000, difference=0.8)
    learnt = responding.fit(facts, came, told)
    assert learnt.knows_difference
    assert spearmanr(learnt.uplift(facts), truth).statistic > 0.9
    assert spearmanr(learnt.expected(facts), truth).statistic < spearmanr(learnt.uplift(facts), truth).statistic
    assert learnt.uplift(facts).mean() == pytest.approx(truth.mean(), abs=0.02)


def test_a_difference_that_is_the_same_for_all_is_not_made_up() -> None:
    """The prior holds the change at one figure for everybody unless the data speak up."""
    facts, came, told, _ = drawn(1_500, difference=0.0)
    learnt = responding.fit(facts, came, told)
    assert np.abs(learnt.change[1:]).max() < 0.1
    assert learnt.change[0] == pytest.approx(0.5, abs=0.25)


def test_a_handful_of_controls_is_no_control_group() -> None:
    facts, came, told, _ = drawn(600, difference=0.8)
    few = told | (np.cumsum(~told) > responding.FEWEST_CONTROL - 1)
    learnt = responding.fit(facts, came, few)
    assert not learnt.knows_difference


def test_facts_far_from_what_was_seen_do_not_run_away() -> None:
    facts, came, told, _ = drawn(2_000, difference=0.0)
    learnt = responding.fit(facts[told], came[told])
    far = np.zeros((1, WIDTH))
    far[0, 0] = 6.0
    assert learnt.expected(far * 2)[0] == pytest.approx(learnt.expected(far)[0], abs=1e-9)


def test_too_few_answers_are_said_so() -> None:
    facts, came, _, _ = drawn(300, difference=0.0)
    for answers in (np.zeros(300, bool), np.ones(300, bool), came & (np.cumsum(came) < responding.FEWEST)):
        with pytest.raises(HistoryTooShortError):
            responding.fit(facts, answers)
    with pytest.raises(HistoryTooShortError):  # none of those who answered had been written to
        responding.fit(facts, came, ~came)


def test_a_fact_that_is_the_same_for_all_does_no_harm() -> None:
    facts, came, told, _ = drawn(500, difference=0.0)
    facts[:, 3] = 5.0
    assert np.isfinite(responding.fit(facts, came, told).uplift(facts)).all()
