"""``zegel merchant``: shops, and what they decide."""

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


class WaysOption(click.ParamType[tuple[str, ...]]):
    """Ways of approving, parted by commas."""

    name = "WAYS"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> tuple[str, ...]:
        from app.merchants.counter_settings import WAYS

        ways = tuple(way.strip() for way in str(value).split(",")) if isinstance(value, str) else tuple(value)
        if not set(ways) <= set(WAYS):
            self.fail(f"{value!r} is not made of {', '.join(WAYS)}", param, ctx)
        return ways


class UnitsOption(click.ParamType[int | str]):
    """A whole number, or ``default``."""

    name = "N"
    DEFAULT = "default"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> int | str:
        if value == self.DEFAULT or isinstance(value, int):
            return str(value) if value == self.DEFAULT else int(value)
        if not (str(value).isascii() and str(value).isdigit()):
            self.fail(f'{value!r} is neither a whole number nor "{self.DEFAULT}"', param, ctx)
        return int(value)


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


@merchant.command("listing")
@click.argument("merchant_id", metavar="ID")
@click.option("--location", "location", help="This shop alone.")
@click.option("--shown/--hidden", "is_listed", default=None, help="In the lists of shops, or not; one of the two.")
@json_option
def merchant_listing(merchant_id: str, location: str | None, is_listed: bool | None, as_json: bool) -> None:
    """Show a business, or one shop of it, in the lists, on the map and by a public page, or keep it out of all three.

    Whoever has a card there goes on seeing the balance. A repeat changes nothing.
    """
    from app.cli.running import running
    from app.merchants.queries import get_shop
    from app.merchants.service import change_location, change_merchant

    if is_listed is None:
        raise click.UsageError("Say --shown or --hidden.")
    with running() as here:
        if location is None:
            change_merchant(here.scope, location_id(merchant_id), is_listed=is_listed)
        else:
            shop = get_shop(here.scope, location_id(location))
            if shop.merchant_id != location_id(merchant_id):
                raise click.ClickException("That shop belongs to another business.")
            change_location(here.scope, shop.location_id, is_listed=is_listed)
        report({"is_listed": is_listed}, as_json)


@merchant.command("waiting")
@json_option
def merchant_waiting(as_json: bool) -> None:
    """The shops that signed up and wait for a word, the oldest first."""
    from app.cli.running import running
    from app.merchants.service import list_waiting

    with running() as here:
        for one in list_waiting(here.scope):
            report(
                {
                    "merchant_id": one.merchant_id,
                    "name": one.name,
                    "trade": one.category,
                    "since": one.created_at.isoformat().replace("+00:00", "Z"),
                    "office": f"{here.settings.public_url}/office/{one.slug}",
                },
                as_json,
            )


@merchant.command("approve")
@click.argument("merchant_id", metavar="ID")
@json_option
def merchant_approve(merchant_id: str, as_json: bool) -> None:
    """Approve a shop that signed up: it is listed, its members get messages, its limits end."""
    from app.cli.running import running
    from app.merchants.service import approve_merchant

    with running() as here:
        is_new = approve_merchant(here.scope, location_id(merchant_id), public_url=here.settings.public_url)
        report({"approved": True, "is_new": is_new}, as_json)


@merchant.command("decline")
@click.argument("merchant_id", metavar="ID")
@click.option("--reason", required=True, help="Told to its owners, in their mail.")
@json_option
def merchant_decline(merchant_id: str, reason: str, as_json: bool) -> None:
    """Refuse a shop that signed up: nothing is earned there any more. A repeat changes nothing."""
    from app.cli.running import running
    from app.merchants.service import decline_merchant

    with running() as here:
        is_new = decline_merchant(here.scope, location_id(merchant_id), reason=reason)
        report({"declined": True, "is_new": is_new}, as_json)


@merchant.command("invitation")
@click.argument("merchant_id", metavar="ID")
@click.option("--inviter", type=click.IntRange(0, 10_000), required=True, help="Units for whoever invited.")
@click.option("--invited", type=click.IntRange(0, 10_000), required=True, help="Units for whoever came.")
@click.option(
    "--most",
    type=click.IntRange(0, 1_000),
    default=20,
    show_default=True,
    help="How many gifts one inviter gets in a year.",
)
@json_option
def merchant_invitation(merchant_id: str, inviter: int, invited: int, most: int, as_json: bool) -> None:
    """Say what a shop gives when somebody comes by invitation; two noughts end it.

    The units are of its first programme, and are booked after the first visit of whoever was invited.
    """
    from dataclasses import asdict

    from app.cli.running import running
    from app.merchants.service import set_invitation_gifts

    with running() as here:
        gifts = set_invitation_gifts(here.scope, location_id(merchant_id), inviter=inviter, invited=invited, most=most)
        report(asdict(gifts), as_json)


@merchant.command("counter")
@click.argument("merchant_id", metavar="ID")
@click.option("--sign-in/--no-sign-in", default=None, help="Whether nobody books on a tablet before signing in by PIN.")
@click.option("--lock-after", type=int, help="Seconds without a touch after which a tablet locks.")
@click.option("--approves", type=WaysOption(), help="What redeeming may be approved by, parted by commas.")
@click.option(
    "--cashier-approves/--no-cashier-approves",
    default=None,
    help="Whether a cashier's approval is enough, or a manager's or owner's is needed.",
)
@click.option("--kiosk-wait", type=int, help="Minutes between two visits of one member at a kiosk.")
@click.option(
    "--opening-units-most",
    type=UnitsOption(),
    help='The most units of an old paper card that may be entered; "default": one fewer than a full card.',
)
@click.option(
    "--hints/--no-hints", default=None, help="Whether staff see what is nearly reached or often taken together."
)
@json_option
def merchant_counter(merchant_id: str, as_json: bool, **wanted: Any) -> None:
    """Say how a shop's counters work; without options only show it."""
    from app.cli.running import running
    from app.merchants.counter_settings import as_document
    from app.merchants.service import change_counter_settings

    changes = {name: value for name, value in wanted.items() if value is not None}
    if changes.get("opening_units_most") == UnitsOption.DEFAULT:
        changes["opening_units_most"] = None
    with running() as here:
        report(as_document(change_counter_settings(here.scope, location_id(merchant_id), **changes)), as_json)


def location_id(text: str) -> str:
    """The id of a location as somebody typed it; what is no id at all is nobody's location."""
    from app.common.errors import NotFoundError
    from app.common.ids import is_id

    if not is_id(text.strip().lower()):
        raise NotFoundError
    return text.strip().lower()
