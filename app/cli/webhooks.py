"""``zegel webhook``: where a merchant is told what happens, and what was sent."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import click

from app.cli.reporting import json_option, report

if TYPE_CHECKING:
    from app.common.scope import Scope
    from app.jobs.context import JobContext

merchant_option = click.option("--merchant", required=True, help="The merchant's id.")


@click.group()
def webhook() -> None:
    """Where a merchant is told what happens, and what was sent."""


@webhook.command("add")
@click.argument("url")
@merchant_option
@click.option("--event", "events", multiple=True, help="May be repeated; all events unless told.")
@json_option
def add(url: str, merchant: str, events: tuple[str, ...], as_json: bool) -> None:
    """Tell URL of a merchant's events, and print the secret that signs them. It is shown this once."""
    from app.merchants import webhooks

    with _merchants(merchant) as (scope, context):
        made = webhooks.add_endpoint(scope, url=url, events=events or tuple(webhooks.EVENTS), reach=context.reach())
        report({"endpoint_id": made.id, "url": made.url, "events": list(made.events), "secret": made.secret}, as_json)


@webhook.command("list")
@merchant_option
@json_option
def list_(merchant: str, as_json: bool) -> None:
    """A merchant's endpoints."""
    from app.merchants import webhooks

    with _merchants(merchant) as (scope, _):
        found = [
            {
                "endpoint_id": endpoint.id,
                "url": endpoint.url,
                "events": list(endpoint.events),
                "is_active": endpoint.is_active,
                "disabled_reason": endpoint.disabled_reason,
            }
            for endpoint in webhooks.endpoints(scope)
        ]
    if as_json:
        click.echo(json.dumps({"items": found}, ensure_ascii=False))
        return
    for endpoint in found:
        state = "on" if endpoint["is_active"] else f"off: {endpoint['disabled_reason'] or 'switched off'}"
        click.echo(f"{endpoint['endpoint_id']}  {endpoint['url']}  {state}")


@webhook.command("deliveries")
@merchant_option
@click.option("--endpoint", help="Of one endpoint only.")
@click.option("--status", type=click.Choice(["pending", "delivered", "failed"]))
@click.option("--limit", type=click.IntRange(1, 500), default=50, show_default=True)
@json_option
def deliveries(merchant: str, endpoint: str | None, status: str | None, limit: int, as_json: bool) -> None:
    """What was sent to a merchant's endpoints, newest first, and what came back."""
    from app.common.ids import is_id
    from app.merchants import deliveries as sent

    if endpoint is not None and not is_id(endpoint):
        raise click.BadParameter("that is no endpoint's id", param_hint="--endpoint")
    with _merchants(merchant) as (scope, _):
        found = [_document(each) for each in sent.deliveries(scope, endpoint_id=endpoint, status=status, limit=limit)]
    if as_json:
        click.echo(json.dumps({"items": found}, ensure_ascii=False))
        return
    for each in found:
        told = f"{each['status']} after {each['tries']} tries" + (f": {each['error']}" if each["error"] else "")
        click.echo(f"{each['delivery_id']}  {each['created_at']}  {each['event']}  {told}")


@webhook.command("replay")
@merchant_option
@click.option("--delivery", help="One delivery.")
@click.option("--failed-of", help="All that failed for good at this endpoint.")
@json_option
def replay(merchant: str, delivery: str | None, failed_of: str | None, as_json: bool) -> None:
    """Send again, under the same webhook-id: one delivery, or all that failed at an endpoint."""
    from app.merchants import deliveries as sent

    if (delivery is None) == (failed_of is None):
        raise click.UsageError("say either --delivery or --failed-of")
    with _merchants(merchant) as (scope, _):
        count = 1
        if delivery is not None:
            sent.replay(scope, delivery)
        elif failed_of is not None:
            count = sent.replay_failed(scope, failed_of)
        report({"replayed": count}, as_json)


@webhook.command("enable")
@click.argument("endpoint")
@merchant_option
@json_option
def enable(endpoint: str, merchant: str, as_json: bool) -> None:
    """Switch an endpoint on again; what waited for it goes on."""
    _switch(endpoint, merchant, True, as_json)


@webhook.command("disable")
@click.argument("endpoint")
@merchant_option
@json_option
def disable(endpoint: str, merchant: str, as_json: bool) -> None:
    """Switch an endpoint off; what waits for it stays."""
    _switch(endpoint, merchant, False, as_json)


def _switch(endpoint: str, merchant: str, active: bool, as_json: bool) -> None:
    from app.merchants import webhooks

    with _merchants(merchant) as (scope, _):
        found = webhooks.set_active(scope, endpoint, active=active, reason=None if active else "switched off")
        report({"endpoint_id": found.id, "is_active": found.is_active}, as_json)


@contextmanager
def _merchants(merchant_id: str) -> Iterator[tuple[Scope, JobContext]]:
    from app.cli.running import running
    from app.common.errors import NotFoundError
    from app.common.ids import is_id
    from app.jobs.context import JobContext

    if not is_id(merchant_id):
        raise NotFoundError
    with running() as here:
        context = JobContext(here.settings, here.scope.database)
        yield dataclasses.replace(here.scope, merchant_id=merchant_id), context


def _document(delivery: Any) -> dict[str, Any]:
    return {
        "delivery_id": delivery.id,
        "endpoint_id": delivery.endpoint_id,
        "event_id": delivery.event_id,
        "event": delivery.event_type,
        "status": delivery.status,
        "tries": delivery.tries,
        "last_status": delivery.last_status,
        "error": delivery.last_error,
        "created_at": delivery.created_at.isoformat(),
        "delivered_at": delivery.delivered_at.isoformat() if delivery.delivered_at else None,
    }
