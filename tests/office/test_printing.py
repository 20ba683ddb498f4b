"""What a shop prints: its poster, and its cards within the limit of a shop on trial."""

from __future__ import annotations

import io
from dataclasses import replace
from functools import partial

import pypdfium2  # type: ignore[import-untyped]
import pytest
import zxingcpp
from flask import Flask
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image
from reportlab.pdfgen.canvas import Canvas
from sqlalchemy import text

from app.backoffice.printing.drawings import draw_svg
from app.backoffice.printing.poster import SIZES, Poster, write_poster
from app.backoffice.service.first_steps import print_cards
from app.common.scope import Scope
from app.merchants.errors import TrialCardsUsedUpError
from app.merchants.logos import TRADES, draw_logo
from app.merchants.models import Merchant
from app.merchants.service import approve_merchant
from app.merchants.trial import CARDS
from tests.concurrency.racing import at_once
from tests.factories import Shop, make_shop
from tests.office.desk import Desk, sit_down

POSTER = Poster(
    shop="Bakkerij Het Gulden Korstje",
    hue=62,
    category="bakery",
    logo_svg=None,
    headline="Collect stamps here",
    offers=["10 stamps: a loaf of your choice"],
    steps=["Point your phone at the code.", "Your card is there at once.", "Show it when you pay."],
    url="https://card.example/join/korst",
    address="card.example/join/korst",
)


@pytest.fixture
def shop(scope: Scope) -> Shop:
    made = make_shop(scope, stamps=10)
    with scope.transaction() as tx:
        tx.session.get_one(Merchant, made.merchant_id).approved_at = None
    return made


@pytest.fixture
def desk(flask_app: Flask, scope: Scope, shop: Shop) -> Desk:
    return sit_down(flask_app, scope, shop.merchant_id, "owner")


def rendered(pdf: bytes) -> tuple[Image.Image, str]:
    document = pypdfium2.PdfDocument(pdf)
    page = document[0]
    return page.render(scale=2).to_pil(), page.get_textpage().get_text_range()


def drawn(svg: str) -> Image.Image:
    file = io.BytesIO()
    canvas = Canvas(file, pagesize=(64, 64))
    draw_svg(canvas, svg, 0, 0, 64)
    canvas.save()
    return rendered(file.getvalue())[0].convert("RGB")


@pytest.mark.parametrize("size", SIZES)
def test_a_poster_has_its_size_and_says_all_of_it(size: str) -> None:
    file = io.BytesIO()
    write_poster(file, POSTER, size=size)
    document = pypdfium2.PdfDocument(file.getvalue())
    assert len(document) == 1
    assert document[0].get_size() == pytest.approx(SIZES[size], abs=0.1)
    words = document[0].get_textpage().get_text_range()
    for told in ("Gulden", "Collect stamps here", "a loaf of your choice", "card.example/join/korst"):
        assert told in words, told


def test_the_poster_s_code_is_read_by_a_scanner() -> None:
    file = io.BytesIO()
    write_poster(file, POSTER, size="a5")
    found = zxingcpp.read_barcodes(rendered(file.getvalue())[0])
    assert [one.text for one in found] == [POSTER.url]


@given(st.text(max_size=200), st.lists(st.text(max_size=200), max_size=5))
@settings(max_examples=15, deadline=None)
def test_whatever_a_shop_is_called_its_poster_is_one_page(name: str, lines: list[str]) -> None:
    file = io.BytesIO()
    write_poster(file, replace(POSTER, shop=name, headline=name, offers=lines, steps=lines), size="a4")
    assert len(pypdfium2.PdfDocument(file.getvalue())) == 1


def test_a_drawing_looks_on_paper_as_on_a_screen() -> None:
    svg = (
        '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 64 64">'
        '<rect width="32" height="32" fill="#f00"/><circle cx="48" cy="16" r="12" fill="#00ff00"/>'
        '<g transform="translate(0 32)"><path d="M0 0h32v32h-32z" fill="blue"/></g>'
        '<path d="M36 48a12 12 0 0 1 24 0z" fill="black"/></svg>'
    )
    picture = drawn(svg)
    seen = {at: picture.getpixel((at[0] * 2, at[1] * 2)) for at in ((16, 16), (48, 16), (16, 48), (48, 44), (48, 56))}
    assert seen == {
        (16, 16): (255, 0, 0),
        (48, 16): (0, 255, 0),
        (16, 48): (0, 0, 255),
        (48, 44): (0, 0, 0),
        (48, 56): (255, 255, 255),
    }


@pytest.mark.parametrize("trade", TRADES)
def test_our_own_drawings_can_all_be_printed(trade: str) -> None:
    assert len(set(drawn(draw_logo(trade, 200)).getcolors(10_000) or [])) > 1


@pytest.mark.parametrize(
    "path",
    ["M0", "L1 1", "M0 0A1 1 0 2 0 1 1", "M0 0c1 1", "M0 0" + "h1" * 30_000],
    ids=["short", "nowhere", "flag", "curve", "long"],
)
def test_a_drawing_that_can_t_be_followed_is_replaced_by_the_sign(path: str) -> None:
    svg = f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 8 8"><path d="{path}"/></svg>'
    file = io.BytesIO()
    write_poster(file, replace(POSTER, logo_svg=svg), size="a5")
    assert len(pypdfium2.PdfDocument(file.getvalue())) == 1
    with pytest.raises(ValueError, match=r"path|arc|points"):
        drawn(svg)


def test_the_poster_speaks_the_language_that_is_asked_for(desk: Desk) -> None:
    answer = desk.post("/print/poster", {"poster-size": "a4", "poster-language": "en"})
    assert (answer.status_code, answer.mimetype) == (200, "application/pdf")
    assert "Collect stamps here" in rendered(answer.data)[1]
    assert desk.post("/print/poster", {"poster-size": "a9", "poster-language": "en"}).status_code == 422


def test_cards_are_printed_until_the_trial_s_share_is_used_up(desk: Desk, scope: Scope) -> None:
    sheet = desk.post("/print/cards", {"count": "20", "language": "nl"})
    assert (sheet.status_code, sheet.mimetype) == (200, "application/pdf")
    assert len(pypdfium2.PdfDocument(sheet.data)) == 2
    with scope.reading() as tx:
        assert tx.session.scalar(text("SELECT count(*) FROM card WHERE kind = 'printed'")) == 20
    refused = desk.post("/print/cards", {"count": str(CARDS - 19), "language": "nl"})
    assert refused.status_code == 409
    assert f"at most {CARDS} cards; {CARDS - 20} of them are left" in refused.get_data(as_text=True)
    for wrong in ("0", "501", "many", ""):
        assert desk.post("/print/cards", {"count": wrong, "language": "nl"}).status_code == 422, wrong


def test_of_many_who_print_the_last_cards_at_once_one_does(shop: Shop, scope: Scope) -> None:
    mine = replace(scope, actor_kind="staff", merchant_id=shop.merchant_id)
    told = at_once([partial(print_cards, replace(mine), CARDS // 2 + 1, locale="nl") for _ in range(3)])
    assert sum(isinstance(one, list) for one in told) == 1, told
    assert sum(isinstance(one, TrialCardsUsedUpError) for one in told) == 2, told


def test_an_approved_shop_has_no_such_limit(shop: Shop, scope: Scope) -> None:
    approve_merchant(scope, shop.merchant_id, public_url="https://card.example")
    mine = replace(scope, actor_kind="staff", merchant_id=shop.merchant_id)
    assert len(print_cards(mine, CARDS + 1, locale="nl")) == CARDS + 1
