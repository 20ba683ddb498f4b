"""The audit list in words: each kind of event, and the fields that changed."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask_babel import LazyString, gettext
from flask_babel import lazy_gettext as _l

from app.backoffice.views.team.further_words import FURTHER

# A test reads every event that the code writes and fails for one that is not here.
ACTIONS: Mapping[str, LazyString] = {
    # people
    "staff.created": _l("Colleague added"),
    "staff.changed": _l("Role or place of a colleague changed"),
    "staff.renamed": _l("Colleague given another name"),
    "staff.invited_again": _l("Invitation sent again"),
    "staff.joined": _l("Invitation accepted"),
    "staff.declined": _l("Invitation declined"),
    "staff.stopped": _l("Access of a colleague stopped"),
    "staff.restarted": _l("Colleague let back in"),
    "staff.pin_set": _l("PIN set"),
    "staff.pin_removed": _l("PIN removed"),
    "staff.password_set": _l("Password set for the first time"),
    "login.created": _l("Sign-in made"),
    "login.password_asked": _l("New password asked for"),
    "login.password_set": _l("Password changed"),
    "login.address_asked": _l("Another e-mail address asked for"),
    "login.address_changed": _l("E-mail address changed"),
    "login.second_added": _l("Second step switched on"),
    "login.second_removed": _l("Second step switched off"),
    "login.passkey_added": _l("Passkey added"),
    "login.passkey_removed": _l("Passkey removed"),
    "login.recovery_used": _l("Recovery code used"),
    "login.recovery_renewed": _l("New recovery codes made"),
    "outbox_message.retried": _l("A message that was given up tried again"),
    "outbox_message.dropped": _l("A message that was given up dropped"),
    "backup.asked": _l("Backup asked for"),
    "backup.downloaded": _l("Backup taken away"),
    "operator.created": _l("Operator added"),
    "operator.rights_changed": _l("Operator’s rights changed"),
    "operator.stopped": _l("Operator’s access ended"),
    "operator.second_added": _l("Operator’s second step set up"),
    "operator.second_removed": _l("Operator’s second step forgotten"),
    "operator.recovery_used": _l("Operator’s recovery code used"),
    "operator.password_set": _l("Password of an operator set"),
    # tablets, keys, webhooks
    "device.created": _l("Tablet or key added"),
    "device.renamed": _l("Tablet or key given another name"),
    "device.revoked": _l("Tablet or key shut out"),
    "device.written_off": _l("Tablet given up with its queue"),
    "device.gap_alarmed": _l("Missing numbers of a queue noticed"),
    "device.gap_written_off": _l("Missing numbers of a queue given up"),
    "pairing_code.created": _l("Code to pair a tablet made"),
    "webhook_endpoint.added": _l("Webhook added"),
    "webhook_endpoint.enabled": _l("Webhook switched on"),
    "webhook_endpoint.disabled": _l("Webhook switched off"),
    "webhook_endpoint.secret_renewed": _l("Secret of a webhook renewed"),
    "webhook_endpoint.tested": _l("Webhook tested"),
    "webhook_endpoint.replayed": _l("Failed deliveries sent again"),
    "webhook_delivery.replayed": _l("Delivery sent again"),
    # rules, rewards, promotions
    "programme.created": _l("Programme created"),
    "programme.changed": _l("Programme changed"),
    "programme.version_added": _l("New rules published"),
    "programme.version_withdrawn": _l("Planned rules withdrawn"),
    "programme.draft_saved": _l("Draft of rules saved"),
    "programme.draft_dropped": _l("Draft of rules thrown away"),
    "programmes.ordered": _l("Order of programmes changed"),
    "promotion.created": _l("Promotion created"),
    "promotion.changed": _l("Promotion changed"),
    "promotion.replaced": _l("Promotion replaced"),
    "promotion.stopped": _l("Promotion stopped"),
    "reward.created": _l("Reward created"),
    "reward.changed": _l("Reward changed"),
    "reward.moved": _l("Order of rewards changed"),
    "reward.picture_changed": _l("Picture of a reward changed"),
    "reward.codes_added": _l("Webshop codes added"),
    "reward.codes_removed": _l("Webshop codes removed"),
    # members
    "account.adjusted": _l("Balance corrected"),
    "adjustment.asked": _l("Correction asked for by the operators"),
    "adjustment.approved": _l("Correction agreed to by a second operator"),
    "adjustment.declined": _l("Correction declined by a second operator"),
    "adjustment.withdrawn": _l("Correction withdrawn by the operator"),
    "adjustment_limit.changed": _l("Limit of corrections changed"),
    "opening_balance.entered": _l("Balance of an old card entered"),
    "transaction.reversed": _l("Booking undone"),
    "voucher.given": _l("Reward given by hand"),
    "voucher.withdrawn": _l("Reward taken back"),
    "visit.claimed": _l("Visit claimed by phone"),
    "visit_claim.ended": _l("Visit not claimed in time"),
    "member_name.set": _l("Name of a member changed"),
    "member_note.written": _l("Note about a member written"),
    "member_note.dropped": _l("Note about a member deleted"),
    "card.blocked": _l("Card blocked"),
    "card.replaced": _l("Card replaced"),
    "card.swap_ordered": _l("Card replaced by the operator"),
    "card.swapped": _l("Card swapped at the counter"),
    "card.claimed": _l("Card claimed"),
    "card.claim_approved": _l("Claim of a card confirmed"),
    "card.pin_set": _l("PIN of a card set"),
    "card.pin_removed": _l("PIN of a card removed"),
    "batch.enabled": _l("Batch of cards opened"),
    "batch.disabled": _l("Batch of cards closed"),
    "batch.ordered": _l("Batch of cards ordered"),
    "batch.made": _l("Batch of cards made"),
    "batch.retried": _l("Batch of cards tried again"),
    "batch.downloaded": _l("Batch of cards downloaded for printing"),
    "batch.codes_destroyed": _l("Claim codes of a batch destroyed"),
    "member.unmasked": _l("Contact of a member looked at by the operator"),
    "member.merged": _l("Two cards of a member joined"),
    "member.merge_undone": _l("Joining of two cards undone"),
    "member.erased": _l("Member left"),
    "member.brakes_changed": _l("Spending limits of a member changed"),
    "member.spending_locked": _l("Spending locked by a member"),
    "member.spending_unlocked": _l("Spending unlocked by a member"),
    "member.passkey_added": _l("Passkey of a member added"),
    "member.passkey_removed": _l("Passkey of a member removed"),
    "member.session_ended": _l("Phone of a member signed out"),
    "member.session_trusted": _l("Phone of a member trusted"),
    "member_import.uploaded": _l("List of members uploaded"),
    "member_import.started": _l("List of members being brought in"),
    "member_import.done": _l("List of members brought in"),
    "member_import.undone": _l("Bringing in of a list undone"),
    "member_import.dropped": _l("Uploaded list thrown away"),
    "member_import.gone": _l("Uploaded list forgotten after its time"),
    "members.exported": _l("List of members taken along"),
    "feedback.answered": _l("Feedback answered"),
    "review.accepted": _l("Visit of a queue accepted"),
    "review.rejected": _l("Visit of a queue refused"),
    "spending.approved": _l("Member allowed a reward to be redeemed"),
    "spending.refused": _l("Member refused a reward to be redeemed"),
    # the shop
    "merchant.created": _l("Shop created"),
    "merchant.signed_up": _l("Shop signed up"),
    "shops.invited": _l("Shops asked to join by mail"),
    "shop_invitation.called_off": _l("Invitation of a shop called off"),
    "merchant.changed": _l("Shop changed"),
    "merchant.approved": _l("Shop approved"),
    "merchant.declined": _l("Shop declined"),
    "merchant.asked": _l("Question asked before approving"),
    "merchant.suspended": _l("Shop paused by whoever runs Zegel"),
    "merchant.resumed": _l("Shop goes on"),
    "merchant.plan_set": _l("Plan set by whoever runs Zegel"),
    "merchant.price_set": _l("Price of its own set by whoever runs Zegel"),
    "merchant.sponsor_set": _l("Who pays set by whoever runs Zegel"),
    "look.begun": _l("Whoever runs Zegel looks in"),
    "look.ended": _l("Looking in ended"),
    "consent.given": _l("Zegel allowed to act for the shop"),
    "consent.withdrawn": _l("Zegel no longer allowed to act for the shop"),
    "merchant.step_done": _l("First step done"),
    "merchant.counter_changed": _l("What tills ask for changed"),
    "merchant.invitation_changed": _l("Gifts for invitations changed"),
    "location.created": _l("Place added"),
    "location.changed": _l("Place changed"),
    "closing.added": _l("Closing days added"),
    "closing.changed": _l("Closing days changed"),
    "closing.removed": _l("Closing days removed"),
    "expiry.extended": _l("Expiry moved past closing days"),
    "cards.printed": _l("Cards printed"),
    "merchant.basket_changed": _l("Average basket changed"),
    "support.asked": _l("Question sent to whoever runs Zegel"),
    # what is done for people by whoever runs the platform, of which no shop reads
    "support.answered": _l("Question answered"),
    "support.noted": _l("Note on a question"),
    "support.assigned": _l("Question assigned"),
    "support.closed": _l("Question closed"),
    "support.reopened": _l("Question opened again"),
    "support.template_saved": _l("Template of an answer saved"),
    "privacy.received": _l("Privacy request received"),
    "privacy.identified": _l("Member of a privacy request identified"),
    "privacy.waiting": _l("Privacy request waits for the person"),
    "privacy.extended": _l("Privacy request put off"),
    "privacy.done": _l("Privacy request done"),
    "privacy.refused": _l("Privacy request refused"),
    "privacy.record_sent": _l("Link to a whole record sent"),
    "privacy.record_fetched": _l("Whole record fetched"),
    "privacy.erased": _l("Member erased on request"),
    "privacy.retention_changed": _l("Retention period changed"),
    "member.told_of_erasure": _l("Silent member told of erasure"),
    "merchant.exported": _l("Everything about the shop taken along"),
    **FURTHER,
    "departure.announced": _l("Leaving announced"),
    "departure.called_off": _l("Leaving called off"),
    "departure.frozen": _l("Earning ended before leaving"),
    "departure.closed": _l("Shop closed"),
    "business.offered": _l("Business offered to a new owner"),
    "business.offer_withdrawn": _l("Offer of the business called off"),
    "business.offer_declined": _l("Offer of the business declined"),
    "business.handed_over": _l("Business handed over"),
    "terms.accepted": _l("Terms or agreement accepted"),
    "terms.published": _l("New version of terms published"),
    "announcement.written": _l("Announcement written"),
    "announcement.cancelled": _l("Announcement cancelled"),
    "risk_case.asked": _l("Owners asked about something that was noticed"),
    "risk_case.confirmed": _l("Risk case found right"),
    "risk_case.dismissed": _l("Risk case found wrong"),
    "risk_limit.set": _l("Risk limits set"),
    "brand.published": _l("Brand of the town changed"),
    "content.taken_down": _l("Something that the shop showed taken down by the operator"),
    "content.restored": _l("What was taken down shown again"),
    "content.dismissed": _l("Report about the shop set aside by the operator"),
    # money
    "plan.set": _l("Plan set by the operator"),
    "subscription.begun": _l("Subscription begun"),
    "subscription.changed": _l("Subscription changed"),
    "subscription.details_changed": _l("Details for invoices changed"),
    "subscription.pause_set": _l("Earning paused or resumed"),
    "subscription.plan_changed": _l("Plan changed"),
    "subscription.cancelled": _l("Subscription cancelled"),
    "subscription.resumed": _l("Cancelling taken back"),
    "subscription.sponsored": _l("Subscription paid by somebody else"),
    "subscription.sponsor_ended": _l("Subscription no longer paid by somebody else"),
}

AREAS: Mapping[str, tuple[LazyString, tuple[str, ...]]] = {
    "people": (_l("People"), ("staff", "login")),
    "devices": (_l("Tablets, keys and webhooks"), ("device", "webhook_endpoint", "webhook_delivery")),
    "rules": (_l("Programme, rewards and promotions"), ("programme", "reward", "promotion")),
    "members": (
        _l("Members and cards"),
        (
            "member",
            "account",
            "card",
            "card_batch",
            "voucher",
            "transaction",
            "segment",
            "feedback",
            "recall",
            "idea",
            "queued_event",
            "member_import",
        ),
    ),
    "shop": (
        _l("Shop and subscription"),
        ("merchant", "location", "closing", "terms_version", "content_report"),
    ),
}

ACTORS: Mapping[str, LazyString] = {
    "system": _l("Zegel, by itself"),
    "operator": _l("Whoever runs Zegel"),
    "staff": _l("A colleague"),
    "login": _l("A colleague"),
    "device": _l("A tablet or till"),
    "member": _l("A member"),
}

FIELDS: Mapping[str, LazyString] = {
    "name": _l("Name"),
    "role": _l("Role"),
    "location_id": _l("Place"),
    "status": _l("Status"),
    "reason": _l("Reason"),
    "units": _l("Units"),
    "kind": _l("Kind"),
    "cost": _l("Cost"),
    "stock": _l("Stock"),
    "url": _l("Address"),
    "events": _l("Events"),
    "scopes": _l("May also"),
    "is_active": _l("Switched on"),
    "is_listed": _l("Listed"),
    "starts_at": _l("From"),
    "ends_at": _l("Until"),
    "owner": _l("Owner"),
    "stays_as": _l("Former owner stays as"),
    "rules": _l("Rules"),
    "position": _l("Order"),
    "texts": _l("Texts"),
    "hue": _l("Colour"),
    "opening_hours": _l("Opening hours"),
    "amount_minor": _l("Amount in cents"),
    "is_sandbox": _l("For trying out only"),
    "rule": _l("Rule"),
    "released": _l("Reserved rewards freed"),
    "missing": _l("Missing"),
    "replayed": _l("Sent again"),
    "inviter": _l("For whoever invites"),
    "invited": _l("For whoever is invited"),
    "most": _l("At most in a year"),
    "full_card_reward_id": _l("Reward of a full card"),
    "city": _l("Town"),
    "effective_from": _l("From"),
    "version": _l("Version"),
    "mode": _l("In which way"),
    "minutes": _l("Minutes at most"),
    "hours": _l("Hours"),
    "question": _l("Question"),
    "may_act": _l("Zegel may act"),
    "ended_by": _l("Ended by"),
    "plan": _l("Plan"),
    "sponsor": _l("Paid by"),
    "until": _l("Until"),
    "number": _l("Version"),
    "what": _l("What"),
}

VALUES: Mapping[str, LazyString] = {
    "owner": _l("Owner"),
    "manager": _l("Manager"),
    "cashier": _l("Cashier"),
    "tablet": _l("tablet"),
    "key": _l("key"),
    "item": _l("something to take along"),
    "amount_off": _l("an amount off"),
    "percent_off": _l("a percentage off"),
    "stamps": _l("stamps"),
    "points": _l("points"),
    "approve": _l("approve rewards"),
    "read": _l("to look only"),
    "act": _l("to act with consent"),
    "time": _l("its time"),
    "left": _l("whoever looked"),
    "consent": _l("the shop, taking back its consent"),
    "waiting": _l("waits for approval"),
    "active": _l("active"),
    "suspended": _l("paused"),
    "closed": _l("closed"),
    "terms": _l("Terms"),
    "dpa": _l("Data-processing agreement"),
    "open": _l("reported"),
    "taken_down": _l("taken down"),
    "restored": _l("shown again"),
    "dismissed": _l("set aside"),
    "logo": _l("the logo"),
    "story": _l("the text about the shop"),
    "reward": _l("a reward"),
    "picture": _l("a picture"),
}
_TOLD_IN = frozenset({"what", "role", "kind", "stays_as", "scopes", "mode", "ended_by", "status"})


def action_words(action: str) -> str:
    """What happened; a kind of event without words is named by its code."""
    found = ACTIONS.get(action)
    return str(gettext("Something changed (%(code)s)", code=action) if found is None else found)


def actor_words(kind: str, name: str | None) -> str:
    """Who did it."""
    if name is not None:
        return name
    return str(ACTORS.get(kind, ACTORS["system"]))


def field_words(name: str) -> str:
    """What a field is called."""
    found = FIELDS.get(name)
    return name.replace("_", " ") if found is None else str(found)


def value_words(value: Any) -> str:
    """A field's value on one line; what is long is cut."""
    if value is None or value == "":
        return "–"
    if isinstance(value, bool):
        return str(gettext("yes") if value else gettext("no"))
    if isinstance(value, list | tuple):
        told = ", ".join(value_words(one) for one in value) or "–"
    elif isinstance(value, Mapping):
        told = "; ".join(f"{field_words(str(key))}: {value_words(one)}" for key, one in value.items()) or "–"
    else:
        told = str(value)
    return told if len(told) <= 160 else f"{told[:159]}…"


def changes(
    before: Mapping[str, Any], after: Mapping[str, Any], subject: str | None = None
) -> list[tuple[str, str | None, str | None]]:
    """Per field that is told: its name, what it was, what it is. What a new thing is not, and the name of the
    ``subject``, which stands beside it, are left out."""
    told = []
    for name in dict.fromkeys([*before, *after]):
        if name not in before and (after[name] in (None, "", False, [], {}) or after[name] == subject):
            continue
        told.append(
            (
                field_words(name),
                _of_field(name, before[name]) if name in before else None,
                _of_field(name, after[name]) if name in after else None,
            )
        )
    return told


def _of_field(name: str, value: Any) -> str:
    if name in _TOLD_IN:
        if isinstance(value, str) and value in VALUES:
            return str(VALUES[value])
        if isinstance(value, list | tuple):
            return ", ".join(_of_field(name, one) for one in value) or "–"
    return value_words(value)
