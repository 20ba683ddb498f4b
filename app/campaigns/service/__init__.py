"""What is done with messages, invitations and feedback. Each public function is one transaction."""

from app.campaigns.service.answering import answer_feedback, give_feedback, my_feedback
from app.campaigns.service.bringing import (
    PUSH_SECONDS,
    PUSH_TOPIC,
    PushFailedError,
    PushRefusedError,
    bring,
    push,
)
from app.campaigns.service.expiring import forget_notices, tell_expiring
from app.campaigns.service.inviting import Gives, InvitationView, OpenInvitation, accept, look_at, my_invitations
from app.campaigns.service.leaving import announce_departure
from app.campaigns.service.noticing import spread_notice
from app.campaigns.service.noting import TOPICS, note
from app.campaigns.service.reading import (
    ShopLink,
    check_link,
    check_shop_link,
    mark_read,
    set_setting,
    stop_mails,
    stop_shop_mails,
)
from app.campaigns.service.rewarding import settle, settle_waiting
from app.campaigns.service.subscribing import end_subscription, subscribe

__all__ = [
    "PUSH_SECONDS",
    "PUSH_TOPIC",
    "TOPICS",
    "Gives",
    "InvitationView",
    "OpenInvitation",
    "PushFailedError",
    "PushRefusedError",
    "ShopLink",
    "accept",
    "announce_departure",
    "answer_feedback",
    "bring",
    "check_link",
    "check_shop_link",
    "end_subscription",
    "forget_notices",
    "give_feedback",
    "look_at",
    "mark_read",
    "my_feedback",
    "my_invitations",
    "note",
    "push",
    "set_setting",
    "settle",
    "settle_waiting",
    "spread_notice",
    "stop_mails",
    "stop_shop_mails",
    "subscribe",
    "tell_expiring",
]
