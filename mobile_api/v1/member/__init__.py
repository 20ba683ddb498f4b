"""What the members' app calls: ``/api/v1/auth`` and ``/api/v1/me``."""

from __future__ import annotations

from mobile_api.v1.member import cards, lists, me, signing_in, vouchers
from mobile_api.v1.member.blueprints import auth_blueprint, me_blueprint

__all__ = ["auth_blueprint", "cards", "lists", "me", "me_blueprint", "signing_in", "vouchers"]
