"""A business that goes to somebody else."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select, text

from app.backoffice.service import handing_over
from app.common.scope import Scope
from app.jobs.context import JobContext
from app.jobs.draining import drain
from app.merchants.errors import HandoverOverError
from app.merchants.models import Handover, Merchant, Staff
from tests.clocks import FixedClock
from tests.concurrency.racing import at_once
from tests.factories import Shop, make_holder, make_shop, visit
from tests.office.desk import Desk, sit_down
from tests.office.mailbox import mails_to
from tests.office.team.colleagues import login_of, row, with_second


def offered(owner: Desk, scope: Scope, email: str, stays: bool = False) -> str:
    with_second(owner, scope)
    data = {"email": email, "is_sure": "y", **({"stays": "y"} if stays else {})}
    assert owner.post("/team/hand-over", data).status_code == 303
    with scope.reading() as tx:
        return tx.session.scalars(select(Handover.id).where(Handover.status == "open")).one()


@pytest.mark.parametrize("stays", [True, False])
def test_a_business_is_handed_over(
    owner: Desk, flask_app: Flask, scope: Scope, shop: Shop, settings: Any, clock: FixedClock, stays: bool
) -> None:
    holder = make_holder(scope)
    visit(shop.counter(), holder)
    taker = sit_down(flask_app, scope, make_shop(scope, name="Taker").merchant_id)
    email = row(scope, taker.staff_id).email or ""
    assert owner.get("/team/hand-over").headers["Location"].startswith("/account/second-step/wanted")
    offer = offered(owner, scope, email, stays)
    assert owner.slug in mails_to(scope, row(scope, owner.staff_id).email or "")[-1].text
    assert "Bakery" in mails_to(scope, email)[-1].subject
    again = owner.post("/team/hand-over", {"email": "third@shop.example", "is_sure": "y"})
    assert again.status_code == 422, "one at a time"
    third = sit_down(flask_app, scope, make_shop(scope, name="Third").merchant_id)
    assert third.get(f"/account/offers/{offer}").status_code == 404
    assert "Bakery" in taker.get("/account").get_data(as_text=True)
    assert taker.get(f"/account/offers/{offer}").status_code == 200
    done = taker.post(f"/account/offers/{offer}", {"name": "Nora"})
    assert done.headers["Location"] == f"/office/{owner.slug}"
    assert taker.get(f"/office/{owner.slug}/team").status_code == 200
    assert owner.get("/team/audit").status_code == (403 if stays else 404)
    drain(JobContext(settings, scope.database, clock))
    with scope.reading() as tx:
        told = tx.session.execute(text("SELECT kind, params FROM member_message WHERE kind = 'shop_notice'")).all()
        slug = tx.session.scalars(select(Merchant.slug).where(Merchant.id == shop.merchant_id)).one()
    assert len(told) == 1
    assert "Bakery" in str(told[0].params)
    assert slug == owner.slug
    assert taker.post(f"/account/offers/{offer}", {"name": "Nora"}).status_code == 404, "once"


def test_an_offer_is_called_off_declined_or_over(
    owner: Desk, flask_app: Flask, scope: Scope, clock: FixedClock
) -> None:
    taker = sit_down(flask_app, scope, make_shop(scope, name="Taker").merchant_id)
    email = row(scope, taker.staff_id).email or ""
    first = offered(owner, scope, email)
    assert owner.post(f"/team/hand-over/{first}/call-off").status_code == 303
    assert taker.get(f"/account/offers/{first}").status_code == 404
    second = handing_over.offer_business(staff_scope(scope, owner), email=email, stays=False, public_url="https://x")
    assert taker.post(f"/account/offers/{second}/decline").status_code == 303
    assert "stays yours" in mails_to(scope, row(scope, owner.staff_id).email or "")[-1].subject
    third = handing_over.offer_business(staff_scope(scope, owner), email=email, stays=False, public_url="https://x")
    clock.advance(days=14)
    with pytest.raises(HandoverOverError):
        handing_over.accept_business(replace(scope), login_of(scope, taker.staff_id), third, name="Nora")
    assert row(scope, owner.staff_id).role == "owner"
    handing_over.offer_business(staff_scope(scope, owner), email=email, stays=False, public_url="https://x")


def test_of_accepting_and_calling_off_at_once_one_holds(owner: Desk, flask_app: Flask, scope: Scope) -> None:
    taker = sit_down(flask_app, scope, make_shop(scope, name="Taker").merchant_id)
    offer = offered(owner, scope, row(scope, taker.staff_id).email or "")
    login_id = login_of(scope, taker.staff_id)
    ended = at_once(
        [
            lambda: handing_over.accept_business(replace(scope), login_id, offer, name="Nora"),
            lambda: handing_over.call_off(staff_scope(scope, owner), offer),
            lambda: handing_over.decline_business(replace(scope), login_id, offer),
        ]
    )
    assert sum(isinstance(one, Exception) for one in ended) == 2, ended
    with scope.reading() as tx:
        owners = tx.session.scalars(
            select(Staff.id).where(Staff.merchant_id == owner.merchant_id, Staff.role == "owner", Staff.is_active)
        ).all()
    assert len(owners) == 1


def staff_scope(scope: Scope, desk: Desk) -> Scope:
    return replace(
        scope,
        actor_kind="staff",
        actor_id=desk.staff_id,
        staff_id=desk.staff_id,
        staff_role="owner",
        merchant_id=desk.merchant_id,
    )
