"""Staff, tablets, keys, webhooks, what members said, the audit list, and handing the business over."""

from app.backoffice.views.team import audit, devices, feedback, handing_over, keys, looking, overview, people, webhooks
from app.backoffice.views.team.blueprint import blueprint

__all__ = [
    "audit",
    "blueprint",
    "devices",
    "feedback",
    "handing_over",
    "keys",
    "looking",
    "overview",
    "people",
    "webhooks",
]
