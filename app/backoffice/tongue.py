"""How a language writes numbers, money and months where no request tells it: for mails and files that jobs make."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from babel import Locale, dates, numbers

from app.common.money import exponent

LANGUAGES = ("en", "nl", "fr", "de")


def known(locale: str) -> str:
    """The language that is written for a locale; English where there is none of it."""
    return locale if locale in LANGUAGES else "en"


@dataclass(frozen=True, slots=True)
class Tongue:
    """A language (one of :data:`LANGUAGES`) and the currency of its sums."""

    code: str
    currency: str

    @property
    def locale(self) -> Locale:
        return Locale("en", "GB") if self.code == "en" else Locale(self.code)

    def count(self, number: float) -> str:
        """``1,234``."""
        return str(numbers.format_decimal(round(number), locale=self.locale))

    def money(self, minor: float) -> str:
        """Minor units as ``€12.50``."""
        value = Decimal(round(minor)).scaleb(-exponent(self.currency))
        return str(numbers.format_currency(value, self.currency, locale=self.locale))

    def round_money(self, minor: float) -> str:
        """Minor units as ``€13``: for what is only about so much."""
        whole = Decimal(round(minor)).scaleb(-exponent(self.currency)).quantize(Decimal(1))
        pattern = self.locale.currency_formats["standard"].pattern.replace(".00", "")
        return str(numbers.format_currency(whole, self.currency, pattern, locale=self.locale, currency_digits=False))

    def percent(self, share: float) -> str:
        """A share of one as ``12%``, without its sign."""
        return str(numbers.format_percent(abs(round(share, 2)), locale=self.locale))

    def month(self, day: date) -> str:
        """``November 2026``."""
        return str(dates.format_date(day, "MMMM y", locale=self.locale))

    def month_alone(self, day: date) -> str:
        """``November``."""
        return str(dates.format_date(day, "LLLL", locale=self.locale))

    def weekday(self, number: int) -> str:
        """The name of a weekday, 0 is Monday."""
        return str(dates.get_day_names("wide", "stand-alone", locale=self.locale)[number])
