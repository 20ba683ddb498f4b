"""Trying an automation: its mail, as a member would get it, to the address of whoever tries."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from app.campaigns.automations.catalogue import READY
from app.campaigns.automations.filling import Facts, filled
from app.campaigns.automations.sending import aim_of
from app.campaigns.news_mails import news_mail
from app.campaigns.queries.automations import AutomationView
from app.campaigns.service.sending import shop_of
from app.campaigns.wording import Worded, spoken
from app.common.branding import brand_of
from app.common.database import Transaction
from app.common.errors import ForbiddenError
from app.common.mail import queue_mail
from app.common.scope import Scope
from app.merchants.models import Merchant
from app.rewards.configuration import current_configuration

_SAMPLE_LEFT = 2
_SAMPLE_UNITS = 3
_MAY = ("manager", "owner")
TRY = {"nl": "Proef", "fr": "Essai", "en": "Trial", "de": "Probe"}


def sample_facts(scope: Scope, trigger: str, days: int | None = None) -> Facts:
    """What would be filled in for a member of the scope's shop who is nobody: two units from a full card, three that
    end, a year with the shop."""
    with scope.reading() as tx:
        return _sample(tx, scope, trigger, days)


def try_automation(scope: Scope, view: AutomationView, *, to: str, public_url: str, locale: str) -> None:
    """Mail an automation's words as they are kept to one address, marked as a trial; nothing is noted of anybody. Each
    call sends another. Raises ``ForbiddenError`` unless a manager or the owner asks."""
    if scope.staff_role not in _MAY:
        raise ForbiddenError
    tongue = spoken(locale)

    def work(tx: Transaction) -> None:
        facts = _sample(tx, scope, view.trigger, view.settings.days)
        text = filled(view.text, facts)[tongue]
        reward = current_configuration(tx, scope.merchant_id or "").rewards.get(view.reward_id or "")
        said = Worded(filled(view.title, facts)[tongue], text if reward is None else f"{text}\n{reward.name}")
        made = news_mail(
            to,
            said,
            locale=tongue,
            shop=shop_of(tx, scope.merchant_id or ""),
            brand=brand_of(scope.database),
            url=f"{public_url}/app/",
            has_offer=reward is not None,
            stop=f"{public_url}/",
            is_notice=not view.ready.is_marketing and reward is None,
        )
        # The link that ends it belongs to a member: a trial has none.
        mail = replace(made.mail, subject=f"[{TRY[tongue]}] {made.mail.subject}", headers={})
        queue_mail(tx, scope.keys.data, mail, now=scope.now, merchant_id=scope.merchant_id)

    scope.run(work)


def _sample(tx: Transaction, scope: Scope, trigger: str, days: int | None) -> Facts:
    merchant = tx.session.get_one(Merchant, scope.merchant_id)
    names = READY[trigger].facts
    config = current_configuration(tx, merchant.id)
    programme = config.programmes[0] if config.programmes else None
    aim = None if programme is None else aim_of(tx, merchant.id, programme.id, scope.now)
    kind = "stamps" if programme is None else programme.kind
    until = scope.now + timedelta(days=days or 7)
    lot = {"units": _SAMPLE_UNITS, "unit_kind": kind, "at": until.isoformat(), "timezone": merchant.timezone}
    return Facts(
        shop=merchant.name,
        left=_SAMPLE_LEFT if "left" in names else None,
        unit_kind=kind,
        reward={"": merchant.name} if aim is None else aim[2],
        years=1 if "years" in names else None,
        lots=(lot,) if "lots" in names else (),
    )
