"""Shapes of invitations and feedback."""

from __future__ import annotations

from marshmallow import Schema, fields

from mobile_api.fields import Count, Identifier, Instant, Shape, Text, Whole
from mobile_api.pagination import LONGEST_CURSOR, MOST, USUAL
from mobile_api.v1.schemas.messages import MessageMerchantAnswer

LONGEST_WORDS = 1000


class GivesAnswer(Schema):
    """The gifts, in units of the merchant's programme. `kind` is `stamps` or `points`, `unit` its own word for one."""

    inviter = fields.Integer(required=True)
    invited = fields.Integer(required=True)
    unit = fields.String(required=True)
    kind = fields.String(required=True)


class InvitationAnswer(Schema):
    """My invitation to one merchant, and what came of it."""

    merchant = fields.Nested(MessageMerchantAnswer, required=True)
    url = fields.String(required=True)
    gives = fields.Nested(GivesAnswer, required=True)
    invited = fields.Integer(required=True)
    rewarded = fields.Integer(required=True)


class InvitationsAnswer(Schema):
    """My invitations, by merchant's name."""

    items = fields.List(fields.Nested(InvitationAnswer), required=True)
    next = fields.String(required=True, allow_none=True)


class OpenInvitationAnswer(Schema):
    """An invitation as whoever has its link sees it. The inviter is named if she shows her name to shops."""

    merchant = fields.Nested(MessageMerchantAnswer, required=True)
    inviter_name = fields.String(required=True, allow_none=True)
    gives = fields.Nested(GivesAnswer, required=True)


class AcceptBody(Shape):
    """The code of an invitation: what follows `/I/` in its link."""

    code = Text(64, required=True)


class AcceptedAnswer(OpenInvitationAnswer):
    """An invitation that was accepted: the gifts come with the first visit."""

    status = fields.String(required=True, metadata={"description": "`waiting`, `rewarded` or `refused`"})


class FeedbackBody(Shape):
    """A score from 0 (bad) to 10 (good), and words if wanted. A score of 6 or less with words is a complaint, and so
    is any other with words that is marked as one."""

    visit_id = Identifier(required=True)
    score = Whole(0, 10, required=True)
    text = Text(LONGEST_WORDS, allow_none=True, load_default=None)
    is_complaint = fields.Boolean(load_default=False)


class ComplaintAnswer(Schema):
    """A complaint: by when the shop answers, and what came of it. `offer` names the reward that the shop offers to
    make good, until it is taken."""

    due_at = Instant(required=True)
    is_answered = fields.Boolean(required=True)
    is_overdue = fields.Boolean(required=True)
    is_solved = fields.Boolean(required=True, allow_none=True)
    is_closed = fields.Boolean(required=True)
    offer = fields.String(required=True, allow_none=True)


class OutcomeBody(Shape):
    """Whether the shop's answer solved it."""

    is_solved = fields.Boolean(required=True)


class OfferAnswer(Schema):
    """The voucher that makes good."""

    voucher_id = Identifier(required=True)


class FeedbackAnswer(Schema):
    """A question about a visit (no `feedback_id` yet), or what was said of it and what the shop answered."""

    feedback_id = Identifier(required=True, allow_none=True)
    visit_id = Identifier(required=True)
    merchant = fields.Nested(MessageMerchantAnswer, required=True)
    location_name = fields.String(required=True)
    occurred_at = Instant(required=True)
    score = fields.Integer(required=True, allow_none=True)
    text = fields.String(required=True, allow_none=True)
    answer = fields.String(required=True, allow_none=True)
    answered_at = Instant(required=True, allow_none=True)
    complaint = fields.Nested(ComplaintAnswer, required=True, allow_none=True)


class FeedbacksAnswer(Schema):
    """Open questions first, then what was said, the newest first."""

    items = fields.List(fields.Nested(FeedbackAnswer), required=True)
    next = fields.String(required=True, allow_none=True)


class FeedbackQuery(Shape):
    """Which page of a shop's feedback."""

    limit = Count(1, MOST, load_default=USUAL)
    cursor = Text(LONGEST_CURSOR)


class ShopFeedbackAnswer(Schema):
    """What somebody said of a visit here. Who it was is not told."""

    feedback_id = Identifier(required=True)
    occurred_at = Instant(required=True)
    given_at = Instant(required=True)
    score = fields.Integer(required=True)
    text = fields.String(required=True, allow_none=True)
    answer = fields.String(required=True, allow_none=True)
    answered_at = Instant(required=True, allow_none=True)


class ShopFeedbacksAnswer(Schema):
    """This shop's feedback, the newest first."""

    items = fields.List(fields.Nested(ShopFeedbackAnswer), required=True)
    next = fields.String(required=True, allow_none=True)


class ReplyBody(Shape):
    """The shop's answer to whoever said it."""

    text = Text(LONGEST_WORDS, required=True)


class ConsentWordAnswer(Schema):
    """One word that was given or withdrawn, with the words that were shown."""

    consent_id = Identifier(required=True)
    merchant_id = Identifier(required=True)
    merchant_name = fields.String(required=True)
    channel = fields.String(required=True)
    is_given = fields.Boolean(required=True)
    how = fields.String(required=True)
    wording = fields.String(required=True)
    occurred_at = Instant(required=True)


class ConsentLogAnswer(Schema):
    """Every word, the newest first."""

    items = fields.List(fields.Nested(ConsentWordAnswer), required=True)
    next = fields.String(required=True, allow_none=True)
