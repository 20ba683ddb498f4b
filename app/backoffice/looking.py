"""Where an operator who looks through a shop's eyes may go, and what one who acts for the shop may do.

Told by the endpoint, and shut unless told otherwise: a page that is added can be looked at when it only shows something
of the shop, and nothing new can be done before it stands here.
"""

from __future__ import annotations

from app.common.errors import ReadOnlyError
from app.merchants.errors import LookRefusedError
from app.merchants.queries.looking import Look
from app.web.going import SAFE

END = "team.end_look"
# Seen by nobody but the shop itself: lists of people that are taken along or brought in, and codes that let devices in.
# Whatever asks for a password or a second step first is shut besides: money, people, keys, leaving, handing over.
SHUT = frozenset(
    {
        "members.list_imports",
        "members.show_import",
        "members.show_export",
        "members.take_export",
        "setting_up.watch_pairing",
        "subscription.export",
        "team.list_keys",
        "team.list_webhooks",
        "team.show_webhook",
        "team.show_delivery",
        "team.hand_over",
        "team.show_person",
        "team.add_person",
    }
)
# What may be done with the shop's consent: how the programme, the catalogue and the shop's page are set up. Nothing
# that moves a balance (the ledger desk does that, with a second person), costs money, or lets anybody in.
ACTS = frozenset(
    {
        "programme.make_programme",
        "programme.change_details",
        "programme.move_programme",
        "programme.open_programme",
        "programme.withdraw",
        "programme.design",
        "programme.preview",
        "programme.drop",
        "programme.publish",
        "programme.simulate",
        "programme.call_off",
        "catalogue.add_reward",
        "catalogue.preview_reward",
        "catalogue.show_reward",
        "catalogue.switch_reward",
        "catalogue.move_reward",
        "catalogue.set_picture",
        "catalogue.remove_picture",
        "catalogue.add_promotion",
        "catalogue.preview_promotion",
        "catalogue.show_promotion",
        "catalogue.stop_promotion",
        "catalogue.start_again",
        "members.save_segment",
        "members.change_segment",
        "members.drop_segment",
        "reports.change_basket",
        "reports.add_closing",
        "reports.change_closing",
        "reports.remove_closing",
        "setting_up.settle_first_programme",
        "setting_up.edit_about",
        "setting_up.change_listing",
        "setting_up.edit_counter",
        "setting_up.edit_gifts",
        "setting_up.add_location",
        "setting_up.edit_location",
    }
)


def check(look: Look, endpoint: str, *, method: str, is_personal: bool) -> None:
    """Whether a look passes a door in this way. ``is_personal``: the door is a sign-in's own, or asks for more than
    being signed in. Raises LookRefusedError, and ReadOnlyError for one that only reads."""
    if endpoint == END:
        return
    if method not in SAFE:
        if not look.acts:
            raise ReadOnlyError
        if endpoint not in ACTS:
            raise LookRefusedError
    if is_personal or endpoint in SHUT:
        raise LookRefusedError
