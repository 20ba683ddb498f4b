"""Keys by which a shop's own tills speak to Zegel."""

from __future__ import annotations

from flask.typing import ResponseReturnValue

from app.backoffice.doors import door, scope
from app.backoffice.forms.problems import mark
from app.backoffice.forms.team import KeyForm
from app.backoffice.pages import page
from app.backoffice.views.team.blueprint import blueprint, public_url
from app.cards.numbers import format_number
from app.common.errors import DomainError
from app.merchants import service as merchants
from app.merchants.queries.team import list_equipment, list_location_names
from app.rewards.sandbox import create_sandbox_key


@door(
    blueprint,
    "/office/<slug>/team/keys",
    least="owner",
    methods=("GET", "POST"),
    is_fresh=True,
    needs_second=True,
)
def list_keys() -> ResponseReturnValue:
    """The keys there are, and a new one: told this once."""
    form = KeyForm()
    form.offer(list_location_names(scope()))
    token, cards = None, []
    if form.validate_on_submit():
        scopes = ["approve"] if form.approves.data else []
        try:
            if form.is_sandbox.data:
                made = create_sandbox_key(scope(), form.location.data, name=form.name.data or "", scopes=scopes)
                token, cards = made.key.token, [format_number(card.number) for card in made.cards]
            else:
                token = merchants.create_key(
                    scope(), form.location.data, name=form.name.data or "", scopes=scopes
                ).token
        except DomainError as error:
            mark(form, error)
    told = {"here": "team", "keys": list_equipment(scope(), "key"), "token": token, "cards": cards}
    return page(
        "backoffice/team/keys.html",
        form=KeyForm(formdata=None) if token else form,
        places=list_location_names(scope()),
        public_url=public_url(),
        status=422 if form.errors else 200,
        **told,  # type: ignore[arg-type]
    )
