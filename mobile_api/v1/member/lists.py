"""What the member has, and how it came."""

from __future__ import annotations

from typing import Any

from app.common.scope import Scope
from app.wallet.queries import list_accounts, list_activity
from mobile_api import auth
from mobile_api.documents import route
from mobile_api.v1.member.blueprints import me_blueprint
from mobile_api.v1.member.pages import page
from mobile_api.v1.schemas.member import ActivityQuery, ListQuery
from mobile_api.v1.schemas.member_answers import ActivitiesAnswer, MemberAccountsAnswer


@route(
    me_blueprint,
    "GET",
    "/accounts",
    summary="My balances",
    authentication=auth.member,
    query=ListQuery,
    answer=MemberAccountsAnswer,
)
def accounts(scope: Scope, query: dict[str, Any]) -> dict[str, Any]:
    """Every programme in which the member has an account, the latest first."""
    return page(
        query,
        lambda limit, before: list_accounts(scope, limit=limit, before=before),
        lambda account: account.account_id,
        lambda account: account,
    )


@route(
    me_blueprint,
    "GET",
    "/activity",
    summary="What happened on my cards",
    authentication=auth.member,
    query=ActivityQuery,
    answer=ActivitiesAnswer,
)
def activity(scope: Scope, query: dict[str, Any]) -> dict[str, Any]:
    """The newest first; every unit says which rule gave or took it."""
    return page(
        query,
        lambda limit, before: list_activity(scope, limit=limit, before=before, merchant_id=query.get("merchant_id")),
        lambda booking: booking.transaction_id,
        lambda booking: booking,
    )
