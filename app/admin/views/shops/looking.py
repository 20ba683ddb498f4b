"""Through a shop's eyes: into its back office, to look or, with its consent, to act."""

from __future__ import annotations

from flask import redirect
from flask.typing import ResponseReturnValue

from app import messages
from app.admin.doors import door, scope
from app.admin.forms.shops import LookForm
from app.admin.views.shops.acts import known
from app.admin.views.shops.blueprint import REFUSED, blueprint, show
from app.merchants import service as merchants
from app.merchants.errors import ConsentMissingError
from app.web.looking import set_look


@door(blueprint, "/admin/shops/<merchant_id>/look", right="support", methods=("POST",))
def look(merchant_id: str) -> ResponseReturnValue:
    """Begin, and go there. It is announced in the shop's audit list, and ends by itself."""
    form = LookForm()
    if not form.validate_on_submit():
        wrong = next(str(told[0]) for told in form.errors.values() if told)
        return show(known(merchant_id), problem=wrong, status=422)
    try:
        opened = merchants.begin_looking(
            scope(), known(merchant_id), mode=form.mode.data or "read", reason=form.reason.data or ""
        )
    except ConsentMissingError as error:
        return show(merchant_id, problem=messages.sentence(error), status=REFUSED)
    response = redirect(f"/office/{opened.slug}", 303)
    set_look(response, opened.token, max(1, int((opened.expires_at - scope().now).total_seconds())))
    return response
