"""More of the audit list in words: what shops do about relationships, campaigns and automations."""

from __future__ import annotations

from collections.abc import Mapping

from flask_babel import LazyString
from flask_babel import lazy_gettext as _l

FURTHER: Mapping[str, LazyString] = {
    "automation.changed": _l("Automation changed"),
    "automation.started": _l("Automation turned on"),
    "automation.stopped": _l("Automation stopped"),
    "service_levels.changed": _l("Service levels chosen"),
    "crossing.agreed": _l("Totals with neighbouring shops agreed to"),
    "crossing.withdrawn": _l("Totals with neighbouring shops withdrawn from"),
    "campaign.created": _l("Campaign written"),
    "campaign.changed": _l("Campaign changed"),
    "campaign.scheduled": _l("Campaign planned"),
    "campaign.taken_back": _l("Campaign taken back to the drafts"),
    "campaign.stopped": _l("Campaign stopped"),
    "campaign.dropped": _l("Draft of a campaign thrown away"),
    "contact.set": _l("How often and when members are written to changed"),
    "segment.created": _l("Group of members saved"),
    "segment.changed": _l("Group of members changed"),
    "segment.dropped": _l("Group of members deleted"),
    "relations.changed": _l("Lines, names or margin of the relationships changed"),
    "card.unblocked": _l("Card unblocked"),
    "feedback.set": _l("Time to answer complaints, or ideas, changed"),
    "complaint.closed": _l("Complaint closed"),
    "recall.written": _l("Notice to buyers written"),
    "recall.dropped": _l("Draft of a notice thrown away"),
    "recall.sent": _l("Notice to buyers sent"),
    "idea.decided": _l("Idea of a member answered"),
    "club.set": _l("Club changed"),
    "event.written": _l("Event written"),
    "event.opened": _l("Event opened for booking"),
    "event.cancelled": _l("Event cancelled"),
    "event.dropped": _l("Draft of an event thrown away"),
    "ticket.passed_on": _l("Ticket passed on by its holder"),
    "idea.merged": _l("Two ideas put together"),
    "month_report.wanted": _l("Month report by mail switched on"),
    "month_report.unwanted": _l("Month report by mail switched off"),
}
