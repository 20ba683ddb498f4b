"""Pictures in answers."""

from __future__ import annotations

from marshmallow import Schema, fields


class PictureAnswer(Schema):
    """Where a reward's picture is: WebP, at most 400 and 1280 pixels a side. An address always leads to the same."""

    small = fields.String(required=True, metadata={"example": "/pictures/0192…-small.webp"})
    large = fields.String(required=True, metadata={"example": "/pictures/0192…-large.webp"})
