"""Nothing of the person is left in these tables once she has left; a shop keeps the scores it was given."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select

from app.campaigns import service as campaigns
from app.campaigns.models import Feedback, InvitationCode, LocationFeedback, PushEndpoint
from app.campaigns.telling import Told, tell
from app.campaigns.vapid import to_base64url
from app.common.outgoing import Reach
from app.common.scope import Scope
from app.merchants import service as merchants
from app.rewards.service.adjusting import adjust
from app.tables import metadata
from app.wallet.service import erase_me, export_me
from tests.clocks import FixedClock
from tests.factories import Holder, make_holder, make_shop, visit

OWN = (
    "member_message",
    "message_setting",
    "push_subscription",
    "push_endpoint",
    "expiry_notice",
    "invitation",
    "invitation_code",
    "accepted_invitation",
    "feedback_question",
    "feedback",
    "location_feedback",
)
# The public point of the example in RFC 8291.
POINT = "BCVxsr7N_eNgVRqvHtD0zTZsEc6-VV-JvLexhqUzORcxaOzi6-AYWXvTBHm4bjyPjs7Vd8pZGH6SRpkNtoIAiw4"


def rows(scope: Scope, member_id: str) -> dict[str, list[Any]]:
    """Her rows of each table of this domain."""
    with scope.reading() as tx:
        return {
            name: list(
                tx.session.execute(select(metadata.tables[name]).where(metadata.tables[name].c.member_id == member_id))
            )
            for name in OWN
        }


@pytest.fixture
def holder(scope: Scope) -> Holder:
    return make_holder(scope)


@pytest.fixture
def full(scope: Scope, holder: Holder, clock: FixedClock) -> Scope:
    """A member who has something in each table; her own scope."""
    own = replace(scope, member_id=holder.member_id)
    shop, other = make_shop(scope, stamps=9), make_shop(scope, stamps=9)
    for one in (shop, other):
        merchants.set_invitation_gifts(scope, one.merchant_id, inviter=1, invited=1)
    friend = make_holder(scope)
    visit(other.counter(), friend)
    [invitation] = campaigns.my_invitations(replace(scope, member_id=friend.member_id))
    campaigns.accept(own, code=invitation.code)
    visit_id = visit(shop.counter(), holder).body["visit_id"]
    campaigns.my_invitations(own)
    campaigns.my_feedback(own)
    campaigns.give_feedback(own, visit_id=visit_id, score=7, words="Ik ben An, van de hoek")
    campaigns.set_setting(own, kind="reward_unlocked", channel="push", is_on=False)
    campaigns.subscribe(
        own,
        endpoint="https://push.example/an",
        p256dh=POINT,
        auth=to_base64url(bytes(16)),
        locale="nl",
        reach=Reach(),
        is_offered=True,
    )
    adjust(
        scope,
        member_id=holder.member_id,
        programme_id=shop.programme_id,
        units=1,
        reason="test",
        expires_at=clock() + timedelta(days=3),
    )
    campaigns.tell_expiring(scope)
    with scope.transaction() as tx:
        tell(tx, scope, holder.member_id, Told("card_blocked", "test", {}))
    return own


def test_everything_is_in_the_record(full: Scope) -> None:
    assert all(rows(full, full.member_id or "").values()), "each table has something of hers"
    record = export_me(full)
    assert record["feedback"][0]["text"] == "Ik ben An, van de hoek"
    assert record["push_subscriptions"][0]["subscription"].startswith('{"endpoint": "https://push.example/an"')
    assert {message["kind"] for message in record["messages"]} == {"card_blocked", "units_expiring"}
    assert record["message_settings"][0]["is_on"] is False
    assert len(record["invitations"]) == len(record["accepted_invitations"]) == 1
    assert len(record["feedback_questions"]) == 1
    assert "inviter_id" not in json.dumps(record), "who invited her is somebody else"


def test_nothing_of_the_person_is_left(scope: Scope, full: Scope) -> None:
    member_id = full.member_id or ""
    erase_me(full)
    left = rows(scope, member_id)
    assert {name for name, found in left.items() if found} == {"feedback", "location_feedback"}
    with scope.reading() as tx:
        [kept] = tx.session.scalars(select(Feedback))
        assert (kept.score, kept.words, kept.answer, kept.answered_by) == (7, None, None, None)
        assert [row.feedback_id for row in tx.session.scalars(select(LocationFeedback))] == [kept.id]
        assert tx.session.scalars(select(PushEndpoint)).all() == []
        assert {row.member_id for row in tx.session.scalars(select(InvitationCode))} != {member_id}
