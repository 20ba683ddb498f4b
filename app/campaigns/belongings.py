"""What this domain keeps of a member, when she merges, leaves, or takes her record with her."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import delete, insert, null, select, update

from app.campaigns import attending
from app.campaigns.models import (
    AcceptedInvitation,
    CampaignMember,
    ClubMember,
    Complaint,
    Contact,
    EventPlace,
    ExpiryNotice,
    Feedback,
    FeedbackQuestion,
    Idea,
    IdeaVote,
    Invitation,
    InvitationCode,
    LocationFeedback,
    MemberMessage,
    MessageSetting,
    PushEndpoint,
    PushSubscription,
)
from app.campaigns.sealed import ANSWER, SUBSCRIPTION, WORDS, Reader, seal
from app.common.database import Transaction
from app.common.scope import Scope

Rows = list[dict[str, Any]]
_LEFT_OUT = {
    "member_id",
    "source",
    "params",
    "inviter_id",
    "words",
    "answer",
    "answered_by",
    "closed_by",
    "decided_by",
    "sealed",
    "arm",
    "stratum",
    "pass_hash",
    "queue_id",
}


def hand_over(
    tx: Transaction, scope: Scope, *, giver: str, taker: str, accounts: Mapping[str, str]
) -> dict[str, list[str]]:
    """Everything becomes the taker's, in the caller's transaction and before the giver's key is destroyed: what was
    sealed with that is sealed anew. ``accounts`` maps the giver's accounts to the taker's.

    Where both have said the same kind of thing, the taker's word stands. Returns what :func:`hand_back` must know.
    """
    # Of what both were told by the same cause the taker keeps hers. A campaign's lot stays with whom it was drawn for.
    messages = _put_missing(tx, MemberMessage, ("source",), _take(tx, MemberMessage, giver), taker)
    theirs = _take(tx, Contact, giver)
    contacts = _put_missing(tx, Contact, ("source", "way"), theirs, taker)
    _keep_later(tx, theirs, taker)
    feedback = _reseal(tx, scope, giver, taker, _take(tx, Feedback, giver))
    _put(tx, Feedback, feedback)
    feedback_ids = [row["id"] for row in feedback]
    tx.session.execute(
        update(LocationFeedback)
        .where(
            LocationFeedback.location_id.in_({row["location_id"] for row in feedback}),
            LocationFeedback.feedback_id.in_(feedback_ids),
        )
        .values(member_id=taker)
    )
    _put(tx, Complaint, [{**row, "member_id": taker} for row in _take(tx, Complaint, giver)])
    ideas = [row["id"] for row in _rows(tx, Idea, [giver])]
    tx.session.execute(update(Idea).where(Idea.member_id == giver).values(member_id=taker))
    # Of what both wanted one vote stays.
    votes = _put_missing(tx, IdeaVote, ("idea_id",), _take(tx, IdeaVote, giver), taker)
    for model, columns in (
        (MessageSetting, ("kind", "channel")),
        (FeedbackQuestion, ("location_id", "quarter")),
        (AcceptedInvitation, ("merchant_id",)),
    ):
        _put_missing(tx, model, columns, _take(tx, model, giver), taker)
    notices = [
        {**row, "account_id": accounts[row["account_id"]]}
        for row in _take(tx, ExpiryNotice, giver)
        if row["account_id"] in accounts
    ]
    _put_missing(tx, ExpiryNotice, ("account_id", "expires_at"), notices, taker)
    _hand_over_invitations(tx, giver, taker)
    _hand_over_browsers(tx, scope, giver, taker)
    return {
        "messages": [row["id"] for row in messages],
        "contacts": [row["id"] for row in contacts],
        "feedback": feedback_ids,
        "ideas": ideas,
        "votes": [row["idea_id"] for row in votes],
        **attending.hand_over(tx, giver, taker),
    }


def hand_back(tx: Transaction, scope: Scope, lent: Mapping[str, Sequence[str]], *, giver: str, taker: str) -> None:
    """Give back the messages, contacts and feedback that came by a merge. What was set, asked and invited since stays
    with who set it: her browsers and her links go on working."""
    for model, kind in ((MemberMessage, "messages"), (Contact, "contacts")):
        rows = _take(tx, model, giver, lent.get(kind, ()))
        _put(tx, model, [{**row, "member_id": taker} for row in rows])
    feedback = _reseal(tx, scope, giver, taker, _take(tx, Feedback, giver, lent.get("feedback", ())))
    _put(tx, Feedback, feedback)
    tx.session.execute(
        update(LocationFeedback)
        .where(
            LocationFeedback.location_id.in_({row["location_id"] for row in feedback}),
            LocationFeedback.feedback_id.in_([row["id"] for row in feedback]),
        )
        .values(member_id=taker)
    )
    complaints = _take(tx, Complaint, giver, [row["id"] for row in feedback])
    _put(tx, Complaint, [{**row, "member_id": taker} for row in complaints])
    attending.hand_back(tx, lent, giver=giver, taker=taker)
    ideas = lent.get("ideas", ())
    tx.session.execute(update(Idea).where(Idea.member_id == giver, Idea.id.in_(ideas)).values(member_id=taker))
    lent_votes = set(lent.get("votes", ()))
    votes = _take(tx, IdeaVote, giver)
    _put(tx, IdeaVote, [{**row, "member_id": taker if row["idea_id"] in lent_votes else giver} for row in votes])


def erase(tx: Transaction, member_ids: Sequence[str]) -> None:
    """Destroy what is a person's, in the caller's transaction. A shop keeps the scores it was given, without a word."""
    tx.session.execute(
        update(Feedback).where(Feedback.member_id.in_(member_ids)).values(words=None, answer=None, answered_by=None)
    )
    # Who was left out of a campaign by lot counts in its totals for ever; what was known of her goes.
    tx.session.execute(
        update(CampaignMember).where(CampaignMember.member_id.in_(member_ids)).values(facts=null(), score=None)
    )
    attending.erase(tx, member_ids)
    # What others voted for stays, as nobody's; what nobody has seen goes.
    waiting = Idea.status.in_(("proposed", "refused"))
    tx.session.execute(delete(IdeaVote).where(IdeaVote.member_id.in_(member_ids)))
    tx.session.execute(delete(Idea).where(Idea.member_id.in_(member_ids), waiting))
    tx.session.execute(update(Idea).where(Idea.member_id.in_(member_ids)).values(member_id=None))
    for model in (
        Complaint,
        MemberMessage,
        Contact,
        MessageSetting,
        PushSubscription,
        PushEndpoint,
        ExpiryNotice,
        Invitation,
        InvitationCode,
        AcceptedInvitation,
        FeedbackQuestion,
    ):
        tx.session.execute(delete(model).where(model.member_id.in_(member_ids)))


def record_of(tx: Transaction, scope: Scope, member_ids: Sequence[str]) -> dict[str, Rows]:
    """A member's whole record of this domain, for taking away: what was sealed in clear, nothing of other people."""
    reader = Reader(tx, scope)
    record: dict[str, Rows] = {}
    for name, model in (
        ("messages", MemberMessage),
        ("message_settings", MessageSetting),
        ("contacts", Contact),
        ("campaigns", CampaignMember),
        ("push_subscriptions", PushSubscription),
        ("invitations", Invitation),
        ("accepted_invitations", AcceptedInvitation),
        ("feedback_questions", FeedbackQuestion),
        ("feedback", Feedback),
        ("complaints", Complaint),
        ("ideas", Idea),
        ("idea_votes", IdeaVote),
        ("clubs", ClubMember),
        ("event_places", EventPlace),
    ):
        told: Rows = []
        for row in _rows(tx, model, member_ids):
            shown = {key: _told(value) for key, value in row.items() if key not in _LEFT_OUT}
            if model is MemberMessage:
                shown["facts"] = row["params"]
            if model is CampaignMember:
                shown = {"was_left_out": row["arm"] == "control"} | shown
            if model is Feedback:
                shown["text"] = reader.open(row["member_id"], WORDS, row["id"], row["words"])
                shown["answer"] = reader.open(row["member_id"], ANSWER, row["id"], row["answer"])
            if model is Idea:
                shown["text"], shown["answer"] = row["words"], row["answer"]
            if model is PushSubscription:
                shown["subscription"] = reader.open(row["member_id"], SUBSCRIPTION, row["id"], row["sealed"])
            told.append(shown)
        record[name] = told
    return record


def _keep_later(tx: Transaction, theirs: Rows, taker: str) -> None:
    """What both heard counts against the caps from when the later of them heard it."""
    for row in theirs:
        tx.session.execute(
            update(Contact)
            .where(Contact.member_id == taker, Contact.source == row["source"], Contact.way == row["way"])
            .where(Contact.at < row["at"])
            .values(at=row["at"])
        )


def _hand_over_invitations(tx: Transaction, giver: str, taker: str) -> None:
    mine = {row["merchant_id"]: row for row in _rows(tx, Invitation, [taker])}
    for row in _take(tx, Invitation, giver):
        known = mine.get(row["merchant_id"])
        if known is None:
            _put(tx, Invitation, [{**row, "member_id": taker}])
            continue
        year = max(known["capped_year"], row["capped_year"])
        capped = sum(each["capped_count"] for each in (known, row) if each["capped_year"] == year)
        tx.session.execute(
            update(Invitation)
            .where(Invitation.member_id == taker, Invitation.merchant_id == row["merchant_id"])
            .values(
                invited=known["invited"] + row["invited"],
                rewarded=known["rewarded"] + row["rewarded"],
                capped_year=year,
                capped_count=capped,
            )
        )
    # The other's links go on working: they lead to the taker's invitation.
    tx.session.execute(update(InvitationCode).where(InvitationCode.member_id == giver).values(member_id=taker))


def _hand_over_browsers(tx: Transaction, scope: Scope, giver: str, taker: str) -> None:
    reader = Reader(tx, scope)
    for row in _take(tx, PushSubscription, giver):
        content = reader.open(giver, SUBSCRIPTION, row["id"], row["sealed"])
        if content is not None:
            sealed = seal(tx, scope, taker, SUBSCRIPTION, row["id"], content)
            _put(tx, PushSubscription, [{**row, "member_id": taker, "sealed": sealed}])
    tx.session.execute(update(PushEndpoint).where(PushEndpoint.member_id == giver).values(member_id=taker))


def _reseal(tx: Transaction, scope: Scope, giver: str, taker: str, rows: Rows) -> Rows:
    reader = Reader(tx, scope)
    made = []
    for row in rows:
        new = {**row, "member_id": taker}
        for column, field in (("words", WORDS), ("answer", ANSWER)):
            said = reader.open(giver, field, row["id"], row[column])
            new[column] = None if said is None else seal(tx, scope, taker, field, row["id"], said)
        made.append(new)
    return made


def _rows(tx: Transaction, model: Any, member_ids: Sequence[str], ids: Sequence[str] | None = None) -> Rows:
    table = model.__table__
    wanted = select(table).where(table.c.member_id.in_(member_ids)).order_by(*table.primary_key.columns)
    if ids is not None:
        wanted = wanted.where(table.c.id.in_(list(ids)))
    return [dict(row) for row in tx.session.execute(wanted).mappings()]


def _take(tx: Transaction, model: Any, member_id: str, ids: Sequence[str] | None = None) -> Rows:
    """Rows begin with their member, so they are made again under another, and not changed."""
    rows = _rows(tx, model, [member_id], ids)
    gone = delete(model).where(model.member_id == member_id)
    tx.session.execute(gone if ids is None else gone.where(model.id.in_(list(ids))))
    return rows


def _put(tx: Transaction, model: Any, rows: Rows) -> None:
    if rows:
        tx.session.execute(insert(model.__table__), rows)


def _put_missing(tx: Transaction, model: Any, columns: Sequence[str], rows: Rows, taker: str) -> Rows:
    known = {tuple(row[column] for column in columns) for row in _rows(tx, model, [taker])} if rows else set()
    fresh = {}
    for row in rows:
        key = tuple(row[column] for column in columns)
        if key not in known:
            fresh[key] = {**row, "member_id": taker}
    _put(tx, model, list(fresh.values()))
    return list(fresh.values())


def _told(value: Any) -> Any:
    return value.isoformat().replace("+00:00", "Z") if isinstance(value, datetime) else value
