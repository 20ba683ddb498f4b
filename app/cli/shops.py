"""``zegel merchant``, ``zegel device`` and ``zegel key``: shops, and what scans there."""

from __future__ import annotations

from decimal import Decimal, InvalidOperation
from typing import Any

import click

from app.cli.reporting import json_option, report

# Where most of a country's people live; whoever lives elsewhere says --timezone.
ZONES = {
    "AT": "Europe/Vienna",
    "BE": "Europe/Brussels",
    "CH": "Europe/Zurich",
    "DE": "Europe/Berlin",
    "DK": "Europe/Copenhagen",
    "ES": "Europe/Madrid",
    "FR": "Europe/Paris",
    "GB": "Europe/London",
    "IE": "Europe/Dublin",
    "IT": "Europe/Rome",
    "LU": "Europe/Luxembourg",
    "NL": "Europe/Amsterdam",
    "PL": "Europe/Warsaw",
    "PT": "Europe/Lisbon",
    "SE": "Europe/Stockholm",
    "US": "America/New_York",
}


class RewardOption(click.ParamType[tuple[str, int]]):
    """``NAME:COST``; the name may hold colons itself."""

    name = "NAME:COST"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> tuple[str, int]:
        if isinstance(value, tuple):
            return value
        name, colon, cost = str(value).rpartition(":")
        if not colon or not name.strip() or not (cost.isascii() and cost.isdigit()) or int(cost) == 0:
            self.fail(f"{value!r} is not NAME:COST with a whole cost above zero, such as Coffee:10", param, ctx)
        return name.strip(), int(cost)


class RateOption(click.ParamType[str]):
    """A decimal number above zero with at most four decimals, kept as its text."""

    name = "N"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> str:
        try:
            rate = Decimal(str(value))
        except InvalidOperation:
            self.fail(f"{value!r} is not a number", param, ctx)
        if not rate.is_finite() or rate <= 0 or int(rate.as_tuple().exponent) < -4:
            self.fail(f"{value!r} is not a number above zero with at most four decimals", param, ctx)
        return format(rate, "f")


@click.group()
def merchant() -> None:
    """Shops and their programmes."""


@merchant.command("add")
@click.argument("name")
@click.option("--city", help="Where its shop is.")
@click.option("--country", default="BE", show_default=True, help="ISO 3166 code.")
@click.option("--lat", type=float, help="Degrees north.")
@click.option("--lon", type=float, help="Degrees east.")
@click.option("--timezone", help="IANA name; the country's unless told.")
@click.option("--stamps", type=click.IntRange(1, 1000), help="A stamp card that N stamps fill.")
@click.option("--points-per-unit", type=RateOption(), help="Points for each unit of money.")
@click.option("--reward", "rewards", type=RewardOption(), multiple=True, help="A reward and its cost; may be repeated.")
@click.option("--currency", default="EUR", show_default=True, help="ISO 4217 code.")
@click.option("--category", default="general", show_default=True, help="The trade, such as bakery.")
@json_option
def merchant_add(
    name: str,
    city: str | None,
    country: str,
    lat: float | None,
    lon: float | None,
    timezone: str | None,
    stamps: int | None,
    points_per_unit: str | None,
    rewards: tuple[tuple[str, int], ...],
    currency: str,
    category: str,
    as_json: bool,
) -> None:
    """Make a shop with a programme, its rewards and an API key.

    With --stamps a visit gives one stamp (or its units), and the Nth fills the card: a voucher for the first reward
    ("Full card" unless told) is issued. With --points-per-unit a visit gives its amount times N in points, rounded
    down.
    """
    if (stamps is None) == (points_per_unit is None):
        raise click.UsageError("Say either --stamps N or --points-per-unit N.")
    if (lat is None) != (lon is None):
        raise click.UsageError("Say both --lat and --lon, or neither.")
    from app.cli.running import running
    from app.common.database import Transaction
    from app.merchants.service import add_location, create_key, create_merchant
    from app.rewards.rules import points_document, stamps_document
    from app.rewards.service import change_programme, create_programme, create_reward

    with running() as here:
        scope = here.scope

        def work(_: Transaction) -> dict[str, Any]:
            zone = timezone or ZONES.get(country, "Europe/Brussels")
            merchant_id = create_merchant(
                scope, name=name, category=category, country=country, currency=currency, timezone=zone
            )
            location_id = add_location(scope, merchant_id, city=city, lat=lat, lon=lon)
            if stamps is not None:
                kind, title, rules = "stamps", "Stamp card", stamps_document(stamps)
            else:
                kind, title, rules = "points", "Points", points_document(points_per_unit or "")
            programme_id = create_programme(scope, merchant_id, name=title, kind=kind, rules=rules)
            wanted = rewards or ((("Full card", stamps),) if stamps is not None else ())
            reward_ids = [
                create_reward(scope, programme_id, name=reward, cost=cost, position=position)
                for position, (reward, cost) in enumerate(wanted)
            ]
            if stamps is not None:
                change_programme(scope, programme_id, full_card_reward_id=reward_ids[0])
            key = create_key(scope, location_id, name="First key", scopes=["approve"])
            return {
                "merchant_id": merchant_id,
                "programme_id": programme_id,
                "location_id": location_id,
                "reward_ids": reward_ids,
                "api_key": key.token,
            }

        report(scope.run(work), as_json)


@click.group()
def device() -> None:
    """Tablets at the counter."""


@device.command("pair-code")
@click.option("--location", required=True, help="The location's id.")
@json_option
def pair_code(location: str, as_json: bool) -> None:
    """Make a code that connects one tablet, once, within fifteen minutes."""
    from app.cli.running import running
    from app.merchants.service import create_pairing_code

    with running() as here:
        made = create_pairing_code(here.scope, location_id(location))
        report(
            {
                "pairing_code": made.code if as_json else made.shown,
                "expires_at": made.expires_at.isoformat().replace("+00:00", "Z"),
            },
            as_json,
        )


@click.group()
def key() -> None:
    """API keys for tills."""


@key.command("add")
@click.option("--location", required=True, help="The location's id.")
@click.option("--name", default="API key", show_default=True, help="What it is for.")
@click.option("--scope", "scopes", type=click.Choice(["approve"]), multiple=True, help="What it may do beside earning.")
@click.option("--sandbox", is_flag=True, help="Books nothing real; comes with three test cards.")
@json_option
def key_add(location: str, name: str, scopes: tuple[str, ...], sandbox: bool, as_json: bool) -> None:
    """Make a key that may call /pos for one location. It is shown this once."""
    from app.cards.codes import card_url
    from app.cli.running import running
    from app.merchants.service import create_key
    from app.rewards.sandbox import create_sandbox_key

    with running() as here:
        if not sandbox:
            made = create_key(here.scope, location_id(location), name=name, scopes=scopes)
            report({"device_id": made.device_id, "location_id": made.location_id, "api_key": made.token}, as_json)
            return
        tried = create_sandbox_key(here.scope, location_id(location), name=name, scopes=scopes)
        facts: dict[str, Any] = {
            "device_id": tried.key.device_id,
            "merchant_id": tried.key.merchant_id,
            "location_id": tried.key.location_id,
            "api_key": tried.key.token,
        }
        if as_json:
            facts["cards"] = [
                {"card_id": card.card_id, "number": card.number, "url": card_url(here.settings.host, card.number)}
                for card in tried.cards
            ]
        else:
            facts["test_cards"] = [card.number for card in tried.cards]
        report(facts, as_json)


def location_id(text: str) -> str:
    """The id of a location as somebody typed it; what is no id at all is nobody's location."""
    from app.common.errors import NotFoundError
    from app.common.ids import is_id

    if not is_id(text.strip().lower()):
        raise NotFoundError
    return text.strip().lower()
