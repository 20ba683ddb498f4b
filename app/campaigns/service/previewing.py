"""How a campaign will look to whoever gets it, and a mail of it to oneself."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

from app.campaigns.kinds import SHOP_NEWS
from app.campaigns.news_mails import NewsMail, news_mail
from app.campaigns.reaching import manners_of
from app.campaigns.service.sending import shop_of
from app.campaigns.wording import LOCALES, Worded, offer, say
from app.cards import attempts
from app.cards.attempts import Limit
from app.common.branding import Brand
from app.common.errors import ForbiddenError, InvalidError
from app.common.mail import queue_mail
from app.common.scope import Scope
from app.rewards.configuration import current_configuration

TRIES = Limit("campaign tried", 20, timedelta(hours=1))
TRIAL = {"nl": "Proef", "fr": "Essai", "en": "Trial", "de": "Probe"}


@dataclass(frozen=True, slots=True)
class Preview:
    """A message in one language, as the inbox shows it, as a mail, and the line of its offer (None without one)."""

    locale: str
    said: Worded
    news: NewsMail
    offer: str | None
    shop: str


def preview(
    scope: Scope,
    *,
    title: Mapping[str, str],
    text: Mapping[str, str],
    locale: str,
    reward_id: str | None,
    offer_days: int | None,
    brand: Brand,
    public_url: str,
    to: str = "",
) -> Preview:
    """The words of a campaign as its members read them; nothing is kept. An offer that isn't there any more is left
    out. Its links lead nowhere in particular: there is no voucher yet."""
    with scope.reading() as tx:
        merchant_id = scope.merchant_id or ""
        shop = shop_of(tx, merchant_id)
        _, timezone = manners_of(tx, merchant_id)
        reward = current_configuration(tx, merchant_id).rewards.get(reward_id or "")
    params: dict[str, Any] = {"title": dict(title), "text": dict(text)}
    if reward is not None:
        ends = None if offer_days is None else (scope.now + timedelta(days=offer_days)).isoformat()
        params |= {"voucher_id": "", "reward_name": reward.name, "offer_until": ends, "timezone": timezone}
    said = say(SHOP_NEWS, params, merchant=shop.name, locale=locale)
    news = news_mail(
        to,
        said,
        locale=locale,
        shop=shop,
        brand=brand,
        url=public_url,
        has_offer=reward is not None,
        stop=public_url,
    )
    return Preview(locale, said, news, offer(params, locale=locale) if reward is not None else None, shop.name)


def try_on_oneself(
    scope: Scope,
    to: str,
    *,
    title: Mapping[str, str],
    text: Mapping[str, str],
    locale: str,
    reward_id: str | None,
    offer_days: int | None,
    brand: Brand,
    public_url: str,
) -> None:
    """Mail the words, as they would go out, to the address of whoever asks, marked as a trial; nobody else hears of it.

    Raises ``InvalidError`` where there is nothing to read in that language, ``TriesUsedUpError`` after twenty in an
    hour, ``ForbiddenError`` unless an owner or a manager asks.
    """
    if scope.merchant_id is None or scope.staff_role not in ("owner", "manager"):
        raise ForbiddenError
    if locale not in LOCALES or not title.get(locale, "").strip() or not text.get(locale, "").strip():
        raise InvalidError(errors={"title": ["campaign_words_expected"]})
    attempts.spend(scope, TRIES, scope.actor_id or "")
    shown = preview(
        scope,
        title=title,
        text=text,
        locale=locale,
        reward_id=reward_id,
        offer_days=offer_days,
        brand=brand,
        public_url=public_url,
        to=to,
    )
    # Nobody subscribed, so there is nothing to end by one click.
    mail = replace(shown.news.mail, headers={}, subject=f"{TRIAL[locale]}: {shown.news.mail.subject}")
    scope.run(lambda tx: queue_mail(tx, scope.keys.data, mail, now=scope.now, merchant_id=scope.merchant_id))
