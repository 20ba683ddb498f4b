"""Tables of the shops' side: merchants, locations, staff, devices, and the one-time codes that let people in."""

from __future__ import annotations

from app.merchants.models.closing import ClosingPeriod
from app.merchants.models.departures import Departure
from app.merchants.models.devices import Device, DeviceGap, PairingCode
from app.merchants.models.logins import (
    StaffLogin,
    StaffLoginLink,
    StaffLoginSession,
    StaffPasskey,
    StaffPasskeyChallenge,
    StaffRecoveryCode,
)
from app.merchants.models.people import Handover, Operator, SetupLink, Staff
from app.merchants.models.shops import Location, LocationReference, Merchant, ShopListing
from app.merchants.models.signing_up import SignUp, TrialDay
from app.merchants.models.webhooks import WebhookDelivery, WebhookEndpoint

__all__ = [
    "ClosingPeriod",
    "Departure",
    "Device",
    "DeviceGap",
    "Handover",
    "Location",
    "LocationReference",
    "Merchant",
    "Operator",
    "PairingCode",
    "SetupLink",
    "ShopListing",
    "SignUp",
    "Staff",
    "StaffLogin",
    "StaffLoginLink",
    "StaffLoginSession",
    "StaffPasskey",
    "StaffPasskeyChallenge",
    "StaffRecoveryCode",
    "TrialDay",
    "WebhookDelivery",
    "WebhookEndpoint",
]
