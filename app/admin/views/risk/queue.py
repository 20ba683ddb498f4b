"""The queue and a case."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from flask import request
from flask.typing import ResponseReturnValue

from app.admin.doors import door, scope
from app.admin.pages import page
from app.admin.views.risk import words
from app.admin.views.risk.blueprint import AREA, blueprint
from app.admin.views.risk.drawing import evidence
from app.risk.queries.cases import cards_of, get_case, list_cases, records
from app.risk.rules import RULES
from app.risk.service.deciding import acts_for


@dataclass(frozen=True, slots=True)
class Row:
    """A row of evidence. ``path`` leads to its booking, ``tail`` to whose card it is."""

    at: datetime
    member_id: str
    tail: str | None
    transaction_id: str
    place: str


@door(blueprint, "/admin/risk", right="risk", endpoint="list_cases")
def show_queue() -> ResponseReturnValue:
    """What waits for a decision, or what was decided."""
    rule = request.args.get("rule")
    is_decided = request.args.get("decided") is not None
    here = scope()
    found = list_cases(here, rule=rule if rule in RULES else None, is_decided=is_decided)
    return page(
        "admin/risk/queue.html",
        here=AREA,
        cases=found,
        told=records(here),
        rule=rule if rule in RULES else None,
        is_decided=is_decided,
        now=here.now,
        words=words,
        evidence=evidence,
    )


@door(blueprint, "/admin/risk/cases/<case_id>", right="risk")
def show_case(case_id: str) -> ResponseReturnValue:
    """A case with its evidence and what can be decided."""
    here = scope()
    view = get_case(here, case_id)
    told = view.case.evidence
    tails = cards_of(here, told.get("members", ()))
    rows = [
        Row(datetime.fromisoformat(at), member_id, tails.get(member_id), transaction_id, view.places.get(place, ""))
        for at, member_id, transaction_id, place in told.get("rows", ())
    ]
    waiting = [one.case.id for one in list_cases(here)]
    at = waiting.index(case_id) if case_id in waiting else None
    return page(
        "admin/risk/case.html",
        here=AREA,
        view=view,
        case=view.case,
        rows=rows,
        acts=acts_for(view.case),
        record=records(here).by_rule[view.case.rule],
        before=waiting[at - 1] if at else None,
        after=waiting[at + 1] if at is not None and at + 1 < len(waiting) else None,
        now=here.now,
        words=words,
        evidence=evidence,
    )
