"""The member herself: profile, consents, the whole record, leaving."""

from __future__ import annotations

from typing import Any

from app.common.mail import FOLDER
from app.common.scope import Scope
from app.extensions import platform
from app.wallet import service as wallet
from mobile_api import auth
from mobile_api.documents import route
from mobile_api.v1.member.blueprints import me_blueprint
from mobile_api.v1.member.pages import whole
from mobile_api.v1.schemas.member import ConsentBody, MeBody
from mobile_api.v1.schemas.member_answers import (
    ConsentAnswer,
    ConsentsAnswer,
    MeAnswer,
    RecoveryCodeAnswer,
)


@route(me_blueprint, "GET", "", summary="Me", authentication=auth.member, answer=MeAnswer)
def show(scope: Scope) -> dict[str, Any]:
    """The profile. Shops see of it what the member lets them see."""
    return _shown(wallet.get_me(scope))


@route(
    me_blueprint,
    "PATCH",
    "",
    summary="Change my profile, or the brake on spending",
    authentication=auth.member,
    body=MeBody,
    answer=MeAnswer,
    refuses=(409,),
)
def change(scope: Scope, body: dict[str, Any]) -> dict[str, Any]:
    """Fields that are left out stay as they are. A session that may not spend yet can pull a brake, and not loosen
    one."""
    return _shown(wallet.change_me(scope, changes=body))


@route(me_blueprint, "DELETE", "", summary="Leave", authentication=auth.member, status=204, refuses=(409,))
def erase(scope: Scope) -> None:
    """Destroys the person's data and links, at once and for good. The books keep their rows, without the person."""
    wallet.erase_me(scope, mail_folder=platform().settings.var / FOLDER)


@route(me_blueprint, "GET", "/export", summary="My whole record", authentication=auth.member, refuses=(409,))
def export(scope: Scope) -> dict[str, Any]:
    """Everything kept about the member, as JSON."""
    return wallet.export_me(scope)


@route(
    me_blueprint,
    "POST",
    "/recovery-code",
    summary="A new recovery code",
    authentication=auth.member,
    answer=RecoveryCodeAnswer,
    status=201,
    refuses=(409,),
)
def renew_recovery_code(scope: Scope) -> dict[str, Any]:
    """Told this once; older ones stop working."""
    return {"recovery_code": wallet.renew_recovery_code(scope)}


@route(
    me_blueprint,
    "GET",
    "/consents",
    summary="My consents",
    authentication=auth.member,
    answer=ConsentsAnswer,
)
def consents(scope: Scope) -> dict[str, Any]:
    """The latest word on each merchant and channel; silence is no."""
    return whole(wallet.list_consents(scope))


@route(
    me_blueprint,
    "PUT",
    "/consents",
    summary="Give or withdraw a consent",
    authentication=auth.member,
    body=ConsentBody,
    answer=ConsentAnswer,
    refuses=(404,),
)
def set_consent(scope: Scope, body: dict[str, Any]) -> wallet.Consent:
    """Kept for ever with the words that were shown; saying the same again changes nothing."""
    return wallet.set_consent(scope, **body)


def _shown(me: wallet.Me) -> dict[str, Any]:
    profile = me.profile
    return {
        "member_id": me.member_id,
        "status": me.status,
        "name": profile.name,
        "email": profile.email,
        "phone": profile.phone,
        "birthday": profile.birthday,
        "shows_name": profile.shows_name,
        "locale": me.locale,
        "is_spending_locked": me.is_spending_locked,
        "ask_above": me.ask_above,
        "daily_cap": me.daily_cap,
        "brakes_currency": me.brakes_currency,
        "is_secured": me.is_secured,
        "has_passkey": me.has_passkey,
        "spending_waits_until": me.spending_waits_until,
        "created_at": me.created_at,
    }
