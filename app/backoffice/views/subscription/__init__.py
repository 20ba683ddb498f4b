"""The subscription, and leaving."""

from app.backoffice.views.subscription import leaving, paying
from app.backoffice.views.subscription.blueprint import blueprint

__all__ = ["blueprint", "leaving", "paying"]
