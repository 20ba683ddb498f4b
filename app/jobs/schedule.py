"""Which jobs there are, and when each is due (times in UTC)."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from app.campaigns import service as campaigns
from app.campaigns.service import complaining, measuring, settling
from app.jobs import (
    automating,
    billing,
    campaigning,
    importing,
    leaving,
    passing,
    refreshing,
    reporting,
    retaining,
    watching,
)
from app.jobs.context import JobContext
from app.jobs.rounds import Job, daily, every
from app.jobs.tidying import tidy
from app.ledger import anchors, checks, verifying
from app.merchants import service as merchants
from app.rewards.service import segments, shop_members, upkeep
from app.rewards.service.codes import settle_stocks
from app.rewards.service.counting import count_rewards
from app.risk.service import finding as risk
from app.scanning.service import alarms, holds, visit_claims

OUTBOX = "outbox"  # not by the clock: it runs all the time and notes so
OUTBOX_EXPECTED = timedelta(minutes=5)
_MISMATCHES_NOTED = 20


class LedgerDiffersError(Exception):
    """The nightly verification found differences; the job's note holds the first of them, and how many."""

    def __init__(self, differences: int, first: object) -> None:
        super().__init__(f"{differences} differences, among them {first}")
        self.result = {"differences": differences}


def release_holds(context: JobContext) -> dict[str, Any]:
    """Give back what holds that ran out had reserved."""
    return {"released": holds.release_run_out_holds(context.scope())}


def take_back_unclaimed(context: JobContext) -> dict[str, Any]:
    """Undo the visits that were to be claimed by phone and nobody did in time."""
    return {"visits": visit_claims.take_back_unclaimed(context.scope(), on_progress=context.go_on)}


def end_looks(context: JobContext) -> dict[str, Any]:
    """End the looks through shops' eyes whose time is over, and say so in the shops' audit lists."""
    return {"ended": merchants.end_looks_over(context.scope())}


def alarm_gaps(context: JobContext) -> dict[str, Any]:
    """Tell the operators of queues of which something never came."""
    return {"alarmed": alarms.raise_gap_alarms(context.scope())}


def find_risk(context: JobContext) -> dict[str, Any]:
    """Look for misuse in what was booked since the last time."""
    return {"cases": risk.find_cases(context.scope(), on_progress=context.go_on)}


def find_guesses(context: JobContext) -> dict[str, Any]:
    """Look for whoever guesses numbers and codes."""
    return {"cases": risk.find_guesses(context.scope())}


def expire(context: JobContext) -> dict[str, Any]:
    """Book lots and vouchers whose time is over as expired."""
    scope = context.scope()
    units = upkeep.expire_lots(scope, on_progress=context.go_on)
    return {"units": units, "vouchers": upkeep.expire_vouchers(scope)}


def tell_expiring(context: JobContext) -> dict[str, Any]:
    """Tell members of units that end within a fortnight."""
    return {"messages": campaigns.tell_expiring(context.scope(), on_progress=context.go_on)}


def mind_complaints(context: JobContext) -> dict[str, Any]:
    """Remind owners of complaints, and tell members whose time ran out without an answer."""
    url = context.settings.public_url
    return dict(complaining.mind_complaints(context.scope(), public_url=url, on_progress=context.go_on))


def mind_events(context: JobContext) -> dict[str, Any]:
    """Give free places at events to those who wait, remind of tickets, tell of what is cancelled, and count."""
    return dict(settling.mind_events(context.scope(), on_progress=context.go_on))


def measure_campaigns(context: JobContext) -> dict[str, Any]:
    """Measure campaigns against those whom the lot left out: while they run, and for good."""
    return {"campaigns": measuring.measure_due(context.scope(), on_progress=context.go_on)}


def settle_invitations(context: JobContext) -> dict[str, Any]:
    """Decide on invitations whose first visit is there and was not heard of."""
    return {"decided": campaigns.settle_waiting(context.scope(), on_progress=context.go_on)}


def begin_versions(context: JobContext) -> dict[str, Any]:
    """Note what fills a card where planned rules have come into force."""
    return {"programmes": upkeep.begin_versions(context.scope())}


def keep_catalogue(context: JobContext) -> dict[str, Any]:
    """Give the codes of vouchers that ended unopened back to their rewards, and count what was taken often."""
    scope = context.scope()
    return {
        "rewards": settle_stocks(scope),
        "counted": count_rewards(scope, only_behind=True, on_progress=context.go_on),
    }


def count_taken(context: JobContext) -> dict[str, Any]:
    """Count how often each reward was taken."""
    return {"rewards": count_rewards(context.scope(), on_progress=context.go_on)}


def count_members(context: JobContext) -> dict[str, Any]:
    """Count every shop's members anew, so that nothing which was missed by day stays wrong."""
    return {
        "members": shop_members.rebuild(context.scope(), on_progress=context.go_on),
        **importing.forget_left(context),
    }


def fill_segments(context: JobContext) -> dict[str, Any]:
    """Work out anew who is in which shop's segment."""
    return {"segments": segments.fill_segments(context.scope(), on_progress=context.go_on)}


def prune_replies(context: JobContext) -> dict[str, Any]:
    """Drop the stored bodies of answers older than 90 days."""
    return {"bodies": upkeep.prune_replies(context.scope())}


def anchor(context: JobContext) -> dict[str, Any]:
    """Write the heads of all changed accounts outside the database."""
    written = anchors.write(context.scope(), anchors.folder_of(context.settings.var, context.settings.database_url))
    return {"heads": written.heads, "file": written.path.name, "digest": written.digest}


def verify_ledger(context: JobContext) -> dict[str, Any]:
    """Recompute every balance, lot and seal, and keep what was found. Raises :class:`LedgerDiffersError`."""
    scope = context.scope()
    started_at = scope.now
    heads = anchors.read_heads(
        anchors.folder_of(context.settings.var, context.settings.database_url), scope.keys.ledger
    )
    found = verifying.verify(scope, anchored=heads, on_progress=context.go_on)
    checks.note_check(scope, started_at, found)
    if found.mismatches:
        first = found.mismatches[:_MISMATCHES_NOTED]
        raise LedgerDiffersError(len(found.mismatches), first)
    return {"transactions": found.transactions, "accounts": found.accounts}


_HOUR = timedelta(hours=1)
_DAY = timedelta(days=1)
JOBS: tuple[Job, ...] = (
    Job("release-holds", every(1), release_holds, longest=_HOUR / 6, expected=_HOUR / 6),
    Job("begin-versions", every(1), begin_versions, longest=_HOUR / 6, expected=_HOUR / 6),
    Job("refresh-passes", every(1), passing.refresh, longest=_HOUR / 6, expected=_HOUR / 6),
    Job("end-looks", every(1), end_looks, longest=_HOUR / 6, expected=_HOUR / 6),
    Job("risk-guesses", every(1), find_guesses, longest=_HOUR / 6, expected=_HOUR / 6),
    Job("risk", every(15), find_risk, longest=2 * _HOUR, expected=_HOUR),
    Job("alarm-gaps", every(5), alarm_gaps, longest=_HOUR / 6, expected=_HOUR / 2),
    Job("roll-up", every(1), reporting.roll_up, longest=2 * _HOUR, expected=_HOUR / 2),
    # Before the hour's end of units: what would end while a shop is shut ends later.
    Job("extend-closings", every(30), reporting.extend_closings, longest=2 * _HOUR, expected=3 * _HOUR),
    Job("billing", every(5), billing.settle, longest=_HOUR / 2, expected=_HOUR / 2),
    Job("billing-compare", daily(3, 20), billing.compare, longest=4 * _HOUR, expected=_DAY + 4 * _HOUR),
    Job("leaving", every(30), leaving.advance, longest=4 * _HOUR, expected=3 * _HOUR),
    # Hourly, since a day ends at midnight of each programme's own zone.
    Job("expire", every(60), expire, longest=2 * _HOUR, expected=3 * _HOUR),
    Job("keep-catalogue", every(60), keep_catalogue, longest=2 * _HOUR, expected=3 * _HOUR),
    Job("count-taken", daily(2, 40), count_taken, longest=6 * _HOUR, expected=2 * _DAY),
    Job("fill-segments", every(10), fill_segments, longest=_HOUR, expected=2 * _HOUR),
    Job("count-members", daily(3, 10), count_members, longest=6 * _HOUR, expected=_DAY + 6 * _HOUR),
    # After the counts of the night, which it reads, and before the morning.
    Job("refresh-values", daily(3, 40), refreshing.refresh, longest=6 * _HOUR, expected=_DAY + 6 * _HOUR),
    Job("unclaimed-visits", daily(1, 20), take_back_unclaimed, longest=2 * _HOUR, expected=_DAY + 2 * _HOUR),
    Job("prune-replies", daily(1, 40), prune_replies, longest=2 * _HOUR, expected=_DAY + 2 * _HOUR),
    Job("tidy", daily(1, 50), tidy, longest=2 * _HOUR, expected=_DAY + 2 * _HOUR),
    # In the morning of the second; a day that was missed is made up for.
    Job("month-reports", daily(6, 0), reporting.send_month_reports, longest=2 * _HOUR, expected=_DAY + 2 * _HOUR),
    Job("count-by-night", daily(3, 10), reporting.count_by_night, longest=4 * _HOUR, expected=_DAY + 4 * _HOUR),
    Job("count-patterns", daily(4, 30), reporting.count_patterns, longest=4 * _HOUR, expected=_DAY + 4 * _HOUR),
    # By night too, though it makes something once a quarter: a day that was missed is made up for.
    Job("crossing-totals", daily(5, 0), reporting.make_crossing_totals, longest=4 * _HOUR, expected=_DAY + 4 * _HOUR),
    Job("settle-invitations", daily(1, 30), settle_invitations, longest=2 * _HOUR, expected=_DAY + 2 * _HOUR),
    Job("measure-campaigns", daily(5, 10), measure_campaigns, longest=2 * _HOUR, expected=_DAY + 2 * _HOUR),
    Job("automations", every(10), automating.run, longest=2 * _HOUR, expected=_HOUR),
    # In the morning: nobody wants a phone to buzz at night.
    Job("tell-expiring", daily(8, 0), tell_expiring, longest=2 * _HOUR, expected=_DAY + 2 * _HOUR),
    # After the books were verified, and before the morning's mails.
    Job("retention", daily(4, 10), retaining.keep, longest=4 * _HOUR, expected=_DAY + 4 * _HOUR),
    Job("campaigns", every(1), campaigning.send, longest=2 * _HOUR, expected=_HOUR),
    Job("complaints", every(5), mind_complaints, longest=_HOUR / 2, expected=_HOUR),
    Job("events", every(5), mind_events, longest=_HOUR / 2, expected=_HOUR),
    Job("watch", every(5), watching.look, longest=_HOUR / 2, expected=_HOUR / 2),
    Job("watch-by-night", daily(4, 0), watching.count_by_night, longest=4 * _HOUR, expected=_DAY + 4 * _HOUR),
    Job("measure-database", daily(4, 20), watching.measure, longest=2 * _HOUR, expected=_DAY + 2 * _HOUR),
    Job("anchor-ledger", daily(2, 0), anchor, longest=2 * _HOUR, expected=_DAY + 2 * _HOUR),
    Job("verify-ledger", daily(2, 30), verify_ledger, longest=12 * _HOUR, expected=_DAY + 12 * _HOUR),
)
