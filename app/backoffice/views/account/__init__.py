"""A person's own sign-in, and the businesses where the person works."""

from app.backoffice.views.account import mine, passkeys, shops, signing_in
from app.backoffice.views.account.blueprint import blueprint

__all__ = ["blueprint", "mine", "passkeys", "shops", "signing_in"]
