"""The sheets are judged as a printer and a scanner would: rendered, measured in millimetres, and read back."""

from __future__ import annotations

import io
import tracemalloc
from itertools import pairwise

import pypdf
import pypdfium2
import pytest
import zxingcpp
from PIL import Image

from app.cards import codes, numbers, print_sheet
from app.cards.print_sheet import PrintedCard, write_sheets

DPI = 200


def card(host: str = "zegel.be") -> PrintedCard:
    number = numbers.new_number()
    return PrintedCard(number, numbers.new_claim_code(), codes.card_url(host, number))


def pdf_of(cards: list[PrintedCard], *, town: str = "Zegelstraat", locale: str = "nl") -> bytes:
    file = io.BytesIO()
    assert write_sheets(file, iter(cards), town=town, locale=locale) == len(cards)
    return file.getvalue()


def pages_of(pdf: bytes) -> list[Image.Image]:
    document = pypdfium2.PdfDocument(pdf)
    try:
        return [page.render(scale=DPI / 72).to_pil().convert("RGB") for page in document]
    finally:
        document.close()


def text_of(pdf: bytes) -> str:
    return " ".join(" ".join(page.extract_text().split()) for page in pypdf.PdfReader(io.BytesIO(pdf)).pages)


def millimetres(pixels: float) -> float:
    return pixels / DPI * 25.4


@pytest.fixture(scope="module")
def cards() -> list[PrintedCard]:
    return [card() for _ in range(13)]


@pytest.fixture(scope="module")
def pdf(cards: list[PrintedCard]) -> bytes:
    return pdf_of(cards)


@pytest.fixture(scope="module")
def pages(pdf: bytes) -> list[Image.Image]:
    return pages_of(pdf)


def test_every_code_is_read_from_the_rendered_sheets_in_order(cards, pages):
    assert len(pages) == 2
    seen = []
    for page in pages:
        found = zxingcpp.read_barcodes(page)
        found.sort(key=lambda code: (round(code.position.top_left.y / 100), code.position.top_left.x))
        seen += [code.text for code in found]
        assert {code.ec_level for code in found} == {"Q"}
    assert seen == [one.url for one in cards]


def test_modules_are_a_millimetre_wide_and_the_code_stands_in_its_quiet_zone(pages):
    for code in zxingcpp.read_barcodes(pages[0]):
        left, right = code.position.top_left.x, code.position.top_right.x
        assert millimetres(right - left) == pytest.approx(29, abs=0.4)
        quiet = round(3.7 / 25.4 * DPI)  # four modules, less the edge's blur
        top, bottom = code.position.top_left.y, code.position.bottom_left.y
        for box in (
            (left - quiet, top - quiet, right + quiet, top - 3),
            (left - quiet, bottom + 4, right + quiet, bottom + quiet),
            (left - quiet, top - quiet, left - 3, bottom + quiet),
            (right + 4, top - quiet, right + quiet, bottom + quiet),
        ):
            assert pages[0].crop(box).getextrema() == ((255, 255),) * 3


def test_number_and_claim_code_are_printed_in_fours(cards, pdf):
    text = text_of(pdf)
    for one in cards:
        assert text.count(numbers.format_number(one.number)) == 1
        assert text.count(numbers.format_number(one.claim_code)) == 1
    assert text.count("zegel.be") == len(cards)


def test_the_page_is_a4_and_cards_are_of_their_size(pages):
    width, height = pages[0].size
    assert (millimetres(width), millimetres(height)) == (pytest.approx(210, abs=0.2), pytest.approx(297, abs=0.2))
    marks = crop_marks(pages[0])
    assert len(marks) == 3
    assert [millimetres(after - before) for before, after in pairwise(marks)] == [
        pytest.approx(85.6, abs=0.3),
        pytest.approx(85.6, abs=0.3),
    ]


def crop_marks(page: Image.Image) -> list[float]:
    """Where, in pixels from the left, the marks above the cards stand."""
    row = [page.getpixel((x, round(7 / 25.4 * DPI))) for x in range(page.width)]
    dark = [x for x, pixel in enumerate(row) if sum(pixel) < 600]
    return [x for x in dark if x - 1 not in dark]


def test_the_ground_bleeds_three_millimetres_over_the_cut(pages):
    def colour(x: float, y: float) -> tuple[int, ...]:
        return pages[0].getpixel((round(x / 25.4 * DPI), round(y / 25.4 * DPI)))

    left = (210 - 2 * 85.6) / 2
    seal, paper = (0xB4, 0x23, 0x2A), (255, 255, 255)
    assert colour(left - 2.5, 100) == seal
    assert colour(left - 3.5, 100) == paper
    # An empty place on the last sheet costs no ink.
    assert pages[1].getpixel((round(105 / 25.4 * DPI), round(220 / 25.4 * DPI))) == paper


def test_the_stamp_is_perforated(pages):
    x = round(((210 - 2 * 85.6) / 2 + 4.15) / 25.4 * DPI)  # just inside the left edge of the first column's stamps
    top, bottom = round((13.5 + 4) / 25.4 * DPI), round((13.5 + 50) / 25.4 * DPI)
    column = [sum(pages[0].getpixel((x, y))) > 600 for y in range(top, bottom)]
    changes = sum(before != after for before, after in pairwise(column))
    assert changes >= 2 * 22  # 23 holes between 24 teeth


@pytest.mark.parametrize("locale", print_sheet.LOCALES)
def test_each_language_has_its_words(locale):
    text = text_of(pdf_of([card()], town="Grand’Place – Gent", locale=locale))
    assert "Grand’Place – Gent" in text
    others = [text_of(pdf_of([card()], locale=other)) for other in print_sheet.LOCALES if other != locale]
    sentence = {"nl": "Scan, kras", "fr": "Scannez, grattez", "de": "Code freirubbeln", "en": "scratch the code"}[
        locale
    ]
    assert sentence in text
    assert not any(sentence in other for other in others)


def test_an_unknown_language_is_refused():
    with pytest.raises(ValueError, match="locale"):
        write_sheets(io.BytesIO(), iter([card()]), town="Gent", locale="xx")


@pytest.mark.parametrize("town", ["Gent", "Winkeliersvereniging Sint-Amandsberg en Oostakker", "L" * 80, "", "   "])
def test_any_town_fits_its_column(town):
    page = pages_of(pdf_of([card()], town=town))[0]
    assert len(zxingcpp.read_barcodes(page)) == 1
    # Right of the column there are four millimetres of nothing but ground up to the cut.
    left = (210 - 2 * 85.6) / 2
    box = [round(edge / 25.4 * DPI) for edge in (left + 82.2, 13.5, left + 85.4, 13.5 + 54)]
    assert page.crop(tuple(box)).getextrema() == ((0xB4, 0xB4), (0x23, 0x23), (0x2A, 0x2A))


def test_the_widest_numbers_stay_on_the_stamp():
    body = "W" * 15
    number = body + numbers.check_character(body)
    one = PrintedCard(number, "WWWWWWWW", codes.card_url("a-rather-long-host.example", number))
    page = pages_of(pdf_of([one]))[0]
    left = (210 - 2 * 85.6) / 2
    for edge in (left + 4.8, left + 4 + 40 - 1.1):  # between the holes and the text
        box = [round(at / 25.4 * DPI) for at in (edge, 13.5 + 43, edge + 0.3, 13.5 + 48.5)]
        assert page.crop(tuple(box)).getextrema() == ((255, 255),) * 3


def test_an_address_that_can_not_be_printed_is_refused():
    with pytest.raises(ValueError, match="too long"):
        write_sheets(io.BytesIO(), [card("a" * 600 + ".example")], town="Gent")


def test_no_cards_make_one_empty_sheet():
    assert len(pypdf.PdfReader(io.BytesIO(pdf_of([]))).pages) == 1


def test_ten_cards_fill_a_sheet_and_the_eleventh_begins_another():
    assert [len(pypdf.PdfReader(io.BytesIO(pdf_of([card() for _ in range(n)]))).pages) for n in (10, 11)] == [1, 2]


def test_a_long_list_takes_little_memory():
    def written(count: int) -> tuple[int, int]:
        """Bytes of memory at the most, and bytes of the file."""
        file = io.BytesIO()
        tracemalloc.start()
        write_sheets(file, (card() for _ in range(count)), town="Gent")
        _, peak = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        return peak, len(file.getvalue())

    written(1)  # fonts are loaded once
    few, many = written(10), written(90)
    # 10,000 cards take some 60 MB of memory and a 7 MB file: what all cards share is kept once.
    assert (many[0] - few[0]) / 80 < 6_500
    assert (many[1] - few[1]) / 80 < 900
