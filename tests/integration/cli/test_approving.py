"""``zegel merchant waiting``, ``approve`` and ``decline``: the operator's word on shops that signed up."""

from __future__ import annotations

import json

from app.backoffice.service.signing_up import NewShop, add_business
from app.common.scope import Scope
from app.merchants import service as merchants
from app.merchants.models import Staff
from tests.integration.cli.calling import caller, failed, told


def test_shops_that_wait_are_listed_and_decided_on(environment: dict[str, str], scope: Scope) -> None:
    zegel = caller(environment)
    first = merchants.create_merchant(scope, name="First")
    staff_id = merchants.add_staff(scope, first, name="An", role="owner", email="an@bakery.example")
    with scope.reading() as tx:
        login_id = tx.session.get_one(Staff, staff_id).login_id
    for name in ("Korst", "Kruim"):
        add_business(scope, NewShop(name, "bakery"), login_id=login_id or "")
    waiting = [json.loads(line) for line in zegel("merchant", "waiting", "--json").output.splitlines()]
    assert [(one["name"], one["trade"]) for one in waiting] == [("Korst", "bakery"), ("Kruim", "bakery")]
    korst, kruim = (one["merchant_id"] for one in waiting)
    assert told(zegel("merchant", "approve", korst, "--json")) == {"approved": True, "is_new": True}
    assert told(zegel("merchant", "approve", korst, "--json")) == {"approved": True, "is_new": False}
    assert zegel("merchant", "decline", kruim).exit_code == 2, "a reason is told"
    declined = zegel("merchant", "decline", kruim, "--reason", "We can't find it.", "--json")
    assert told(declined) == {"declined": True, "is_new": True}
    assert failed(zegel("merchant", "decline", korst, "--reason", "Too late."))
    assert zegel("merchant", "waiting", "--json").output == ""
