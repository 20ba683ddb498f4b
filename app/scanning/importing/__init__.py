"""Visit history of other systems: read, checked, put in order of time and booked as the counter would have."""

from app.scanning.importing.errors import ImportImpossibleError
from app.scanning.importing.places import EachAMerchant, Mapped, OneMerchant, Places, one_merchant, read_map
from app.scanning.importing.running import ImportReport, import_visits

__all__ = [
    "EachAMerchant",
    "ImportImpossibleError",
    "ImportReport",
    "Mapped",
    "OneMerchant",
    "Places",
    "import_visits",
    "one_merchant",
    "read_map",
]
