"""What can be done to programmes, promotions and rewards. Each function is one transaction, bumps the merchant's
configuration and leaves an audit event."""

from app.rewards.service.codes import AddedCodes, add_codes, remove_codes
from app.rewards.service.drafts import drop_draft, publish_draft, save_draft, withdraw_version
from app.rewards.service.pictures import remove_picture, set_picture
from app.rewards.service.programmes import add_version, change_programme, create_programme, order_programmes
from app.rewards.service.promotions import change_promotion, create_promotion, replace_promotion, stop_promotion
from app.rewards.service.rewards import change_reward, create_reward, move_reward

__all__ = [
    "AddedCodes",
    "add_codes",
    "add_version",
    "change_programme",
    "change_promotion",
    "change_reward",
    "create_programme",
    "create_promotion",
    "create_reward",
    "drop_draft",
    "move_reward",
    "order_programmes",
    "publish_draft",
    "remove_codes",
    "remove_picture",
    "replace_promotion",
    "save_draft",
    "set_picture",
    "stop_promotion",
    "withdraw_version",
]
