"""``zegel demo``: making the town, and telling where to look and with which logins."""

from __future__ import annotations

import time
from datetime import timedelta
from random import Random
from typing import Any

import click
from sqlalchemy import func, select

import config
from app.cards.models import Card, CardBatch, Member
from app.cli.demo import building
from app.cli.demo.allowing import allow
from app.cli.demo.living import TownClock, live
from app.cli.demo.people import draw_people
from app.cli.demo.street import read_town
from app.cli.demo.telling import tell
from app.cli.demo.year import draw_year
from app.cli.reporting import json_option, progress, report
from app.cli.running import running
from app.common.scope import Scope
from app.insights import platform_days, rolling, standing, turnover
from app.insights.service import refresh
from app.ledger.models import Account
from app.merchants.models import Location, Merchant, Staff
from app.merchants.service import create_pairing_code

SEED = 1950  # the year in which trading stamps were everywhere
YEAR = 365


@click.command()
@click.option("--if-empty", is_flag=True, help="Do nothing where there is something already.")
@click.option("--seed", type=int, default=SEED, show_default=True, help="Another seed, another year.")
@click.option("--days", type=click.IntRange(7, 1000), default=YEAR, show_default=True, help="How much history.")
@json_option
def demo(if_empty: bool, seed: int, days: int, as_json: bool) -> None:
    """Fill an empty database with the demo town: 24 shops, 300 members, a year of visits that ends now."""
    started = time.monotonic()
    with running() as here:
        if here.settings.is_production:
            raise click.ClickException("The demo town's passwords are known to all: it is not for production.")
        facts: dict[str, Any] = {}
        if _is_empty(here.scope):
            facts = _make(here.scope, here.settings, seed, days)
            facts["seconds"] = round(time.monotonic() - started, 1)
        elif not if_empty:
            raise click.ClickException(
                "The database is not empty, and the demo town is for an empty one: name another in DATABASE_URL."
            )
        logins = _logins(here.scope, here.settings)
        if as_json:
            report({**facts, **logins}, as_json)
            return
        if facts:
            click.echo(
                "Zegelgem stands: {shops} shops, {members} members, {visits} visits, {redemptions} rewards given, "
                "{reversals} bookings undone, in {seconds} s.".format(**facts)
            )
        for line in _told(logins, here.settings.public_url):
            click.echo(line)


def _is_empty(scope: Scope) -> bool:
    with scope.reading() as tx:
        return not any(tx.session.scalar(select(func.count()).select_from(table)) for table in (Merchant, Member))


def _make(scope: Scope, settings: config.Settings, seed: int, days: int) -> dict[str, Any]:
    now = scope.now
    first_day = (now - timedelta(days=days)).date()
    town = read_town(now.date())
    chance = Random(seed)  # noqa: S311  invents customers, guards nothing
    people = draw_people(chance, first_day, now.date())
    calls = list(draw_year(chance, people, town.shops, first_day, now - timedelta(minutes=10)))
    clock = TownClock(now - timedelta(days=days + 14))
    then = Scope(scope.database, scope.keys, clock=clock)
    with progress("Zegelgem", len(town.shops) + len(calls)) as advance:
        shops: list[building.OpenShop] = []
        for plan in town.shops:
            with then.transaction():
                shops.append(building.build_shop(then, town, plan, chance, is_first=not shops))
            advance()
        building.build_operator(then)
        without_app = sum(not person.has_app for person in people)
        printed = building.print_cards(then, without_app + building.SPARE_CARDS)
        lived = live(then, clock, settings.host, shops, people, calls, printed, chance, advance)
        building.invite(scope, shops)
        allow(scope, chance)
        tell(scope, settings)
    rolling.roll_up(scope)
    standing.count_by_night(scope)
    platform_days.rebuild(scope)
    platform_days.look(scope)
    turnover.count_ledger(scope)
    refresh(scope)
    return {
        "shops": len(shops),
        "members": len(lived.numbers),
        "visits": lived.visits,
        "redemptions": lived.redemptions,
        "reversals": lived.reversals,
    }


def _logins(scope: Scope, settings: config.Settings) -> dict[str, Any]:
    """Logins of the demo town that is in the database; empty where it is another's data."""
    with scope.reading() as tx:
        owner = tx.session.scalars(select(Staff).where(Staff.email == building.OWNER)).first()
        if owner is None:
            return {}
        merchant = tx.session.get_one(Merchant, owner.merchant_id)
        location_id = tx.session.scalars(select(Location.id).where(Location.merchant_id == merchant.id)).one()
        spare = tx.session.scalars(
            select(Card.number)
            .join(CardBatch, CardBatch.id == Card.batch_id)
            .where(
                CardBatch.name == building.BATCH,
                ~select(Account.id).where(Account.member_id == Card.member_id).exists(),
            )
            .order_by(Card.number)
        ).first()
    return {
        "member": "emma@zegelgem.example",
        "cashier_pin": building.CASHIER_PIN,
        "owner": building.OWNER,
        "operator": building.OPERATOR,
        "password": building.PASSWORD,
        "shop": merchant.name,
        "merchant_id": merchant.id,
        "location_id": location_id,
        "pairing_code": create_pairing_code(scope, location_id).shown,
        "card": spare,
        "outbox": str(settings.var / "outbox"),
    }


def _told(logins: dict[str, Any], url: str) -> list[str]:
    if not logins:
        return []
    return [
        "",
        f"  The counter   {url}/tablet   pairing code {logins['pairing_code']} (15 minutes), {logins['shop']}",
        f"                try the printed card {logins['card']}; the cashier's PIN is {logins['cashier_pin']}",
        f"  Member        {logins['member']}   the code of her sign-in is mailed to {logins['outbox']}",
        f"  Shop owner    {url}/account   {logins['owner']}   password: {logins['password']}",
        f"  Operator      {logins['operator']}   password: {logins['password']}",
        f"  The API       {url}/api/docs   `zegel token member --card {logins['card']}` gives a token",
        "",
    ]
