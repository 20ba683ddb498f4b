"""Asking shops to join: what a list says, one mail to each address, and the shop that comes of it."""

from __future__ import annotations

import io
import re
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select, text
from werkzeug.test import TestResponse

from app.backoffice.service.signing_up import NewShop, sign_up_invited
from app.common.errors import NotFoundError
from app.common.ids import new_id
from app.common.models import AuditEvent
from app.common.scope import Scope
from app.merchants.errors import ShopInvitationOverError
from app.merchants.models import Merchant, ShopInvitation, StaffLogin
from app.merchants.queries.shop_invitations import list_invitations
from app.merchants.service.shop_invitations import ShopToInvite, call_off_invitation, invite_shops
from tests.admin.desk import Desk, sit_down
from tests.admin.shops.eyes import of_operator
from tests.clocks import FixedClock
from tests.concurrency.racing import at_once
from tests.factories import make_shop
from tests.office.desk import sit_down as sit_down_at_the_shop
from tests.office.mailbox import link_in, mails, mails_to

pytestmark = pytest.mark.usefixtures("quick_passwords")

URL = "https://card.example"
HEAD = "name,email,city,category,locale\n"
KORST = "Bakkerij Korst,an@korst.example,Gent,bakery,nl\n"
TABLE = "La Table,chef@table.example,Namur,,fr\n"
PASSWORD = "four words that nobody knows"
_TOKEN = re.compile(r'name="csrf_token" type="hidden" value="([^"]+)"')
_LIST = re.compile(r'<textarea name="shops" hidden>\n(.*?)</textarea>', re.DOTALL)


@pytest.fixture
def desk(flask_app: Flask, scope: Scope) -> Desk:
    return sit_down(flask_app, scope, {"administrator"}, name="Eva")


def upload(desk: Desk, content: str | bytes, locale: str = "nl") -> TestResponse:
    raw = content if isinstance(content, bytes) else content.encode()
    # By hand: the test client would leave a large one open in a file of its own.
    parts = [f'name="csrf_token"\r\n\r\n{desk.token()}'.encode(), f'name="locale"\r\n\r\n{locale}'.encode()]
    parts.append(b'name="file"; filename="shops.csv"\r\nContent-Type: text/csv\r\n\r\n' + raw)
    body = b"".join(b"--x\r\nContent-Disposition: form-data; " + part + b"\r\n" for part in parts) + b"--x--\r\n"
    kind = "multipart/form-data; boundary=x"
    return desk.client.post("/admin/shops/invite", input_stream=io.BytesIO(body), content_type=kind)


def send(desk: Desk, content: str, locale: str = "nl") -> TestResponse:
    """The list that a preview holds, as its button sends it."""
    page = upload(desk, content, locale).get_data(as_text=True)
    found = _LIST.search(page)
    assert found is not None, page
    return desk.post("/shops/invite/send", {"shops": found[1]}, content_type="multipart/form-data")


def outcomes(page: str) -> list[str]:
    """What the preview says of each line."""
    rows = page.partition("<tbody>")[2].split("<tr>")[1:]
    return [" ".join(re.sub("<[^>]+>", " ", row.rpartition("<td>")[2]).split()) for row in rows]


def signing_up(client: FlaskClient, link: str, **other: Any) -> TestResponse:
    """The form behind an invitation's link, sent as it was filled in for the shop."""
    page = client.get(link).get_data(as_text=True)
    token = _TOKEN.search(page)
    assert token is not None, page
    fields = {"name": "Bakkerij Korst", "trade": "bakery", "country": "BE", "email": "an@korst.example"}
    return client.post(link, data={**fields, "password": PASSWORD, **other, "csrf_token": token[1]})


def confirm(client: FlaskClient, scope: Scope, places: dict[str, str], email: str) -> None:
    """Type the code that was mailed to an address."""
    (mail,) = mails_to(scope, email)
    code = re.search(r"\b([0-9]{6})\b", mail.text)
    token = _TOKEN.search(client.get(places[email]).get_data(as_text=True))
    assert code is not None
    assert token is not None
    assert client.post(places[email], data={"code": code[1], "csrf_token": token[1]}).status_code == 303


def states(scope: Scope) -> dict[str, str]:
    return {one.email: one.state for one in list_invitations(scope).rows}


def to_invite(number: int = 3) -> list[ShopToInvite]:
    return [ShopToInvite(f"Shop {one}", f"owner{one}@shops.example") for one in range(number)]


def invited_events(scope: Scope) -> list[AuditEvent]:
    with scope.reading() as tx:
        found = list(tx.session.scalars(select(AuditEvent).where(AuditEvent.action == "shops.invited")))
        tx.session.expunge_all()
        return found


def test_a_list_is_shown_first_and_nothing_is_sent(flask_app: Flask, desk: Desk, scope: Scope) -> None:
    shop = make_shop(scope, name="There already")
    owner = sit_down_at_the_shop(flask_app, scope, shop.merchant_id)
    with scope.reading() as tx:
        address = tx.session.scalars(select(StaffLogin.email)).first()
    assert owner
    content = HEAD + KORST + TABLE + f"There already,{address},,,\n" + KORST
    content += "Nobody,not an address,,,\n\n=1+1,a@b.example,,,\nSee http://win.example,c@b.example,,,\n"
    content += "Short,d@b.example\nTongues,e@b.example,,,es\nSmith,f@b.example,Gent,astrologer,\n"
    answer = upload(desk, content)
    page = answer.get_data(as_text=True)
    assert answer.status_code == 200, page
    assert outcomes(page) == [
        "New",
        "New",
        "Known already signs in here",
        "Unreadable The address stands in an earlier line too.",
        "Unreadable The e-mail address can’t be read.",
        "Unreadable The name is missing, is longer than 80 letters, holds an address, or begins like a formula.",
        "Unreadable The name is missing, is longer than 80 letters, holds an address, or begins like a formula.",
        "Unreadable It has more or fewer columns than the first line.",
        "Unreadable The language is none of nl, fr, en and de.",
        "New",
    ]
    assert re.findall(r'<td class="number">(\d+)</td>', page) == ["2", "3", "4", "5", "6", "8", "9", "10", "11", "12"]
    assert "not known: the shop chooses" in page
    assert "Send 3 invitations" in page
    assert mails(scope) == []
    assert states(scope) == {}


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (b"", "ends at line 1."),
        (b"shop;mail\nKorst;an@korst.example\n", "ends at line 1."),
        (HEAD.encode() + b"Caf\xe9,a@b.example,,,\n", "ends at line 2."),
        (HEAD.encode() + KORST.encode() + b"\x00,a@b.example,,,\n", "ends at line 3."),
        (HEAD.encode() + KORST.encode() + b'"open,a@b.example,,,\n' + KORST.encode(), "ends at line 3."),
        (HEAD.encode() + KORST.encode() * 2001, "at most 2000 lines and 1 MB"),
        (HEAD.encode() + b"x" * (1024 * 1024), "at most 2000 lines and 1 MB"),
    ],
)
def test_what_is_no_list_is_refused_with_its_line(desk: Desk, content: bytes, told: str) -> None:
    answer = upload(desk, content)
    assert answer.status_code == 422
    assert told in answer.get_data(as_text=True)
    assert mails_of(desk) == 0


def mails_of(desk: Desk) -> int:
    return desk.get("/shops/invite").get_data(as_text=True).count("call-off")


def test_a_file_that_is_far_too_large_is_told_where_it_was_chosen(desk: Desk) -> None:
    answer = upload(desk, b"x" * (3 * 1024 * 1024))
    assert answer.status_code == 303
    assert "at most 2000 lines and 1 MB" in desk.get("/shops/invite").get_data(as_text=True)


def test_semicolons_and_a_mark_of_utf_8_are_read(desk: Desk, scope: Scope) -> None:
    content = "\ufeffEmail;Name\r\nAn@Korst.example;Bäckerei „Zum Korn“; Söhne\r\n".replace("; S", " S")
    send(desk, content, "de")
    (mail,) = mails(scope)
    assert mail.to == "an@korst.example"
    assert mail.subject == "Bäckerei „Zum Korn“ Söhne bei Zegel: Ihre eigene Kundenkarte"


def test_each_address_gets_one_mail_in_its_language(
    flask_app: Flask, desk: Desk, scope: Scope, clock: FixedClock
) -> None:
    assert send(desk, HEAD + KORST + TABLE).status_code == 303
    (korst,) = mails_to(scope, "an@korst.example")
    (table,) = mails_to(scope, "chef@table.example")
    assert korst.subject == "Bakkerij Korst op Zegel: je eigen klantenkaart"
    assert table.subject == "La Table sur Zegel : votre carte de fidélité"
    assert link_in(korst).startswith("/account/sign-up?invitation=zg_inv_")
    (event,) = invited_events(scope)
    assert event.after == {"sent": 2, "left_out": 0}, "counts, and no address"
    with scope.reading() as tx:
        kept = tx.session.scalars(select(ShopInvitation.token_hash)).all()
    assert all(link_in(korst).partition("=")[2].encode() not in bytes(one) for one in kept)
    # The same once more, from another list: nobody is mailed twice within thirty days.
    assert "Nobody in it is new" in upload(desk, HEAD + KORST).get_data(as_text=True)
    page = desk.post("/shops/invite/send", {"shops": HEAD + KORST}, follow_redirects=True).get_data(as_text=True)
    assert "Nobody was mailed" in page
    clock.advance(days=29, hours=23)
    assert invite_shops(scope, [ShopToInvite("Korst", "an@korst.example")], public_url=URL) == 0
    clock.advance(hours=1)
    assert states(scope)["an@korst.example"] == "expired"
    desk = sit_down(flask_app, scope, {"administrator"}, name="Eva")
    assert "New" in outcomes(upload(desk, HEAD + KORST).get_data(as_text=True))[0]
    assert send(desk, HEAD + KORST).status_code == 303
    assert len(mails_to(scope, "an@korst.example")) == 2
    assert len(invited_events(scope)) == 2


def test_two_operators_with_the_same_list_send_one_mail_to_each(scope: Scope) -> None:
    first, second = of_operator(scope, new_id()), of_operator(scope, new_id())
    shops = to_invite(30)
    sent = at_once(
        [
            lambda: invite_shops(first, shops, public_url=URL),
            lambda: invite_shops(second, list(reversed(shops)), public_url=URL),
        ]
    )
    assert all(isinstance(one, int) for one in sent), sent
    assert sorted(mail.to for mail in mails(scope)) == sorted(shop.email for shop in shops)
    assert sum(int((event.after or {})["sent"]) for event in invited_events(scope)) == 30


def test_the_link_signs_the_shop_up_without_a_code(
    flask_app: Flask, client: FlaskClient, desk: Desk, scope: Scope, clock: FixedClock
) -> None:
    send(desk, HEAD + KORST)
    link = link_in(mails_to(scope, "an@korst.example")[0])
    assert states(scope) == {"an@korst.example": "sent"}
    answer = client.get(link)
    page = answer.get_data(as_text=True)
    assert 'value="Bakkerij Korst"' in page
    assert 'value="an@korst.example"' in page
    assert 'value="Gent"' in page
    assert re.search(r'value="bakery" checked', page)
    assert answer.headers["Referrer-Policy"] == "same-origin"
    assert states(scope) == {"an@korst.example": "opened"}
    clock.advance(days=3)
    done = signing_up(client, link)
    assert done.status_code == 303, done.get_data(as_text=True)
    assert done.headers["Location"].endswith("/office/bakkerij-korst/welcome")
    assert client.get(done.headers["Location"]).status_code == 200, "signed in already"
    assert len(mails(scope)) == 1, "no code was needed"
    with scope.reading() as tx:
        merchant_id = tx.session.scalars(select(Merchant.id)).one()
    (row,) = list_invitations(scope).rows
    assert (row.state, row.merchant_id, row.shop) == ("signed_up", merchant_id, "Bakkerij Korst")
    desk = sit_down(flask_app, scope, {"administrator"}, name="Eva")
    assert "by Eva on" in desk.get(f"/shops/{merchant_id}").get_data(as_text=True)
    # Once: later it leads to the usual form, which asks for a code.
    other = flask_app.test_client()
    assert "This invitation is over" in other.get(link).get_data(as_text=True)
    again = signing_up(other, link, email="somebody@else.example")
    assert "/account/sign-up/zg_new_" in again.headers["Location"]
    clock.advance(days=40)
    assert invite_shops(scope, [ShopToInvite("Korst", "an@korst.example")], public_url=URL) == 0


def test_with_another_address_a_code_is_asked_for_and_the_shop_is_still_invited(
    client: FlaskClient, desk: Desk, scope: Scope
) -> None:
    send(desk, HEAD + KORST)
    link = link_in(mails_to(scope, "an@korst.example")[0])
    places = {
        email: signing_up(client, link, email=email).headers["Location"]
        for email in ("boss@korst.example", "brother@korst.example")
    }
    confirm(client, scope, places, "boss@korst.example")
    (row,) = list_invitations(scope).rows
    assert row.state == "signed_up"
    confirm(client.application.test_client(), scope, places, "brother@korst.example")
    assert list_invitations(scope).rows == [row], "whoever comes second came by himself"
    assert "by Eva on" in desk.get(f"/shops/{row.merchant_id}").get_data(as_text=True)


def test_an_address_that_signs_somebody_in_is_never_taken_over_by_a_link(
    client: FlaskClient, desk: Desk, scope: Scope
) -> None:
    send(desk, HEAD + KORST)
    link = link_in(mails_to(scope, "an@korst.example")[0])
    signing_up(client, link)
    with scope.transaction() as tx:
        tx.session.execute(text("UPDATE shop_invitation SET signed_up_at = NULL, merchant_id = NULL"))
    answer = signing_up(client.application.test_client(), link, password="another one altogether")
    assert "/account/sign-up/zg_new_" in answer.headers["Location"]
    with scope.reading() as tx:
        assert len(tx.session.scalars(select(Merchant.id)).all()) == 1


def test_a_link_that_is_called_off_meanwhile_makes_no_shop_without_a_code(
    client: FlaskClient, desk: Desk, scope: Scope
) -> None:
    send(desk, HEAD + KORST)
    link = link_in(mails_to(scope, "an@korst.example")[0])
    (row,) = list_invitations(scope).rows
    place = signing_up(client, link, email="boss@korst.example").headers["Location"]
    call_off_invitation(scope, row.invitation_id)
    shop = NewShop("Bakkerij Korst", "bakery")
    with pytest.raises(ShopInvitationOverError):
        sign_up_invited(scope, link.partition("=")[2], shop, email="an@korst.example", password=PASSWORD)
    with scope.reading() as tx:
        assert tx.session.scalars(select(Merchant.id)).all() == []
    confirm(client, scope, {"boss@korst.example": place}, "boss@korst.example")
    assert states(scope) == {"an@korst.example": "called_off"}


def test_who_signs_in_here_is_not_mailed_whatever_the_list_says(flask_app: Flask, desk: Desk, scope: Scope) -> None:
    shop = make_shop(scope, name="There already")
    sit_down_at_the_shop(flask_app, scope, shop.merchant_id)
    with scope.reading() as tx:
        address = tx.session.scalars(select(StaffLogin.email)).one()
    desk.post("/shops/invite/send", {"shops": f"{HEAD}There already,{address},,,nl\n{KORST}"})
    assert [mail.to for mail in mails(scope)] == ["an@korst.example"]


def test_two_who_open_one_link_make_one_shop(flask_app: Flask, desk: Desk, scope: Scope) -> None:
    send(desk, HEAD + KORST)
    link = link_in(mails_to(scope, "an@korst.example")[0])
    clients = [flask_app.test_client() for _ in range(3)]
    answers = at_once([lambda one=one: signing_up(one, link) for one in clients])  # type: ignore[misc]
    assert all(not isinstance(one, Exception) for one in answers), answers
    with scope.reading() as tx:
        assert len(tx.session.scalars(select(Merchant.id)).all()) == 1
    assert [one.state for one in list_invitations(scope).rows] == ["signed_up"]


def test_an_invitation_is_called_off(client: FlaskClient, desk: Desk, scope: Scope, clock: FixedClock) -> None:
    send(desk, HEAD + KORST)
    link = link_in(mails_to(scope, "an@korst.example")[0])
    (row,) = list_invitations(scope).rows
    assert "a…@korst.example" in desk.get("/shops/invite").get_data(as_text=True)
    assert desk.post(f"/shops/invitations/{row.invitation_id}/call-off").status_code == 303
    assert desk.post(f"/shops/invitations/{row.invitation_id}/call-off").status_code == 409
    assert desk.post(f"/shops/invitations/{new_id()}/call-off").status_code == 404
    assert "This invitation is over" in client.get(link).get_data(as_text=True)
    assert states(scope) == {"an@korst.example": "called_off"}
    assert "Called off" in desk.get("/shops/invite?state=called_off").get_data(as_text=True)
    assert "No invitation stands like that" in desk.get("/shops/invite?state=opened").get_data(as_text=True)
    assert invite_shops(scope, [ShopToInvite("Korst", "an@korst.example")], public_url=URL) == 0
    clock.advance(days=31)
    assert invite_shops(scope, [ShopToInvite("Korst", "an@korst.example")], public_url=URL) == 1
    assert states(scope) == {"an@korst.example": "sent"}


def test_what_is_over_cant_be_called_off(scope: Scope, clock: FixedClock) -> None:
    invite_shops(scope, to_invite(1), public_url=URL)
    (row,) = list_invitations(scope).rows
    with pytest.raises(NotFoundError):
        call_off_invitation(scope, new_id())
    clock.advance(days=30)
    with pytest.raises(ShopInvitationOverError):
        call_off_invitation(scope, row.invitation_id)


def test_a_long_list_is_shown_in_pages(desk: Desk, scope: Scope) -> None:
    assert invite_shops(scope, to_invite(430), public_url=URL) == 430
    assert [(event.after or {})["sent"] for event in sorted(invited_events(scope), key=lambda one: one.id)] == [
        200,
        200,
        30,
    ]
    page = desk.get("/shops/invite?page=9").get_data(as_text=True)
    assert "Page 9 of 9" in page
    assert page.count("/call-off") == 30
