"""The page behind a one-time link: it sets a password once, and keeps the link when the password can't be taken."""

from __future__ import annotations

from datetime import timedelta

import pytest
from flask.testing import FlaskClient

from app.common.scope import Scope
from app.merchants import service
from tests.clocks import FixedClock
from tests.factories import make_shop

PASSWORD = "klaver honing zondag"


@pytest.fixture
def link(scope: Scope) -> str:
    operator_id = service.add_operator(scope, "lena@example.org")
    return f"/setup/{service.create_setup_link(scope, operator_id=operator_id).token}"


def post(client: FlaskClient, link: str, password: str, again: str | None = None) -> tuple[int, str]:
    answer = client.post(link, data={"password": password, "again": password if again is None else again})
    return answer.status_code, answer.get_data(as_text=True)


def test_sets_the_password_once(client: FlaskClient, link: str) -> None:
    form = client.get(link)
    assert form.status_code == 200
    assert form.headers["Referrer-Policy"] == "no-referrer"
    assert form.headers["Cache-Control"] == "no-store"
    status, page = post(client, link, PASSWORD)
    assert status == 200
    assert "Your password is set" in page
    assert 'href="/admin/sign-in"' in page
    status, page = post(client, link, PASSWORD)
    assert status == 410
    assert "This link is over" in page


def test_whoever_works_at_a_shop_is_led_to_its_sign_in(client: FlaskClient, scope: Scope) -> None:
    staff_id = service.add_staff(
        scope, make_shop(scope).merchant_id, name="Ann", role="owner", email="ann@shop.example"
    )
    link = f"/setup/{service.create_setup_link(scope, staff_id=staff_id).token}"
    assert 'href="/account/sign-in"' in post(client, link, PASSWORD)[1]


def test_a_password_that_cannot_be_taken_keeps_the_link(client: FlaskClient, link: str) -> None:
    assert post(client, link, "short")[0] == 422
    assert post(client, link, PASSWORD, "something else entirely")[0] == 422
    assert post(client, link, PASSWORD)[0] == 200


def test_a_link_is_over_after_its_time_and_a_made_up_one_never_was(
    client: FlaskClient, link: str, clock: FixedClock
) -> None:
    clock.now += timedelta(hours=73)
    assert post(client, link, PASSWORD)[0] == 410
    assert post(client, "/setup/zg_set_made-up", PASSWORD)[0] == 410


def test_speaks_the_language_of_the_browser(client: FlaskClient, link: str) -> None:
    page = client.get(link, headers={"Accept-Language": "nl"}).get_data(as_text=True)
    assert "Stel je wachtwoord in" in page
