"""The privacy desk: requests by their deadline, the clock of retention, consents, the register of processing."""

from app.admin.views.privacy import keeping, requests
from app.admin.views.privacy.blueprint import blueprint

__all__ = ["blueprint", "keeping", "requests"]
