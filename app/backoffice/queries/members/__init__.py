"""A shop's members: the list, sorted and filtered, and one of them."""

from app.backoffice.queries.members.bookings import Booking
from app.backoffice.queries.members.detail import (
    Balance,
    CardLine,
    MemberDetail,
    NoteView,
    VoucherLine,
    get_member,
)
from app.backoffice.queries.members.listing import (
    SORTS,
    Line,
    MemberPage,
    Standing,
    list_members,
    locations_of,
    programmes_of,
    tiers_of,
)
from app.backoffice.queries.members.searching import Search

__all__ = [
    "SORTS",
    "Balance",
    "Booking",
    "CardLine",
    "Line",
    "MemberDetail",
    "MemberPage",
    "NoteView",
    "Search",
    "Standing",
    "VoucherLine",
    "get_member",
    "list_members",
    "locations_of",
    "programmes_of",
    "tiers_of",
]
