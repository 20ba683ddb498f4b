"""A whole shop that is served for a browser: the real application on a fresh SQLite file, with the real clock."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from socket import socket
from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

from flask import Flask
from sqlalchemy import text
from werkzeug.serving import make_server

import config
import mobile_api
from app.cards.code_secrets import open_secret
from app.cards.codes import card_url
from app.cards.queries import get_card
from app.cards.rotating import code_at
from app.cards.service import approve_claim, block_card
from app.common.scope import Scope
from app.extensions import db
from app.factory import create_app
from app.jobs.context import JobContext
from app.jobs.draining import drain
from app.members.sessions import end_sessions
from app.merchants import service as merchants
from app.rewards.reservations import reservation_url
from app.rewards.rules import points_document, stamps_document
from app.rewards.service import change_programme, create_programme, create_reward
from app.wallet import service as wallet
from app.wallet.queries.vouchers import get_voucher, list_vouchers
from tests import shops

STAFF_PIN = shops.STAFF_PIN


@dataclass(frozen=True)
class Shop:
    """A merchant with one location that a tablet can be paired with."""

    merchant_id: str
    location_id: str


@dataclass
class Live:
    """What the tests of the browser stand on. Every number and code is good at the moment it is asked for."""

    url: str
    scope: Scope
    jobs: JobContext
    mails: Path  # where they are written
    bakery: Shop  # a stamp card of ten
    cafe: Shop  # a stamp for each coffee, of eight, and one for each soup, of six
    butcher: Shop  # a stamp for each ten euros, of ten
    bookshop: Shop  # three points a euro; a bookmark costs 100, 5 euro off costs 500

    @property
    def host(self) -> str:
        return self.url.removeprefix("http://")

    def deliver(self) -> None:
        """Do now what is done beside the requests: mails are written, messages are made."""
        drain(self.jobs)

    def pairing_code(self, shop: Shop) -> str:
        """A new code for one tablet."""
        return merchants.create_pairing_code(self.scope, shop.location_id).code

    def printed_card(self) -> str:
        """The number of a printed card that nobody has used."""
        return shops.plastic_card(self.scope).number

    def plastic_card(self) -> shops.PlasticCard:
        """A printed card that nobody has used, with what lies under its scratch field."""
        return shops.plastic_card(self.scope)

    def confirm(self, card: shops.PlasticCard) -> None:
        """A shop confirms that a printed card's bearer stands there."""
        approve_claim(self.scope, number=card.number)

    def secret_of(self, number: str) -> bytes:
        """The secret that a card's phone computes its digits from."""
        with self.scope.transaction() as tx:
            find = "SELECT id, secret FROM installation WHERE number = :number AND ended_at IS NULL"
            found = tx.session.execute(text(find), {"number": number}).one()
        return open_secret(self.scope.keys.data, str(found.id), bytes(found.secret))

    def block(self, number: str) -> None:
        """Somebody blocks a card, elsewhere than on its phone."""
        block_card(self.scope, card_id=get_card(self.scope, number=number).card_id)

    def end_sessions(self) -> None:
        """Everybody is signed out, as after a lost phone."""
        with self.scope.transaction() as tx:
            members = [str(found) for found in tx.session.scalars(text("SELECT id FROM member"))]
            for member_id in members:
                end_sessions(tx, self.scope, member_id)

    def blocked_card(self) -> str:
        card = shops.plastic_card(self.scope)
        block_card(self.scope, card_id=card.card_id)
        return card.number

    def app_card(self) -> shops.AppCard:
        """A card in somebody's phone."""
        return shops.app_card(self.scope)

    def shown_by(self, card: shops.AppCard) -> str:
        """What that phone shows at this moment."""
        return card_url(self.host, card.number, code_at(card.secret, datetime.now(UTC)))

    def visits(self) -> int:
        """How many visits were booked."""
        with self.scope.transaction() as tx:
            return int(tx.session.scalar(text("SELECT count(*) FROM visit")) or 0)

    def booked(self, table: str, **where: str | int) -> int:
        """How many rows a table has with these values."""
        conditions = " AND ".join(f"{name} = :{name}" for name in where) or "1 = 1"
        with self.scope.transaction() as tx:
            return int(tx.session.scalar(text(f"SELECT count(*) FROM {table} WHERE {conditions}"), where) or 0)

    def unnamed(self) -> int:
        """How many visits name nobody of the shop."""
        with self.scope.transaction() as tx:
            return int(tx.session.scalar(text("SELECT count(*) FROM visit WHERE staff_id IS NULL")) or 0)

    def name(self, card: shops.AppCard, name: str) -> None:
        """A member who lets shops see the name."""
        own = replace(self.scope, actor_kind="member", actor_id=card.member_id, member_id=card.member_id)
        wallet.change_me(own, changes={"name": name, "shows_name": True})

    def hire(self, shop: Shop, name: str, pin: str) -> None:
        merchants.add_staff(self.scope, shop.merchant_id, name=name, role="cashier", pin=pin)

    def dismiss(self, shop: Shop, name: str) -> None:
        """Somebody works here no more."""
        with self.scope.transaction() as tx:
            find = "SELECT id FROM staff WHERE merchant_id = :shop AND name = :name"
            staff_id = str(tx.session.scalar(text(find), {"shop": shop.merchant_id, "name": name}))
        merchants.stop_staff(self.scope, staff_id)

    def settle(self, shop: Shop, **changes: object) -> None:
        """Change how a shop's counters work."""
        merchants.change_counter_settings(self.scope, shop.merchant_id, **changes)

    def shop_of_one(self) -> Shop:
        """A shop with a stamp card where nobody has a PIN."""
        shop = _merchant(self.scope, "Kapsalon Krul", pin=None)
        create_programme(self.scope, shop.merchant_id, name="Stamp card", kind="stamps", rules=stamps_document(10))
        return shop

    def reserve(self, card: shops.AppCard, shop: Shop) -> str:
        """Reserve the newest voucher in a phone for the shop's tablet: what the phone shows."""
        own = replace(self.scope, actor_kind="member", actor_id=card.member_id, member_id=card.member_id)
        [voucher, *_] = list_vouchers(own, limit=1)
        wallet.hold_voucher(own, voucher_id=voucher.voucher_id, location_id=shop.location_id)
        hold = get_voucher(own, voucher_id=voucher.voucher_id).hold
        assert hold is not None
        assert voucher.code is not None
        return reservation_url(self.host, voucher.code, hold.proof)

    def revoke_tablets(self) -> None:
        """End every tablet's pairing."""
        with self.scope.transaction() as tx:
            ids = [str(found) for found in tx.session.scalars(text("SELECT id FROM device WHERE kind = 'tablet'"))]
        for device_id in ids:
            merchants.revoke_device(self.scope, device_id)


def free_port() -> int:
    with socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def serving(environment: dict[str, str], database_url: str, folder: Path, host: str = "127.0.0.1") -> Iterator[Live]:
    """The application on a port of its own, with its shops, until the block ends. Passkeys need a ``host`` with a
    name."""
    port = free_port()
    url = f"http://{host}:{port}"
    settings = config.load(
        {**environment, "PUBLIC_URL": url, "DATABASE_URL": database_url, "ZEGEL_VAR": str(folder / "var")}
    )
    flask_app = create_app(settings, mobile_api.init_app)
    scope: Scope = flask_app.extensions["zegel"].scope()
    server = make_server("127.0.0.1", port, _whole(flask_app), threaded=True)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield Live(
            url,
            scope,
            JobContext(settings, scope.database),
            folder / "var" / "outbox",
            bakery=_bakery(scope),
            cafe=_cafe(scope),
            butcher=_butcher(scope),
            bookshop=_bookshop(scope),
        )
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
        _close(flask_app)


def _whole(application: WSGIApplication) -> WSGIApplication:
    """Reads each answer to its end before it is sent: a browser that closes in the middle leaves no file open."""

    def answer(environ: WSGIEnvironment, start_response: StartResponse) -> list[bytes]:
        parts = application(environ, start_response)
        try:
            return [b"".join(parts)]
        finally:
            if close := getattr(parts, "close", None):
                close()

    return answer


def _close(flask_app: Flask) -> None:
    with flask_app.app_context():
        db.engine.dispose()


def _merchant(scope: Scope, name: str, pin: str | None = STAFF_PIN) -> Shop:
    merchant_id = merchants.create_merchant(
        scope, name=name, category="bakery", country="BE", currency="EUR", timezone="Europe/Brussels"
    )
    location_id = merchants.add_location(scope, merchant_id, city="Gent", lat=51.05, lon=3.72)
    if pin is not None:
        merchants.add_staff(scope, merchant_id, name="An", role="cashier", pin=pin)
    return Shop(merchant_id, location_id)


def _bakery(scope: Scope) -> Shop:
    shop = _merchant(scope, "Bakkerij Korst")
    stamps = create_programme(scope, shop.merchant_id, name="Stamp card", kind="stamps", rules=stamps_document(10))
    bread = create_reward(scope, stamps, name="A loaf of your choice", cost=10)
    change_programme(scope, stamps, full_card_reward_id=bread)
    return shop


def _cafe(scope: Scope) -> Shop:
    shop = _merchant(scope, "Soepbar Pollepel")
    for position, (name, goal, category) in enumerate((("Coffee card", 8, "coffee"), ("Soup card", 6, "soup"))):
        rules = {"goal": goal, "earn": [{"per": "item", "units": "1", "category": category}]}
        create_programme(scope, shop.merchant_id, name=name, kind="stamps", rules=rules, position=position)
    return shop


def _butcher(scope: Scope) -> Shop:
    shop = _merchant(scope, "Slagerij Peperboom")
    rules = {"goal": 10, "earn": [{"per": "amount", "units": "0.1"}]}
    create_programme(scope, shop.merchant_id, name="Stamp card", kind="stamps", rules=rules)
    return shop


def _bookshop(scope: Scope) -> Shop:
    shop = _merchant(scope, "Boekhandel Kantlijn")
    points = create_programme(scope, shop.merchant_id, name="Points", kind="points", rules=points_document("3"))
    create_reward(scope, points, name="Bookmark", cost=100)
    create_reward(scope, points, name="5 euro off", cost=500, kind="amount_off", amount_minor=500, position=1)
    return shop
