"""Refusals about campaigns, automations and contact."""

from __future__ import annotations

from collections.abc import Mapping

from flask_babel import LazyString
from flask_babel import lazy_gettext as _l

SENTENCES: Mapping[str, LazyString] = {
    "campaign_over": _l("This campaign is past that. Copy it to send something like it again."),
    "shop_silent": _l(
        "No messages go out while the shop is closed or its subscription is unpaid. Put that right first."
    ),
}
FIELDS: Mapping[str, LazyString] = {
    "campaign_name_expected": _l("Give it a name of 1 to 60 characters."),
    "campaign_words_expected": _l("Write a title and a text, both in at least one language."),
    "out_of_range": _l("This number is too small or too large here."),
    "group_expected": _l("Choose at least one group."),
    "way_expected": _l("Choose at least one way."),
    "too_long": _l("Write it shorter."),
    "unknown_braces": _l("Something in braces is not known here. Use what stands beside the field."),
}
