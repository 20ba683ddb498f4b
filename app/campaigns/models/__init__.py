"""Tables of messages, consents, invitations, feedback and campaigns."""

from __future__ import annotations

from app.campaigns.models.campaigns import (
    ARMS,
    DELIVERY,
    STATES,
    TRIGGERS,
    WAYS,
    Campaign,
    CampaignMember,
    Contact,
    ContactSetting,
)
from app.campaigns.models.messages import (
    CHANNELS,
    KINDS,
    SECURITY,
    AcceptedInvitation,
    ExpiryNotice,
    Feedback,
    FeedbackQuestion,
    Invitation,
    InvitationCode,
    LocationFeedback,
    MemberMessage,
    MessageSetting,
    PushEndpoint,
    PushSubscription,
)

__all__ = [
    "ARMS",
    "CHANNELS",
    "DELIVERY",
    "KINDS",
    "SECURITY",
    "STATES",
    "TRIGGERS",
    "WAYS",
    "AcceptedInvitation",
    "Campaign",
    "CampaignMember",
    "Contact",
    "ContactSetting",
    "ExpiryNotice",
    "Feedback",
    "FeedbackQuestion",
    "Invitation",
    "InvitationCode",
    "LocationFeedback",
    "MemberMessage",
    "MessageSetting",
    "PushEndpoint",
    "PushSubscription",
]
