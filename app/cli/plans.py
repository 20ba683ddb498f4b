"""``zegel plan``: what shops may subscribe to, and who pays for whom."""

from __future__ import annotations

from datetime import datetime

import click

from app.cli.reporting import json_option, report


@click.group()
def plan() -> None:
    """What shops pay: plans by the number of active members."""


@plan.command("set")
@click.argument("code")
@click.option("--name", required=True, help="What shops see; --name-nl and the like where it differs by language.")
@click.option("--name-nl")
@click.option("--name-fr")
@click.option("--name-de")
@click.option("--amount", required=True, help='A month, without VAT: "19.00"; "0" for the one that is free.')
@click.option("--currency", default="EUR", show_default=True)
@click.option("--members", type=click.IntRange(min=1), help="Active members that it covers; without it any number.")
@click.option(
    "--trial", type=click.IntRange(0, 365), default=0, show_default=True, help="Days before the first payment."
)
@click.option("--offered/--not-offered", default=True, help="Whether new shops may choose it.")
@json_option
def plan_set(
    code: str,
    name: str,
    name_nl: str | None,
    name_fr: str | None,
    name_de: str | None,
    amount: str,
    currency: str,
    members: int | None,
    trial: int,
    offered: bool,
    as_json: bool,
) -> None:
    """Make the plan CODE, or change it.

    Whoever subscribed at another amount keeps that amount. Its price is made at Stripe where STRIPE_API_KEY is set.
    """
    from app.billing.service import set_plan
    from app.billing.stripe_gateway import gateway
    from app.cli.running import running
    from app.common.money import parse_amount

    names = {"en": name, "nl": name_nl, "fr": name_fr, "de": name_de}
    with running() as here:
        plan_id = set_plan(
            here.scope,
            gateway(here.settings.stripe),
            code=code,
            name={locale: text for locale, text in names.items() if text},
            amount_minor=parse_amount(amount, currency),
            currency=currency,
            most_members=members,
            trial_days=trial,
            is_offered=offered,
        )
        report({"plan_id": plan_id, "code": code}, as_json)


@plan.command("list")
@json_option
def plan_list(as_json: bool) -> None:
    """Every plan, also those that are offered no more."""
    import json

    from app.billing.queries import list_plans
    from app.cli.running import running
    from app.common.money import format_amount

    with running() as here:
        plans = list_plans(here.scope)
    if as_json:
        click.echo(json.dumps({"items": plans}, ensure_ascii=False))
        return
    for one in plans:
        covers = "any number of members" if one["members"] is None else f"up to {one['members']} active members"
        price = f"{format_amount(one['amount_minor'], one['currency'])} {one['currency']} a month"
        offered = "" if one["offered"] else "; not offered any more"
        at_stripe = "" if one["stripe_price"] or not one["amount_minor"] else "; no price at Stripe yet: set it again"
        click.echo(f"{one['code']:<12} {one['name'].get('en', '')}: {price}, {covers}{offered}{at_stripe}")
    if not plans:
        click.echo("There are no plans, so nothing is paid. Make one: zegel plan set free --name Free --amount 0 …")


@plan.command("sponsor")
@click.argument("merchant_id")
@click.option("--payer", help="Who pays for this shop: a town, an association.")
@click.option("--until", type=click.DateTime(["%Y-%m-%d"]), help="The last day of it; until further notice without.")
@click.option("--end", is_flag=True, help="Nobody pays for this shop any more.")
@json_option
def plan_sponsor(merchant_id: str, payer: str | None, until: datetime | None, end: bool, as_json: bool) -> None:
    """Say that somebody else pays for a shop: it is asked for nothing, and never paused, until then."""
    from datetime import UTC, timedelta

    from app.billing.service import sponsor
    from app.cli.running import running
    from app.cli.shops import location_id

    if (payer is None) != end:
        raise click.UsageError("Say either --payer or --end.")
    last = None if until is None else until.replace(tzinfo=UTC) + timedelta(days=1)
    with running() as here:
        sponsor(here.scope, location_id(merchant_id), payer=payer, until=last)
        report({"merchant_id": merchant_id, "payer": payer, "until": last and last.isoformat()}, as_json)
