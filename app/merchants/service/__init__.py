"""What can be done to merchants: their shops, people, devices and sign-in. Each function is one transaction."""

from app.merchants.service.devices import (
    NewDevice,
    NewPairingCode,
    PairedDevice,
    create_key,
    create_pairing_code,
    pair_device,
    revoke_device,
)
from app.merchants.service.people import (
    SetupLink,
    add_operator,
    add_staff,
    create_setup_link,
    set_password,
    set_staff_pin,
    stop_staff,
)
from app.merchants.service.sessions import StaffSession, approve, resume_staff_session, start_staff_session
from app.merchants.service.shops import add_location, change_location, change_merchant, create_merchant

__all__ = [
    "NewDevice",
    "NewPairingCode",
    "PairedDevice",
    "SetupLink",
    "StaffSession",
    "add_location",
    "add_operator",
    "add_staff",
    "approve",
    "change_location",
    "change_merchant",
    "create_key",
    "create_merchant",
    "create_pairing_code",
    "create_setup_link",
    "pair_device",
    "resume_staff_session",
    "revoke_device",
    "set_password",
    "set_staff_pin",
    "start_staff_session",
    "stop_staff",
]
