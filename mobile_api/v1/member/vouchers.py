"""The member's vouchers: seen, taken for units, reserved for one shop's tablet, given back."""

from __future__ import annotations

from typing import Any

from app.common.scope import Scope
from app.wallet import service as wallet
from app.wallet.queries import VoucherView, get_voucher, list_vouchers
from mobile_api import auth
from mobile_api.documents import route
from mobile_api.v1.member.blueprints import me_blueprint
from mobile_api.v1.member.pages import page
from mobile_api.v1.schemas.member import HoldBody, TakeBody, VouchersQuery
from mobile_api.v1.schemas.member_answers import MemberVoucherAnswer, MemberVouchersAnswer


@route(
    me_blueprint,
    "GET",
    "/vouchers",
    summary="My vouchers",
    authentication=auth.member,
    query=VouchersQuery,
    answer=MemberVouchersAnswer,
)
def vouchers(scope: Scope, query: dict[str, Any]) -> dict[str, Any]:
    """The newest first."""
    return page(
        query,
        lambda limit, before: list_vouchers(scope, limit=limit, before=before, status=query.get("status")),
        lambda voucher: voucher.voucher_id,
        lambda voucher: voucher,
    )


@route(
    me_blueprint,
    "POST",
    "/vouchers",
    summary="Take a reward",
    authentication=auth.member,
    body=TakeBody,
    answer=MemberVoucherAnswer,
    status=201,
    refuses=(404, 409),
)
def take(scope: Scope, body: dict[str, Any]) -> VoucherView:
    """Spends its cost and issues the voucher."""
    voucher_id = wallet.take_voucher(scope, reward_id=body["reward_id"], quantity=body["quantity"])
    return get_voucher(scope, voucher_id=voucher_id)


@route(
    me_blueprint,
    "POST",
    "/vouchers/<id:voucher_id>/hold",
    summary="Reserve a voucher for one shop's tablets",
    authentication=auth.member,
    body=HoldBody,
    answer=MemberVoucherAnswer,
    refuses=(404, 409),
)
def hold(scope: Scope, body: dict[str, Any], voucher_id: str) -> VoucherView:
    """For four hours they can redeem it without a network, and nobody else can."""
    wallet.hold_voucher(scope, voucher_id=voucher_id, location_id=body["location_id"])
    return get_voucher(scope, voucher_id=voucher_id)


@route(
    me_blueprint,
    "DELETE",
    "/vouchers/<id:voucher_id>",
    summary="Give an unused voucher back",
    authentication=auth.member,
    status=204,
    refuses=(404, 409),
)
def give_back(scope: Scope, voucher_id: str) -> None:
    """Its units return, each with its old expiry."""
    wallet.give_back_voucher(scope, voucher_id=voucher_id)
