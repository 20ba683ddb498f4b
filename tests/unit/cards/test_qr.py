from __future__ import annotations

import io
import re

import pytest
import zxingcpp
from PIL import Image, ImageDraw

from app.cards import codes, numbers, qr

NUMBER = "7KQ4M2XD9RVB3HT6"
PRINTED = codes.card_url("zegel.be", NUMBER)
SHOWN = codes.card_url("zegel.be", NUMBER, "05499160")


def image_of(code: qr.QrCode) -> Image.Image:
    return Image.open(io.BytesIO(qr.as_png(code))).convert("L")


def read(image: Image.Image) -> zxingcpp.Barcode:
    found = zxingcpp.read_barcodes(image)
    assert len(found) == 1
    return found[0]


@pytest.mark.parametrize(("text", "level", "letter"), [(PRINTED, qr.Level.PRINT, "Q"), (SHOWN, qr.Level.SCREEN, "M")])
def test_a_scanner_reads_what_was_meant(text, level, letter):
    code = qr.encode(text, level)
    seen = read(image_of(code))
    assert seen.text == text
    assert seen.format == zxingcpp.BarcodeFormat.QRCode
    assert seen.ec_level == letter
    assert codes.parse(seen.text, {"zegel.be"}).number == NUMBER


@pytest.mark.parametrize("length", range(3, qr.LONGEST_HOST_IN_VERSION_3 + 1))
def test_printed_codes_are_29_modules_wide(length):
    # In byte mode a version 3 code of level Q holds 32 characters, so none of these would fit.
    code = qr.encode(codes.card_url("H" * length, NUMBER), qr.Level.PRINT)
    assert (code.version, code.size) == (3, 29)


def test_a_longer_host_needs_a_larger_code():
    code = qr.encode(codes.card_url("H" * (qr.LONGEST_HOST_IN_VERSION_3 + 1), NUMBER), qr.Level.PRINT)
    assert code.version == 4


def test_screens_show_29_modules_too():
    for length in (4, 8, 14, 25):
        assert qr.encode(codes.card_url("H" * length, NUMBER, "05499160"), qr.Level.SCREEN).size == 29


def test_any_number_stays_alphanumeric():
    # Numbers of digits alone must not fall apart into segments of other modes.
    for body in ("0" * 15, "123456789012345", "A" * 15):
        number = body + numbers.check_character(body)
        code = qr.encode(codes.card_url("H" * 20, number), qr.Level.PRINT)
        assert code.version == 3
        assert read(image_of(code)).text.endswith(number)


def test_other_texts_are_encoded_as_bytes():
    text = "https://zegel.be/tablet?pair=zilvermunt-é"
    assert read(image_of(qr.encode(text, qr.Level.SCREEN))).text == text


def test_four_light_modules_surround_the_code():
    code = qr.encode(PRINTED, qr.Level.PRINT)
    image = Image.open(io.BytesIO(qr.as_png(code, pixels_per_module=3)))
    assert image.size == ((29 + 8) * 3, (29 + 8) * 3)
    grey = image.convert("L")
    dark = grey.point(lambda value: 255 - value).getbbox()
    assert dark == (12, 12, 12 + 29 * 3, 12 + 29 * 3)


def test_a_worn_print_is_still_read():
    code = qr.encode(PRINTED, qr.Level.PRINT)
    image = image_of(code)
    ImageDraw.Draw(image).rectangle([22 * 8, 14 * 8, 29 * 8, 21 * 8], fill=255)  # 49 modules rubbed off
    assert read(image).text == PRINTED


def test_the_svg_draws_the_same_modules():
    code = qr.encode(SHOWN, qr.Level.SCREEN)
    svg = qr.as_svg(code, title='Card "7KQ4" <b>')
    assert 'viewBox="0 0 37 37"' in svg
    assert '<title>Card "7KQ4" &lt;b&gt;</title>' in svg
    image = Image.new("L", (37, 37), 255)
    for column, row, length in re.findall(r"M(\d+) (\d+)h(\d+)v1h-\3z", svg):
        for offset in range(int(length)):
            image.putpixel((int(column) + offset, int(row)), 0)
    assert read(image.resize((296, 296), Image.Resampling.NEAREST)).text == SHOWN


def test_the_svg_takes_colours_but_no_markup():
    svg = qr.as_svg(qr.encode("A", qr.Level.SCREEN), dark='"><script>', light="#FBF8F2")
    assert "<script>" not in svg
    assert 'fill="#FBF8F2"' in svg


def test_nothing_and_too_much_are_refused():
    with pytest.raises(ValueError, match="needs a text"):
        qr.encode("", qr.Level.SCREEN)
    with pytest.raises(ValueError, match=r"."):
        qr.encode("a" * 3000, qr.Level.PRINT)
    with pytest.raises(ValueError, match="pixels"):
        qr.as_png(qr.encode("A", qr.Level.SCREEN), pixels_per_module=0)
