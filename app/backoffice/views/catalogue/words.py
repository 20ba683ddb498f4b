"""Rewards and promotions in sentences."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

from babel import dates, numbers
from babel.lists import format_list
from flask_babel import gettext, ngettext

from app.backoffice.queries.catalogue import Place
from app.common.clock import zone
from app.common.money import exponent
from app.rewards.clashes import Clash
from app.rewards.queries import ProgrammeView, PromotionView, RewardView
from app.rewards.rules.promotion import WEEKDAYS
from app.rewards.views import words as shop_words
from app.web import locale

babel, units, money = shop_words.babel, shop_words.units, shop_words.money


def _(text: str, **params: object) -> str:
    return str(gettext(text, **params))


def headed(text: str) -> str:
    """With a capital at its beginning, the rest as it is."""
    return text[:1].upper() + text[1:]


def listed(parts: Iterable[str]) -> str:
    """``Monday, Tuesday and Friday``."""
    return str(format_list(list(parts), locale=babel()))


def minor(amount_minor: int, currency: str) -> str:
    """An amount in minor units, as it is written there."""
    return money(Decimal(amount_minor).scaleb(-exponent(currency)), currency)


def percent(number: int | Decimal) -> str:
    """``20 %`` as it is written there."""
    return str(numbers.format_percent(Decimal(number) / 100, locale=babel()))


def number(value: Decimal | int) -> str:
    """A number as it is written there."""
    return str(numbers.format_decimal(value, locale=babel()))


def day(when: date) -> str:
    """``7 December``, with the year where it is another one than most."""
    return str(dates.format_date(when, "long", locale=babel()))


def last_day(moment: datetime, timezone: str) -> date:
    """The last day of something that ends at ``moment``."""
    return (moment - timedelta(seconds=1)).astimezone(zone(timezone)).date()


def first_day(moment: datetime, timezone: str) -> date:
    """The local day of a moment."""
    return moment.astimezone(zone(timezone)).date()


def reward_name(reward: RewardView) -> str:
    """Its name in the language of this request."""
    return locale.named(reward.names, reward.name)


def what(reward: RewardView, currency: str) -> str:
    """What one gets: a thing by its name, or what comes off."""
    if reward.kind == "percent_off":
        return _("%(percent)s off", percent=percent(reward.percent or 0))
    if reward.kind == "amount_off":
        return _("%(amount)s off", amount=minor(reward.amount_minor or 0, currency))
    if reward.amount_minor:
        return _("%(name)s, worth %(amount)s", name=reward_name(reward), amount=minor(reward.amount_minor, currency))
    return reward_name(reward)


def reward_lead(reward: RewardView, programme: ProgrammeView, currency: str) -> str:
    """``For 10 stamps: a coffee, worth €2.50.``"""
    return _("For %(cost)s: %(what)s.", cost=units(programme.kind, reward.cost), what=what(reward, currency))


def reward_details(
    reward: RewardView,
    programme: ProgrammeView,
    *,
    places: Iterable[Place],
    tiers: Mapping[str, str],
    segments: Mapping[str, str],
) -> list[str]:
    """A sentence for each thing that limits a reward."""
    told: list[str] = []
    timezone = programme.timezone
    if reward.has_codes:
        told.append(_("The member sees a code for your webshop in the app."))
    if reward.is_flexible:
        told.append(_("It can be taken several times at once."))
    if reward.per_member_limit is not None:
        told.append(
            str(
                ngettext(
                    "Each member can have it once.",
                    "Each member can have it %(num)s times.",
                    reward.per_member_limit,
                )
            )
        )
    if reward.tier is not None:
        told.append(_("Only for the tier %(tier)s.", tier=tiers.get(reward.tier, reward.tier)))
    if reward.segment_id is not None:
        told.append(_("Only for members in “%(segment)s”.", segment=segments.get(reward.segment_id, "?")))
    if reward.location_ids:
        named = [place.name for place in places if place.location_id in reward.location_ids]
        if named:
            told.append(_("Only at: %(places)s.", places=listed(named)))
    if reward.valid_from is not None and reward.valid_until is not None:
        told.append(
            _(
                "From %(first)s to %(last)s.",
                first=day(first_day(reward.valid_from, timezone)),
                last=day(last_day(reward.valid_until, timezone)),
            )
        )
    elif reward.valid_from is not None:
        told.append(_("From %(first)s on.", first=day(first_day(reward.valid_from, timezone))))
    elif reward.valid_until is not None:
        told.append(_("Until %(last)s.", last=day(last_day(reward.valid_until, timezone))))
    if reward.voucher_days is not None:
        told.append(
            str(
                ngettext(
                    "Its voucher is good for %(num)s day.", "Its voucher is good for %(num)s days.", reward.voucher_days
                )
            )
        )
    return told


def stock(reward: RewardView) -> str | None:
    """How many are left; None where nobody counts."""
    if reward.stock is None:
        return None
    if reward.has_codes:
        return str(ngettext("%(num)s code left", "%(num)s codes left", reward.stock))
    return str(ngettext("%(num)s left", "%(num)s left", reward.stock)) if reward.stock else _("None left")


def state(reward: RewardView, programme: ProgrammeView, now: datetime) -> tuple[str, str]:
    """Whether it can be had now: a kind (good, wait, bad, off) and a word."""
    if not reward.is_active or not programme.is_active:
        return "off", _("Off")
    if reward.valid_from is not None and reward.valid_from > now:
        return "wait", _("Planned")
    if reward.valid_until is not None and reward.valid_until <= now:
        return "off", _("Over")
    if reward.stock == 0:
        return "bad", _("No codes left") if reward.has_codes else _("Sold out")
    return "good", _("On")


def times(multiplier: str, kind: str) -> str:
    """``stamps count double``."""
    value = Decimal(multiplier)
    if kind == "stamps":
        if value == 2:
            return _("stamps count double")
        if value == 3:
            return _("stamps count three times")
        return _("stamps count %(times)s times", times=number(value))
    if value == 2:
        return _("points count double")
    if value == 3:
        return _("points count three times")
    return _("points count %(times)s times", times=number(value))


def effect(rule: Mapping[str, Any], kind: str) -> str:
    """What a promotion gives."""
    given = rule.get("effect", {})
    if "bonus" in given:
        return _("%(units)s extra for each visit", units=units(kind, int(given["bonus"])))
    return times(str(given.get("multiplier", "2")), kind)


def weekdays(keys: Iterable[str]) -> str:
    """``Tuesday and Wednesday``; three or more in a row as ``Monday to Friday``."""
    chosen = [index for index, key in enumerate(WEEKDAYS) if key in set(keys)]
    names = dates.get_day_names("wide", locale=babel())
    if len(chosen) > 2 and chosen == list(range(chosen[0], chosen[-1] + 1)):
        return _("%(first)s to %(last)s", first=names[chosen[0]], last=names[chosen[-1]])
    return listed(names[index] for index in chosen)


def clock(text: str) -> str:
    """A time of day as it is written there; ``24:00`` as itself."""
    if text == "24:00":
        return text
    hours, minutes = text.split(":")
    return str(dates.format_time(datetime(2000, 1, 1, int(hours), int(minutes)).time(), "short", locale=babel()))  # noqa: DTZ001


def when(promotion: PromotionView, timezone: str) -> list[str]:
    """The conditions of a promotion that concern days and hours."""
    conditions = promotion.rule.get("conditions", {})
    told: list[str] = []
    if conditions.get("weekdays"):
        told.append(_("on %(days)s", days=weekdays(conditions["weekdays"])))
    if hours := conditions.get("hours"):
        told.append(_("from %(start)s to %(end)s", start=clock(hours["from"]), end=clock(hours["to"])))
    bounds = conditions.get("dates", {})
    first = date.fromisoformat(bounds["from"]) if bounds.get("from") else None
    last = date.fromisoformat(bounds["to"]) if bounds.get("to") else None
    if promotion.starts_at is not None:
        begins = first_day(promotion.starts_at, timezone)
        first = begins if first is None else max(first, begins)
    if promotion.ends_at is not None:
        ends = last_day(promotion.ends_at, timezone)
        last = ends if last is None else min(last, ends)
    if first is not None and last is not None:
        told.append(
            _("on %(day)s", day=day(first))
            if first == last
            else _("from %(first)s to %(last)s", first=day(first), last=day(last))
        )
    elif first is not None:
        told.append(_("from %(first)s on", first=day(first)))
    elif last is not None:
        told.append(_("until %(last)s", last=day(last)))
    return told


def whom(rule: Mapping[str, Any], *, places: Iterable[Place], tiers: Mapping[str, str], currency: str) -> list[str]:
    """The conditions of a promotion that concern the member, the place and the purchase."""
    conditions = rule.get("conditions", {})
    told: list[str] = []
    if conditions.get("first_visit"):
        told.append(_("on a member's first visit"))
    if conditions.get("birthday_week"):
        told.append(_("in the week of the member's birthday"))
    if days := conditions.get("comeback_days"):
        told.append(str(ngettext("after %(num)s day away", "after %(num)s days away", days)))
    if conditions.get("tiers"):
        told.append(_("for the tier %(tiers)s", tiers=listed(tiers.get(one, one) for one in conditions["tiers"])))
    if conditions.get("locations"):
        named = [place.name for place in places if place.location_id in conditions["locations"]]
        told.append(_("at %(places)s", places=listed(named) if named else "?"))
    if conditions.get("minimum"):
        told.append(_("with purchases of %(amount)s or more", amount=money(str(conditions["minimum"]), currency)))
    if conditions.get("categories"):
        told.append(_("with: %(categories)s", categories=listed(conditions["categories"])))
    return told


def promotion_sentence(
    promotion: PromotionView,
    programme: ProgrammeView,
    *,
    places: Iterable[Place],
    tiers: Mapping[str, str],
    currency: str,
) -> str:
    """``On Tuesday and Wednesday, from 14:00 to 17:00: stamps count double.``"""
    conditions = [
        *when(promotion, programme.timezone),
        *whom(promotion.rule, places=places, tiers=tiers, currency=currency),
    ] or [_("on every visit")]
    return _(
        "%(conditions)s: %(effect)s.",
        conditions=headed(", ".join(conditions)),
        effect=effect(promotion.rule, programme.kind),
    )


def promotion_state(promotion: PromotionView, now: datetime) -> tuple[str, str]:
    """Whether it is on: a kind (good, wait, off) and a word."""
    if not promotion.is_active:
        return "off", _("Off")
    if promotion.starts_at is not None and promotion.starts_at > now:
        return "wait", _("Planned")
    if promotion.ends_at is not None and promotion.ends_at <= now:
        return "off", _("Over")
    return "good", _("On")


def clash(found: Clash) -> str:
    """What an owner should know, in a sentence."""
    first = found.first.name
    if found.code == "meets_best" and found.second is not None:
        return _(
            "“%(first)s” and “%(second)s” fall together, on %(day)s for example. Only the better of the two counts.",
            first=first,
            second=found.second.name,
            day=day(found.params["day"]),
        )
    if found.code == "meets_both" and found.second is not None:
        return _(
            "“%(first)s” and “%(second)s” fall together, on %(day)s for example."
            " Both count: everything %(times)s times.",
            first=first,
            second=found.second.name,
            day=day(found.params["day"]),
            times=number(Decimal(found.params["hundredths"]) / 100),
        )
    told = {
        "never": _("“%(first)s” never happens: none of its weekdays lies between its dates.", first=first),
        "no_tier": _("“%(first)s” is for a tier that the programme does not have. Nobody gets it.", first=first),
        "no_amount": _(
            "“%(first)s” asks for a minimum, but the tablet does not ask for the amount in this programme."
            " It counts only where a till sends the amount.",
            first=first,
        ),
        "needs_lines": _(
            "“%(first)s” is for categories. It counts only where a till sends the lines of the receipt.", first=first
        ),
        "capped": _(
            "“%(first)s” can give nothing more: the programme gives at most %(most)s for a visit or a day."
            " Raise that first.",
            first=first,
            most=found.params.get("most", 1),
        ),
    }
    return told[found.code]
