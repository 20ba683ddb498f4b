"""What members said, and what the shop answers."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Any

from flask import Flask
from sqlalchemy import text

from app.campaigns.service import give_feedback
from app.common.scope import Scope
from tests.clocks import FixedClock
from tests.factories import Shop, make_holder, make_shop, visit
from tests.office.desk import Desk, sit_down


def test_feedback_of_all_places_is_read_and_answered_once(
    owner: Desk, flask_app: Flask, scope: Scope, shop: Shop, settings: Any, clock: FixedClock
) -> None:
    holder = make_holder(scope)
    far = shop.another_location()
    for place, words_said, score in ((shop, "Lovely <i>bread</i>", 10), (far, "A long queue", 4)):
        booked = visit(place.counter(), holder)
        assert booked.ok
        with scope.reading() as tx:
            visit_id = str(
                tx.session.scalar(text("SELECT id FROM visit WHERE location_id = :place"), {"place": place.location_id})
            )
        member = replace(scope, actor_kind="member", actor_id=holder.member_id, member_id=holder.member_id)
        give_feedback(member, visit_id=visit_id, score=score, words=words_said)
    page = owner.get("/team/feedback").get_data(as_text=True)
    assert "Lovely &lt;i&gt;bread" in page
    assert "A long queue" in page
    near = sit_down(flask_app, scope, shop.merchant_id, "manager", location_id=shop.location_id)
    own = near.get("/team/feedback").get_data(as_text=True)
    assert "A long queue" not in own
    paths = re.findall(r'action="([^"]*/team/feedback/[0-9a-f-]+)"', page)
    [lovely] = re.findall(r'action="([^"]*/team/feedback/[0-9a-f-]+)"', own)
    [long_queue] = [path for path in paths if path != lovely]
    assert near.post(long_queue, {"words": "Sorry"}).status_code == 404
    other = sit_down(flask_app, scope, make_shop(scope, name="Other").merchant_id)
    stolen = other.post(lovely.replace(owner.slug, other.slug), {"words": "Mine"})
    assert stolen.status_code == 404
    assert near.post(lovely, {"words": "Thank you!"}).status_code == 303
    assert near.post(lovely, {"words": "Something else"}).status_code == 303
    assert "Thank you!" in owner.get("/team/feedback").get_data(as_text=True)
    waiting = owner.get("/team/feedback?show=waiting").get_data(as_text=True)
    assert "A long queue" in waiting
    assert "Lovely" not in waiting
