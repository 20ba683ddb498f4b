"""Places at an event, and a ticket that is passed on, when many want them at the same moment."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from datetime import timedelta
from functools import partial

import pytest

from app.campaigns import tickets
from app.campaigns.service import clubs, events, places
from app.campaigns.service.events import EventWords
from app.common.errors import NotFoundError
from app.common.scope import Scope
from app.common.sql import Statement
from tests.campaigns import of_shop, rows
from tests.concurrency.racing import at_once
from tests.factories import make_holder, make_shop, visit

UNGUARDED = Statement("UPDATE club_event SET taken = taken + 1 WHERE id = :event_id AND status = 'open'")


def rush(scope: Scope, *, members: int, free: int) -> tuple[str, list[Scope], list[str | Exception]]:
    """So many members ask for a place at once. The event, who they are, and what each was told."""
    shop = make_shop(scope, stamps=10)
    own = of_shop(scope, shop)
    clubs.set_club(own, is_on=True, name="Table", revision=0)
    starts_at = scope.now + timedelta(days=10)
    said = {"en": "Wine evening"}
    words = EventWords(said, said, starts_at, starts_at + timedelta(hours=3), free, location_id=shop.location_id)
    event_id = events.write_event(own, words)
    events.open_event(own, event_id, revision=1)
    asking = []
    for _ in range(members):
        holder = make_holder(scope)
        visit(shop.counter(), holder)
        asking.append(replace(scope, actor_kind="member", member_id=holder.member_id, _open=None))
    return event_id, asking, at_once([partial(places.take, one, event_id=event_id) for one in asking])


def test_fifty_who_want_ten_places_get_ten(scope: Scope) -> None:
    event_id, asking, answers = rush(scope, members=50, free=10)
    assert Counter(map(str, answers)) == {"held": 10, "waiting": 40}
    assert rows(scope, "SELECT taken FROM club_event") == [(10,)]
    assert rows(scope, "SELECT count(*), count(DISTINCT member_id) FROM voucher WHERE source = 'ticket'") == [(10, 10)]
    # And who gives back at once leaves as many to those who wait.
    held = [member for member, answer in zip(asking, answers, strict=True) if answer == "held"]
    assert at_once([partial(places.give_back, one, event_id=event_id) for one in held[:5]]) == [None] * 5
    found = "SELECT status, count(*) FROM event_place GROUP BY status"
    assert dict(rows(scope, found)) == {"held": 10, "waiting": 35, "gone": 5}
    assert rows(scope, "SELECT count(*) FROM voucher WHERE source = 'ticket' AND status = 'issued'") == [(10,)]


def test_without_the_guard_the_table_itself_refuses_the_eleventh(scope: Scope, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tickets, "TAKE", UNGUARDED)
    _, _, answers = rush(scope, members=12, free=10)
    assert sum(isinstance(one, Exception) for one in answers) == 2
    assert rows(scope, "SELECT count(*) FROM voucher WHERE source = 'ticket'") == [(10,)]


def test_of_two_with_one_code_one_gets_the_ticket(scope: Scope) -> None:
    event_id, [anna, *others], _ = rush(scope, members=1, free=3)
    for _ in range(6):
        holder = make_holder(scope)
        others.append(replace(scope, actor_kind="member", member_id=holder.member_id, _open=None))
    code, _ = places.make_pass(anna, event_id=event_id)
    answers = at_once([partial(places.accept_pass, one, code=code) for one in others])
    assert [one[0] for one in answers if isinstance(one, tuple)] == [event_id]
    assert sum(isinstance(one, NotFoundError) for one in answers) == 5
    states = "SELECT status, count(*) FROM voucher WHERE source = 'ticket' GROUP BY status"
    assert dict(rows(scope, states)) == {"issued": 1, "cancelled": 1}
    assert rows(scope, "SELECT taken FROM club_event") == [(1,)]
