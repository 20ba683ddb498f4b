"""A shop confirms that whoever holds a printed card may claim it."""

from __future__ import annotations

from typing import Any

from app.cards import codes
from app.cards.codes import CodeKind
from app.cards.errors import CodeUnreadableError
from app.cards.service import approve_claim
from app.common.errors import NotFoundError
from app.common.scope import Scope
from app.extensions import platform
from app.scanning.approving import staff_approval
from app.scanning.errors import CardUnknownError
from mobile_api import auth, misses
from mobile_api.documents import route
from mobile_api.v1.pos.blueprint import blueprint
from mobile_api.v1.pos.counter import counter_of
from mobile_api.v1.schemas.counter import ClaimApprovalBody
from mobile_api.v1.schemas.counter_answers import ClaimApprovalAnswer


@route(
    blueprint,
    "POST",
    "/claim-approvals",
    summary="Let a printed card be claimed by its bearer",
    authentication=auth.device,
    body=ClaimApprovalBody,
    answer=ClaimApprovalAnswer,
    status=201,
    refuses=(403, 404, 409, 429),
)
def approve(scope: Scope, body: dict[str, Any]) -> dict[str, Any]:
    """For five minutes its number alone claims it, once. Somebody of the shop approves: by a staff session, the staff
    PIN, or a key with the scope `approve`; where nobody has a PIN, by the tap on the shop's tablet."""
    counter = counter_of(scope)
    code = codes.parse(body["code"], platform().hosts)
    if code.kind is CodeKind.VOUCHER:
        raise CodeUnreadableError
    scope.staff_id = staff_approval(counter, body.get("staff_pin"), is_redeeming=False).staff_id
    try:
        return {"approved_until": approve_claim(scope, number=code.number)}
    except NotFoundError:
        unknown = CardUnknownError()
        misses.count(scope, unknown)
        raise unknown from None
