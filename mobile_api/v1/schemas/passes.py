"""Shapes of what phones ask about their passes. Apple has set them, so unknown fields are let pass."""

from __future__ import annotations

from marshmallow import EXCLUDE, Schema, fields, validate

from mobile_api.fields import Shape

LONGEST_LOG = 100  # lines


class AppleShape(Schema):
    """Base of what Apple's phones send."""

    class Meta:
        unknown = EXCLUDE


class RegistrationBody(AppleShape):
    """Where the device is reached."""

    push_token = fields.String(data_key="pushToken", required=True, validate=validate.Length(min=1, max=200))


class UpdatedQuery(Shape):
    """Since when."""

    passes_updated_since = fields.String(data_key="passesUpdatedSince", validate=validate.Length(max=64))


class UpdatedAnswer(Schema):
    """Which passes changed, and the mark from which to ask the next time."""

    serial_numbers = fields.List(fields.String(), data_key="serialNumbers", required=True)
    last_updated = fields.String(data_key="lastUpdated", required=True)


class LogBody(AppleShape):
    """What went wrong on the phone."""

    logs = fields.List(fields.String(), required=True, validate=validate.Length(max=LONGEST_LOG))
