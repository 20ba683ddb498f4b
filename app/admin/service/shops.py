"""What operators do with a shop that takes more than one domain: closing it, and what it pays. Each act has a reason,
stands in the shop's audit list, and is told to its owners by mail."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, time, timedelta

from babel.dates import format_date

from app.billing import service as billing
from app.billing.discounts import Discount
from app.billing.queries import get_subscription
from app.billing.stripe_gateway import Gateway
from app.campaigns import service as campaigns
from app.common import audit
from app.common.clock import zone
from app.common.database import Transaction
from app.common.scope import Scope
from app.merchants.mails import mail
from app.merchants.owner_mails import mail_owners
from app.merchants.rows import merchant_of
from app.merchants.service.approving import checked_reason


def close_shop(
    scope: Scope, merchant_id: str, *, last_earning: date, last_redeeming: date, reason: str, public_url: str
) -> None:
    """Begin the way out for a shop, as its owner would: its members are told at once, then nothing is earned, then
    nothing is redeemed, then it is closed. The days are local and the last ones.

    Raises InvalidError without a reason, NotFoundError, MerchantClosedError, DepartureTooSoonError,
    DepartureWindowError, and DepartureAnnouncedError, which a repeat meets too.
    """
    checked = checked_reason(reason)

    def work(tx: Transaction) -> None:
        merchant = merchant_of(tx, scope, merchant_id)
        campaigns.announce_departure(
            replace(scope, merchant_id=merchant_id),
            last_earning=last_earning,
            last_redeeming=last_redeeming,
            word={},
            reason=checked,
        )
        link = f"{public_url.rstrip('/')}/office/{merchant.slug}/leaving"
        mail_owners(
            tx,
            scope,
            merchant_id,
            lambda to, locale: mail(
                "shop_closing",
                to,
                locale,
                shop=merchant.name,
                reason=checked,
                earn=_day(last_earning, locale),
                redeem=_day(last_redeeming, locale),
                link=link,
            ),
        )

    scope.run(work)


def set_shop_plan(
    scope: Scope, stripe: Gateway, merchant_id: str, plan_id: str, *, reason: str, key: str, public_url: str
) -> None:
    """Put a shop that has a subscription on another plan, at once; Stripe gives the days that are left back. ``key``
    names the form that was sent: sending it twice changes once.

    Raises InvalidError without a reason, and what :func:`app.billing.service.change_plan` raises.
    """
    checked = checked_reason(reason)
    own = replace(scope, merchant_id=merchant_id)
    before = get_subscription(own).plan
    billing.change_plan(own, stripe, plan_id, key=key, public_url=public_url)
    after = next((plan for plan in get_subscription(own).plans if plan.id == plan_id), None)

    def work(tx: Transaction) -> None:
        audit.record(
            tx,
            scope,
            "merchant.plan_set",
            "merchant",
            merchant_id,
            merchant_id=merchant_id,
            before={"plan": None if before is None else before.code},
            after={"plan": None if after is None else after.code, "reason": checked},
        )
        name = merchant_of(tx, scope, merchant_id)
        link = f"{public_url.rstrip('/')}/office/{name.slug}/subscription"
        mail_owners(
            tx,
            scope,
            merchant_id,
            lambda to, locale: mail(
                "shop_plan",
                to,
                locale,
                shop=name.name,
                plan="" if after is None else after.shown(locale or "en"),
                reason=checked,
                link=link,
            ),
        )

    scope.run(work)


def set_shop_price(
    scope: Scope,
    stripe: Gateway,
    merchant_id: str,
    discount: Discount | None,
    *,
    reason: str,
    key: str,
    public_url: str,
) -> None:
    """Let a shop that has a subscription pay less than its plan costs, from its next invoice on, or the plan's price
    again (None). ``key`` names the form that was sent: sending it twice changes once, and tells it once.

    Raises InvalidError without a reason, and what :func:`app.billing.service.set_discount` raises.
    """
    checked = checked_reason(reason)
    own = replace(scope, merchant_id=merchant_id)
    before = get_subscription(own).discount
    billing.set_discount(own, stripe, discount, key=key, public_url=public_url)
    after = get_subscription(own).discount
    if before == after:
        return  # sent twice: it was told the first time

    def work(tx: Transaction) -> None:
        audit.record(
            tx,
            scope,
            "merchant.price_set",
            "merchant",
            merchant_id,
            merchant_id=merchant_id,
            before={} if before is None else before.told(),
            after=({} if after is None else after.told()) | {"reason": checked},
        )
        merchant = merchant_of(tx, scope, merchant_id)
        link = f"{public_url.rstrip('/')}/office/{merchant.slug}/subscription"
        kind = "shop_price_ended" if after is None else "shop_price"
        mail_owners(
            tx,
            scope,
            merchant_id,
            lambda to, locale: mail(kind, to, locale, shop=merchant.name, reason=checked, link=link),
        )

    scope.run(work)


def set_sponsor(
    scope: Scope, merchant_id: str, *, payer: str | None, until: date | None, reason: str, public_url: str
) -> None:
    """Say who pays for a shop in its stead, and its last local day of that (None: until further notice); ``payer``
    None: nobody does any more. The shop is asked for nothing, and never paused, until then.

    Raises InvalidError without a reason or for a name that is too long, NotFoundError. A repeat tells the owners again.
    """
    checked = checked_reason(reason)

    def work(tx: Transaction) -> None:
        merchant = merchant_of(tx, scope, merchant_id)
        before = get_subscription(replace(scope, merchant_id=merchant_id)).sponsor
        last = until if payer is not None else None
        over = None if last is None else datetime.combine(last + timedelta(days=1), time(), zone(merchant.timezone))
        billing.sponsor(scope, merchant_id, payer=payer, until=over)
        audit.record(
            tx,
            scope,
            "merchant.sponsor_set",
            "merchant",
            merchant_id,
            merchant_id=merchant_id,
            before={"sponsor": before},
            after={"sponsor": payer, "until": last and last.isoformat(), "reason": checked},
        )
        facts = {
            "shop": merchant.name,
            "reason": checked,
            "link": f"{public_url.rstrip('/')}/office/{merchant.slug}/subscription",
        }
        mail_owners(
            tx,
            scope,
            merchant_id,
            lambda to, locale: (
                mail("shop_sponsor_ended", to, locale, **facts)
                if payer is None
                else mail("shop_sponsored", to, locale, payer=payer, **facts)
            ),
        )

    scope.run(work)


def _day(day: date, locale: str | None) -> str:
    known = locale if locale in ("nl", "fr", "de") else "en_GB"
    return str(format_date(day, "long", locale=known))
