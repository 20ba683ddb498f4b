from __future__ import annotations

from collections.abc import Callable

import pytest
from flask.testing import FlaskClient

from app.cards.tokens import issue_access_token
from app.common.ids import new_id
from app.common.scope import Scope
from app.wallet.service import open_session
from tests import shops
from tests.clocks import FixedClock
from tests.mobile_api.calling import Caller
from tests.mobile_api.members import install, sign_in, sign_up
from tests.mobile_api.thieves import ANN, Ann
from tests.shops import AppCard, PlasticCard, Shop


@pytest.fixture
def shop(scope: Scope) -> Shop:
    return shops.open_shop(scope)


@pytest.fixture
def other_shop(scope: Scope) -> Shop:
    return shops.open_shop(scope, "Bookshop")


@pytest.fixture
def app_card(scope: Scope) -> AppCard:
    return shops.app_card(scope)


@pytest.fixture
def plastic_card(scope: Scope) -> PlasticCard:
    return shops.plastic_card(scope)


@pytest.fixture
def member_token(scope: Scope, clock: FixedClock) -> Callable[[AppCard], str]:
    """Makes the access token of a card's member."""
    return lambda card: issue_access_token(scope.keys.secret, member_id=card.member_id, family_id=new_id(), now=clock())


@pytest.fixture
def session_token(scope: Scope) -> Callable[[AppCard], str]:
    """Makes an access token of a card's member that has a session behind it."""
    return lambda card: open_session(scope, member_id=card.member_id).access_token


@pytest.fixture
def till(client: FlaskClient, shop: Shop, clock: FixedClock) -> Caller:
    """The shop's till: a key that may approve."""
    return Caller(client, shop.key)


@pytest.fixture
def tablet(client: FlaskClient, shop: Shop) -> Caller:
    """The shop's paired tablet."""
    return Caller(client, shop.tablet)


@pytest.fixture
def ann(client: FlaskClient, scope: Scope, till: Caller) -> Ann:
    app = sign_up(client)
    phone = install(app.call, app.card_id)
    call = sign_in(client, scope, ANN, app.call)
    assert till.post("/visits", {"code": app.number, "units": 3, "amount": "31.00"}).status == 201
    return Ann(app, call, phone)


@pytest.fixture
def thief(client: FlaskClient, scope: Scope, ann: Ann) -> Caller:
    """Whoever reads Ann's mail, signed in by it on a phone of their own."""
    return sign_in(client, scope, ANN)
