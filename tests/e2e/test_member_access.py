"""That everybody can use the app's first screens: axe-core, a small phone, text of twice the size."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import expect

from tests.e2e.live import Live
from tests.e2e.member import Phone
from tests.e2e.test_access import complaints

OpenPhone = Callable[..., Phone]


Walk = Callable[[Phone, Live, Callable[[str], None]], None]


def walk(phone: Phone, live: Live, look: Callable[[str], None]) -> None:
    """Every screen of the core, by its address: whatever the language."""
    phone.begin()
    phone.page.wait_for_load_state("networkidle")
    look("card")
    for path in (
        "begin",
        "begin/have",
        "begin/transfer",
        "begin/email",
        "begin/passkey",
        "begin/recovery",
        "claim",
        f"claim/{live.plastic_card().number}",
        "me/secure",
        "me/move",
        "invitation/7K3M9QX2VB8T4HWQ",
    ):
        phone.go(path)
        expect(phone.heading).to_be_visible()
        expect(phone.page.locator(".living[aria-busy]")).to_have_count(0)
        phone.page.wait_for_load_state("networkidle")
        look(path)


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_every_screen_passes_axe(open_phone: OpenPhone, live: Live, scheme: str) -> None:
    phone = open_phone(live, color_scheme=scheme)
    wrong: list[str] = []

    def look(name: str) -> None:
        wrong.extend(f"{name}: {complaint}" for complaint in complaints(phone.page))

    walk(phone, live, look)
    assert wrong == []


@pytest.mark.parametrize("locale", ["de-DE", "fr-BE"])
def test_nothing_is_wider_than_a_small_phone(open_phone: OpenPhone, live: Live, locale: str) -> None:
    """Also with text of twice the size."""
    phone = open_phone(live, locale=locale)
    wide: list[str] = []

    def look(name: str) -> None:
        phone.page.evaluate("() => { document.documentElement.style.fontSize = '200%' }")
        if (width := phone.page.evaluate("() => document.documentElement.scrollWidth")) > 360:
            wide.append(f"{name}: {width}")

    walk(phone, live, look)
    assert wide == []
