"""Tables of the shops' side: merchants, locations, staff, devices, and the one-time codes that let people in."""

from __future__ import annotations

from app.merchants.models.closing import ClosingPeriod
from app.merchants.models.departures import Departure
from app.merchants.models.devices import Device, DeviceGap, PairingCode
from app.merchants.models.inviting import ShopInvitation
from app.merchants.models.logins import (
    StaffLogin,
    StaffLoginLink,
    StaffLoginSession,
    StaffPasskey,
    StaffPasskeyChallenge,
    StaffRecoveryCode,
)
from app.merchants.models.looking import ShopConsent, ShopView
from app.merchants.models.people import (
    Handover,
    Operator,
    OperatorRecoveryCode,
    OperatorRight,
    OperatorSession,
    SetupLink,
    Staff,
)
from app.merchants.models.shops import Location, LocationReference, Merchant, ShopListing
from app.merchants.models.signing_up import SignUp, TrialDay
from app.merchants.models.town import Announcement, AnnouncementDismissal, TermsAcceptance, TermsVersion
from app.merchants.models.webhooks import WebhookDelivery, WebhookEndpoint

__all__ = [
    "Announcement",
    "AnnouncementDismissal",
    "ClosingPeriod",
    "Departure",
    "Device",
    "DeviceGap",
    "Handover",
    "Location",
    "LocationReference",
    "Merchant",
    "Operator",
    "OperatorRecoveryCode",
    "OperatorRight",
    "OperatorSession",
    "PairingCode",
    "SetupLink",
    "ShopConsent",
    "ShopInvitation",
    "ShopListing",
    "ShopView",
    "SignUp",
    "Staff",
    "StaffLogin",
    "StaffLoginLink",
    "StaffLoginSession",
    "StaffPasskey",
    "StaffPasskeyChallenge",
    "StaffRecoveryCode",
    "TermsAcceptance",
    "TermsVersion",
    "TrialDay",
    "WebhookDelivery",
    "WebhookEndpoint",
]
