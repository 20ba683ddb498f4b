"""Rewards given at the counter: at once, or held for a till that settles later."""

from __future__ import annotations

from typing import Any

from app.common.scope import Scope
from app.scanning import service
from app.scanning.requests import RedemptionRequest
from mobile_api import auth, documents
from mobile_api.documents import route
from mobile_api.v1.pos.blueprint import blueprint
from mobile_api.v1.pos.counter import RedemptionRenderer, Renderer, counter_of, identification, sent
from mobile_api.v1.schemas.counter import CounterHoldBody, EmptyBody, RedemptionBody
from mobile_api.v1.schemas.counter_answers import RedemptionAnswer, ReversalAnswer

_ANSWER = RedemptionAnswer()
_CANCELLED = ReversalAnswer()


@route(
    blueprint,
    "POST",
    "/redemptions",
    summary="Give a reward, or redeem a voucher",
    authentication=auth.device,
    body=RedemptionBody,
    answer=_ANSWER,
    status=201,
    books=True,
    refuses=(403, 404, 409, 429),
)
def redeem(scope: Scope, body: dict[str, Any], key: str) -> documents.Reply:
    """With a printed card's code the member's PIN or staff approval is needed."""
    counter = counter_of(scope)
    renderer = RedemptionRenderer(_ANSWER)
    reply = service.redeem(counter, _request(body), key=key, render=renderer.result, render_refusal=renderer.refuse)
    return sent(scope, renderer, reply)


@route(
    blueprint,
    "POST",
    "/redemptions/hold",
    summary="Hold a reward for a till that settles later",
    authentication=auth.device,
    body=CounterHoldBody,
    answer=_ANSWER,
    status=201,
    books=True,
    refuses=(403, 404, 409, 429),
)
def hold(scope: Scope, body: dict[str, Any], key: str) -> documents.Reply:
    """The units are spent; until ``hold_until`` the hold can be committed or cancelled, then it cancels itself."""
    counter = counter_of(scope)
    renderer = RedemptionRenderer(_ANSWER)
    reply = service.hold_reward(
        counter, _request(body), key=key, render=renderer.result, render_refusal=renderer.refuse
    )
    return sent(scope, renderer, reply)


@route(
    blueprint,
    "POST",
    "/redemptions/<id:redemption_id>/commit",
    summary="Settle a hold",
    authentication=auth.device,
    body=EmptyBody,
    optional_body=True,
    answer=_ANSWER,
    status=201,
    books=True,
    refuses=(403, 404, 409),
)
def commit(scope: Scope, body: dict[str, Any], key: str, redemption_id: str) -> documents.Reply:
    """The reward was given."""
    renderer = RedemptionRenderer(_ANSWER)
    reply = service.commit_hold(
        counter_of(scope), redemption_id, key=key, render=renderer.result, render_refusal=renderer.refuse
    )
    return sent(scope, renderer, reply)


@route(
    blueprint,
    "POST",
    "/redemptions/<id:redemption_id>/cancel",
    summary="Let go of a hold",
    authentication=auth.device,
    body=EmptyBody,
    optional_body=True,
    answer=_CANCELLED,
    status=201,
    books=True,
    refuses=(403, 404, 409),
)
def cancel(scope: Scope, body: dict[str, Any], key: str, redemption_id: str) -> documents.Reply:
    """The units return with their old expiry."""
    renderer = Renderer(_CANCELLED)
    reply = service.cancel_hold(
        counter_of(scope), redemption_id, key=key, render=renderer.result, render_refusal=renderer.refuse
    )
    return sent(scope, renderer, reply)


def _request(body: dict[str, Any]) -> RedemptionRequest:
    voucher_code = body.get("voucher_code")
    return RedemptionRequest(
        who=None if voucher_code is not None else identification(body),
        reward_id=body.get("reward_id"),
        quantity=body.get("quantity", 1),
        voucher_code=voucher_code,
        voucher_id=body.get("voucher_id"),
        member_pin=body.get("member_pin"),
        staff_pin=body.get("staff_pin"),
    )
