"""Where Stripe says that something happened."""

from __future__ import annotations

from flask import Blueprint, Flask, abort, request
from flask.typing import ResponseReturnValue

from app.billing import service as billing
from app.billing.errors import SignatureRefusedError
from app.billing.stripe_gateway import LONGEST_EVENT, gateway
from app.extensions import platform

PATH = "/billing/stripe"
blueprint = Blueprint("billing", __name__)


@blueprint.post(PATH)
def stripe_event() -> ResponseReturnValue:
    """Take an event and answer at once; what follows from it is done by the jobs. No cookie, no form's token: the
    signature on the bytes is the proof."""
    here = gateway(platform().settings.stripe)
    if here is None or not here.webhook_secrets:
        abort(404)
    if (request.content_length or 0) > LONGEST_EVENT:
        abort(413)
    try:
        billing.receive_event(platform().scope(), here, request.get_data(), request.headers.get("Stripe-Signature"))
    except SignatureRefusedError:
        return "", 400
    return "", 200


def init_app(flask_app: Flask) -> None:
    """Put the address on an application."""
    flask_app.register_blueprint(blueprint)
