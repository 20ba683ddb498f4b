"""``zegel staff`` and ``zegel operator``: people, and the one-time links by which they set their passwords."""

from __future__ import annotations

import click

from app.cli.reporting import json_option, report


@click.group()
def staff() -> None:
    """People who work at a shop."""


@staff.command("add")
@click.argument("email")
@click.option("--merchant", required=True, help="The merchant's id.")
@click.option("--role", type=click.Choice(["owner", "manager", "cashier"]), required=True)
@click.option("--name", help="What colleagues call them; the address's first part unless told.")
@click.option("--pin", help="Four to eight digits, for the tablet.")
@json_option
def staff_add(email: str, merchant: str, role: str, name: str | None, pin: str | None, as_json: bool) -> None:
    """Give somebody access to a shop, and print a one-time link to set the password. Whoever has one already keeps it,
    and the link does nothing."""
    from app.cli.running import running
    from app.cli.shops import location_id
    from app.merchants.service import add_staff, create_setup_link

    with running() as here:
        scope = here.scope
        with scope.transaction():
            staff_id = add_staff(
                scope,
                location_id(merchant),
                name=name or email.partition("@")[0],
                role=role,
                email=email,
                pin=pin,
            )
            link = create_setup_link(scope, staff_id=staff_id)
        report(
            {
                "staff_id": staff_id,
                "link": f"{here.settings.public_url}/setup/{link.token}",
                "expires_at": link.expires_at.isoformat().replace("+00:00", "Z"),
            },
            as_json,
        )


@staff.command("forget-second")
@click.argument("email")
def staff_forget_second(email: str) -> None:
    """Let somebody who lost phone and recovery codes sign in by password alone. Make sure who asks: it is mailed."""
    from app.cli.running import running
    from app.merchants.service import forget_second_step

    with running() as here:
        forget_second_step(here.scope, email, public_url=here.settings.public_url)
    click.echo("The second step is gone, and every browser of theirs is signed out.")


@click.group()
def operator() -> None:
    """People who run the platform."""


@operator.command("add")
@click.argument("email")
@click.option("--name", default="", help="What others call them.")
@json_option
def operator_add(email: str, name: str, as_json: bool) -> None:
    """Let somebody run the platform, and print a one-time link to set the password."""
    from app.cli.running import running
    from app.merchants.service import add_operator, create_setup_link

    with running() as here:
        scope = here.scope
        with scope.transaction():
            operator_id = add_operator(scope, email, name=name)
            link = create_setup_link(scope, operator_id=operator_id)
        report(
            {
                "operator_id": operator_id,
                "link": f"{here.settings.public_url}/setup/{link.token}",
                "expires_at": link.expires_at.isoformat().replace("+00:00", "Z"),
            },
            as_json,
        )


@operator.command("forget-second")
@click.argument("email")
def operator_forget_second(email: str) -> None:
    """Let an operator who lost phone and recovery codes set up another phone. Make sure who asks."""
    from app.cli.running import running
    from app.merchants.service import forget_operators_second_step

    with running() as here:
        forget_operators_second_step(here.scope, email)
    click.echo("The second step is gone, and every browser of theirs is signed out.")
