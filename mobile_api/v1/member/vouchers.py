"""The member's vouchers: seen, taken for units, reserved for one tablet and asked back from it, given back."""

from __future__ import annotations

from typing import Any

from app.common.scope import Scope
from app.extensions import platform
from app.rewards.reservations import reservation_url
from app.wallet import service as wallet
from app.wallet.queries import ReservationView, VoucherView, get_voucher, list_vouchers
from app.web import locale
from mobile_api import auth
from mobile_api.documents import route
from mobile_api.v1.member.blueprints import me_blueprint
from mobile_api.v1.member.pages import page
from mobile_api.v1.pictures import picture
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
        _shown,
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
def take(scope: Scope, body: dict[str, Any]) -> dict[str, Any]:
    """Spends its cost and issues the voucher."""
    voucher_id = wallet.take_voucher(scope, reward_id=body["reward_id"], quantity=body["quantity"])
    return _shown(get_voucher(scope, voucher_id=voucher_id))


@route(
    me_blueprint,
    "POST",
    "/vouchers/<id:voucher_id>/hold",
    summary="Reserve a voucher for one tablet",
    authentication=auth.member,
    body=HoldBody,
    answer=MemberVoucherAnswer,
    refuses=(404, 409),
)
def hold(scope: Scope, body: dict[str, Any], voucher_id: str) -> dict[str, Any]:
    """The tablet can then redeem it without a network, from the code in `hold.url`, and nobody else can. Without a
    `device_id` it is the shop's tablet that was heard of last. It is not over by itself: ask for its end. A shop
    without a tablet keeps it for its tills for four hours, and `hold` is null."""
    wallet.hold_voucher(scope, voucher_id=voucher_id, location_id=body["location_id"], device_id=body.get("device_id"))
    return _shown(get_voucher(scope, voucher_id=voucher_id))


@route(
    me_blueprint,
    "DELETE",
    "/vouchers/<id:voucher_id>/hold",
    summary="Ask for a reservation's end",
    authentication=auth.member,
    answer=MemberVoucherAnswer,
    status=202,
    refuses=(404, 409),
)
def release(scope: Scope, voucher_id: str) -> dict[str, Any]:
    """It ends when the tablet, on its next contact, says that it has not redeemed the voucher. Until then it stands."""
    wallet.release_voucher(scope, voucher_id=voucher_id)
    return _shown(get_voucher(scope, voucher_id=voucher_id))


@route(
    me_blueprint,
    "POST",
    "/vouchers/<id:voucher_id>/code",
    summary="Show a voucher's code for the webshop",
    authentication=auth.member,
    answer=MemberVoucherAnswer,
    refuses=(404, 409),
)
def show_code(scope: Scope, voucher_id: str) -> dict[str, Any]:
    """From then on the voucher is redeemed and can't be given back; `webshop_code` stays to be seen. Asking again
    changes nothing."""
    wallet.show_code(scope, voucher_id=voucher_id)
    return _shown(get_voucher(scope, voucher_id=voucher_id))


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
    """Its units return, each with its old expiry. A reservation must have ended first."""
    wallet.give_back_voucher(scope, voucher_id=voucher_id)


def _shown(voucher: VoucherView) -> dict[str, Any]:
    shown = {name: getattr(voucher, name) for name in VoucherView.__slots__}
    shown["name"] = locale.named(shown.pop("names"), voucher.name)
    shown["picture"] = picture(shown.pop("picture_id"))
    if voucher.hold is not None and voucher.code is not None:
        url = reservation_url(platform().settings.host, voucher.code, voucher.hold.proof)
        shown["hold"] = {**{name: getattr(voucher.hold, name) for name in ReservationView.__slots__}, "url": url}
    return shown
