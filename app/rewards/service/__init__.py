"""What can be done to programmes, promotions and rewards. Each function is one transaction, bumps the merchant's
configuration and leaves an audit event."""

from app.rewards.service.programmes import add_version, change_programme, create_programme
from app.rewards.service.promotions import change_promotion, create_promotion
from app.rewards.service.rewards import change_reward, create_reward

__all__ = [
    "add_version",
    "change_programme",
    "change_promotion",
    "change_reward",
    "create_programme",
    "create_promotion",
    "create_reward",
]
