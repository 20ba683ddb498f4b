"""A promotion: what it gives, when, to whom, where."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal, InvalidOperation
from typing import Any

from flask_babel import LazyString
from flask_babel import lazy_gettext as _l
from wtforms import BooleanField, Field, RadioField, SelectField, StringField, TimeField
from wtforms.validators import Length, Optional

from app.backoffice.forms.catalogue.fields import AmountField, LanguagesForm, TicksField, day, number, offered, stripped
from app.common.money import format_amount
from app.rewards.rules.promotion import WEEKDAYS

EFFECTS = (
    ("multiplier", _l("Everything counts more often")),
    ("bonus", _l("Something extra for each visit")),
)
WHOM = (
    ("everybody", _l("Everybody")),
    ("first_visit", _l("New members, on their first visit")),
    ("birthday_week", _l("Whoever has a birthday, that week")),
    ("comeback", _l("Whoever has not been here for a while")),
)
DAYS = (
    ("mon", _l("Monday")),
    ("tue", _l("Tuesday")),
    ("wed", _l("Wednesday")),
    ("thu", _l("Thursday")),
    ("fri", _l("Friday")),
    ("sat", _l("Saturday")),
    ("sun", _l("Sunday")),
)


class PromotionForm(LanguagesForm):
    """Each condition that is left out does not restrict."""

    programme = SelectField(_l("Programme"))
    effect = RadioField(_l("What does it give?"), choices=offered(EFFECTS), default="multiplier")
    multiplier = StringField(_l("How many times"), filters=[stripped], default="2")
    bonus = number(_l("How many extra"), most=100_000)
    weekdays = TicksField(_l("On which days?"), choices=offered(DAYS))
    from_time = TimeField(_l("From"), [Optional()])
    to_time = TimeField(_l("To"), [Optional()])
    date_from = day(_l("First day"))
    date_to = day(_l("Last day"))
    whom = RadioField(_l("For whom?"), choices=offered(WHOM), default="everybody")
    comeback_days = number(_l("Away for how many days"), most=3_650)
    tiers = TicksField(_l("Only these tiers"), choices=[])
    places = TicksField(_l("Where"), choices=[])
    minimum = AmountField(_l("From which purchase on"))
    categories = StringField(_l("Only these categories"), [Length(max=500)], filters=[stripped])
    combinable = BooleanField(_l("It counts on top of other promotions"))

    def __init__(self, *args: Any, currency: str, is_new: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.minimum.currency = currency
        self.currency = currency
        # Told as needed, and checked once it is known what the promotion gives, and to whom.
        for field in (self.multiplier, self.bonus, self.comeback_days):
            field.flags.required = True
        if not is_new:
            del self.programme

    def wrongs(self) -> Iterator[tuple[Field, LazyString]]:
        """What the choices need, and times and dates in their order."""
        if self.effect.data == "multiplier" and self.times is None:
            yield self.multiplier, _l("Type a number such as 2 or 1.5, at most 20.")
        if self.effect.data == "bonus" and self.bonus.data is None and not self.bonus.errors:
            yield self.bonus, _l("Type how many extra.")
        if (self.to_time.data is None) != (self.from_time.data is None):
            yield self.to_time, _l("Give both times, or neither.")
        elif self.to_time.data is not None and self.to_time.data == self.from_time.data:
            yield self.to_time, _l("It would end when it begins.")
        if self.date_to.data and self.date_from.data and self.date_to.data < self.date_from.data:
            yield self.date_to, _l("It would end before it begins.")
        if self.whom.data == "comeback" and self.comeback_days.data is None and not self.comeback_days.errors:
            yield self.comeback_days, _l("Type a number of days.")

    @property
    def times(self) -> str | None:
        """The multiplier as rules write it; None for what is none."""
        try:
            found = Decimal((self.multiplier.data or "").replace(",", "."))
        except InvalidOperation:
            return None
        if not found.is_finite() or not Decimal("1.01") <= found <= 20 or found != round(found, 2):
            return None
        return f"{found.normalize():f}"

    @property
    def rule(self) -> dict[str, Any]:
        """The document of its rule, canonical as far as the form knows."""
        conditions: dict[str, Any] = {}
        if self.weekdays.data:
            conditions["weekdays"] = [one for one in WEEKDAYS if one in self.weekdays.data]
        if self.from_time.data is not None and self.to_time.data is not None:
            conditions["hours"] = {"from": f"{self.from_time.data:%H:%M}", "to": f"{self.to_time.data:%H:%M}"}
        if self.whom.data in ("first_visit", "birthday_week"):
            conditions[self.whom.data] = True
        elif self.whom.data == "comeback" and self.comeback_days.data:
            conditions["comeback_days"] = self.comeback_days.data
        lists = {
            "tiers": sorted(self.tiers.data or ()),
            "locations": sorted(self.places.data or ()),
            # Categories are compared without capitals, and kept so.
            "categories": sorted(
                {part.strip().casefold() for part in (self.categories.data or "").split(",") if part.strip()}
            ),
        }
        conditions |= {name: wanted for name, wanted in lists.items() if wanted}
        if self.minimum.minor:
            conditions["minimum"] = format_amount(self.minimum.minor, self.currency)
        effect: dict[str, Any] = {"multiplier": self.times or "2"}
        if self.effect.data == "bonus":
            effect = {"bonus": self.bonus.data or 1}
        document: dict[str, Any] = {"conditions": conditions, "effect": effect}
        if self.combinable.data:
            document["combinable"] = True
        return document

    def show_rule(self, rule: Any, read: Any) -> None:
        """Fill the fields in from a rule; ``read`` makes a time of its text."""
        conditions, effect = rule.get("conditions", {}), rule.get("effect", {})
        self.effect.data = "bonus" if "bonus" in effect else "multiplier"
        self.bonus.data = effect.get("bonus")
        self.multiplier.data = str(effect.get("multiplier", "2"))
        self.weekdays.data = list(conditions.get("weekdays", ()))
        hours = conditions.get("hours")
        self.from_time.data, self.to_time.data = (read(hours["from"]), read(hours["to"])) if hours else (None, None)
        self.whom.data = next((one for one in ("first_visit", "birthday_week") if conditions.get(one)), "everybody")
        self.comeback_days.data = conditions.get("comeback_days")
        if self.comeback_days.data:
            self.whom.data = "comeback"
        self.tiers.data = list(conditions.get("tiers", ()))
        self.places.data = list(conditions.get("locations", ()))
        self.minimum.data = conditions.get("minimum", "")
        self.categories.data = ", ".join(conditions.get("categories", ()))
        self.combinable.data = bool(rule.get("combinable"))
