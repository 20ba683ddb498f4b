"""What is read of messages, invitations and feedback."""

from app.campaigns.inbox import About, MessageView
from app.campaigns.queries.feedback import FeedbackView, ShopFeedbackView, list_shop_feedback
from app.campaigns.queries.inbox import SettingView, list_messages, list_settings
from app.campaigns.queries.pulse import Pulse, read_pulse

__all__ = [
    "About",
    "FeedbackView",
    "MessageView",
    "Pulse",
    "SettingView",
    "ShopFeedbackView",
    "list_messages",
    "list_settings",
    "list_shop_feedback",
    "read_pulse",
]
