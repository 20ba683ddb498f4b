"""Shapes of ideas."""

from __future__ import annotations

from marshmallow import Schema, fields

from mobile_api.fields import Identifier, Instant, Shape, Text


class IdeaAnswer(Schema):
    """An idea. Whose it is is not told, but to its own member."""

    idea_id = Identifier(required=True)
    text = fields.String(required=True)
    status = fields.String(required=True)
    votes = fields.Integer(required=True)
    answer = fields.String(required=True, allow_none=True)
    created_at = Instant(required=True)
    is_mine = fields.Boolean(required=True)
    is_voted = fields.Boolean(required=True)


class IdeasAnswer(Schema):
    """A shop's ideas, the most wanted first. `is_on` false: this shop asks for none."""

    is_on = fields.Boolean(required=True)
    items = fields.List(fields.Nested(IdeaAnswer), required=True)


class IdeaBody(Shape):
    """What a member would like."""

    text = Text(300, required=True)


class IdeaMadeAnswer(Schema):
    """The idea that was made."""

    idea_id = Identifier(required=True)
