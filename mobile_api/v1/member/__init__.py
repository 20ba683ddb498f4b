"""What the members' app calls: ``/api/v1/auth`` and ``/api/v1/me``."""

from __future__ import annotations

from mobile_api.v1.member import (
    cards,
    clubs,
    consents,
    devices,
    feedback,
    ideas,
    invitations,
    lists,
    me,
    messages,
    passkeys,
    pulse,
    recommendations,
    signing_in,
    spending,
    vouchers,
)
from mobile_api.v1.member.blueprints import auth_blueprint, me_blueprint
from mobile_api.v1.member.invitations import blueprint as invitations_blueprint

__all__ = [
    "auth_blueprint",
    "cards",
    "clubs",
    "consents",
    "devices",
    "feedback",
    "ideas",
    "invitations",
    "invitations_blueprint",
    "lists",
    "me",
    "me_blueprint",
    "messages",
    "passkeys",
    "pulse",
    "recommendations",
    "signing_in",
    "spending",
    "vouchers",
]
