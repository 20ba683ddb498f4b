"""Who may open the pages of `subscription`."""

DOORS: dict[str, str] = {
    "subscription.show_subscription": "owner",
    "subscription.start": "owner",
    "subscription.come_back": "owner",
    "subscription.portal": "owner",
    "subscription.change": "owner",
    "subscription.cancel": "owner",
    "subscription.resume": "owner",
    "subscription.details": "owner",
    "subscription.electronic": "owner",
    "subscription.leave": "owner",
    "subscription.announce": "owner",
    "subscription.call_off": "owner",
    "subscription.statement": "owner",
    "subscription.export": "owner",
}
