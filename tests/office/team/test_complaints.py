"""Complaints, notices to buyers and ideas on the office's pages."""

from __future__ import annotations

import re
from dataclasses import replace

from flask import Flask
from sqlalchemy import text

from app.campaigns.service import give_feedback
from app.common.scope import Scope
from tests.factories import Shop, make_holder, make_shop, visit
from tests.office.desk import Desk, sit_down


def test_a_complaint_is_answered_and_closed_and_a_notice_goes_out_once(
    owner: Desk, flask_app: Flask, scope: Scope, shop: Shop
) -> None:
    holder = make_holder(scope)
    assert visit(shop.counter(), holder).ok
    with scope.reading() as tx:
        visit_id = str(tx.session.scalar(text("SELECT id FROM visit")))
    me = replace(scope, actor_kind="member", actor_id=holder.member_id, member_id=holder.member_id)
    give_feedback(me, visit_id=visit_id, score=3, words="Stale <i>bread</i>")
    page = owner.get("/feedback").get_data(as_text=True)
    assert "Stale &lt;i&gt;bread" in page
    assert "47 hours left" in page or "2 days left" in page or "48 hours left" in page
    assert holder.member_id not in page
    [answer] = re.findall(r'action="([^"]*/complaints/[0-9a-f-]+/answer)"', page)
    other = sit_down(flask_app, scope, make_shop(scope, name="Other").merchant_id)
    assert other.post(answer.replace(owner.slug, other.slug), {"words": "Mine"}).status_code == 404
    assert "waits for your answer" in owner.get("").get_data(as_text=True)
    assert owner.post(answer, {"words": "We are sorry."}).status_code == 303
    close = answer.replace("/answer", "/close")
    assert owner.post(close, {"ending": "explained"}).status_code == 303
    assert "Explained" in owner.get("/feedback?show=closed").get_data(as_text=True)

    day = scope.now.date().isoformat()
    words = {"first": day, "last": day, "title_en": "Bring it back", "text_en": "It is <b>stale</b>.", "location": ""}
    bad = owner.post("/feedback/notices/new", {**words, "text_en": ""})
    assert bad.status_code == 422
    made = owner.post("/feedback/notices/new", words)
    assert made.status_code == 303
    path = made.headers["Location"]
    shown = owner.get(path).get_data(as_text=True)
    assert "It is &lt;b&gt;stale" in shown
    assert owner.get(path + "/note").status_code == 200
    assert other.get(path.replace(owner.slug, other.slug)).status_code == 404
    assert owner.post(path + "/send", {"revision": "1"}).status_code == 303
    assert owner.post(path + "/send", {"revision": "1"}).status_code == 303
    with scope.reading() as tx:
        assert tx.session.scalar(text("SELECT count(*) FROM outbox WHERE topic = 'shop.recall'")) == 1

    assert owner.post("/feedback/ideas/switch", {"on": "1", "revision": "0"}).status_code == 303
    assert "No idea yet" in owner.get("/feedback/ideas").get_data(as_text=True)
