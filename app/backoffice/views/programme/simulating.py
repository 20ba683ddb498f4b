"""What the draft would have given in the last ninety days: asked for, watched, called off, and read."""

from __future__ import annotations

from typing import Any

from flask import flash, redirect
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from app import messages
from app.backoffice import sentences
from app.backoffice.doors import door, scope
from app.backoffice.pages import page, part
from app.backoffice.queries.programmes import name_members
from app.backoffice.views.programme.board import (
    address,
    blueprint,
    programme_of,
    rules_in,
    whole_business,
)
from app.backoffice.views.programme.figures import findings
from app.common.errors import DomainError, NotFoundError
from app.rewards.queries.drafts import SimulationView, get_draft, get_simulation
from app.rewards.service.simulations import ask_simulation, cancel_simulation
from app.web.going import wants_part


@door(blueprint, "/office/<slug>/programmes/<programme_id>/simulate", least="manager", methods=("POST",))
def simulate(programme_id: str) -> ResponseReturnValue:
    """Run the draft, or the rules that hold, over the last ninety days."""
    whole_business()
    view = programme_of(programme_id)
    draft = get_draft(scope(), programme_id)
    rules = view.rules if draft is None else draft.rules
    run = ask_simulation(scope(), programme_id, rules, revision=None if draft is None else draft.revision)
    return redirect(address("show_simulation", programme_id=programme_id, simulation_id=run), 303)


@door(blueprint, "/office/<slug>/programmes/<programme_id>/simulations/<simulation_id>", least="manager")
def show_simulation(programme_id: str, simulation_id: str) -> ResponseReturnValue:
    """How far a run is; once it is done, what it found."""
    whole_business()
    view = programme_of(programme_id)
    run = _run(programme_id, simulation_id)
    told: dict[str, Any] = {"view": view, "run": run, "state": _state(run)}
    if run.result is not None:
        draft = get_draft(scope(), programme_id)
        told |= {
            "found": findings(run.result),
            "is_current": run.rules == (view.rules if draft is None else draft.rules),
            "changes": sentences.differences(rules_in(view), rules_in(view, run.rules)),
            "topic_name": sentences.topic_name,
        }
    if wants_part():
        return part("backoffice/programme/run.html", **told)
    return page("backoffice/programme/simulation.html", here="programme", **told)


@door(blueprint, "/office/<slug>/programmes/<programme_id>/simulations/<simulation_id>/members/<side>", least="manager")
def show_affected(programme_id: str, simulation_id: str, side: str) -> ResponseReturnValue:
    """Who would have gained the most, or lost the most."""
    whole_business()
    view = programme_of(programme_id)
    run = _run(programme_id, simulation_id)
    if side not in ("gain", "lose") or run.result is None:
        raise NotFoundError
    found = findings(run.result)
    rows = run.result["most" if side == "gain" else "least"]
    names = name_members(scope(), [row[0] for row in rows])
    return page(
        "backoffice/programme/affected.html",
        here="programme",
        view=view,
        run=run,
        side=side,
        found=found,
        rows=[
            (names.get(member_id, "?"), sentences.whole(old), sentences.whole(new), found.change(change, side))
            for member_id, old, new, change in rows
        ],
    )


@door(
    blueprint,
    "/office/<slug>/programmes/<programme_id>/simulations/<simulation_id>/cancel",
    least="manager",
    methods=("POST",),
)
def call_off(programme_id: str, simulation_id: str) -> ResponseReturnValue:
    """Call a run off."""
    whole_business()
    programme_of(programme_id)
    try:
        cancel_simulation(scope(), _run(programme_id, simulation_id).simulation_id)
    except NotFoundError:
        raise
    except DomainError as error:
        flash(messages.sentence(error), "wait")
        return redirect(address("show_simulation", programme_id=programme_id, simulation_id=simulation_id), 303)
    flash(gettext("Called off. Nothing was changed."), "good")
    return redirect(address("design", programme_id=programme_id), 303)


def _run(programme_id: str, simulation_id: str) -> SimulationView:
    run = get_simulation(scope(), simulation_id)
    if run.programme_id != programme_id:
        raise NotFoundError
    return run


def _state(run: SimulationView) -> str:
    told: dict[str, str] = {
        "waiting": gettext("It begins in a moment."),
        "running": gettext("It goes through your visits."),
        "done": gettext("It is done."),
        "failed": gettext("It went wrong on our side, and we have noted it. Start it again."),
        "cancelled": gettext("It was called off."),
        "ended": gettext("It was broken off because the service was started anew. Start it again."),
    }
    return told[run.status]
