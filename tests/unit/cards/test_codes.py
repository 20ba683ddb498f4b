from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.cards import numbers
from app.cards.codes import CodeKind, ScannedCode, card_url, parse
from app.cards.errors import CodeForeignError, CodeMistypedError, CodeUnreadableError

NUMBER = "7KQ4M2XD9RVB3HT6"
VOUCHER = "V7K3M9QX2D4R8" + numbers.check_character("V7K3M9QX2D4R8")
HOSTS = ("zegel.be", "Old-Zegel.example", "127.0.0.1:8000")

STATIC = ScannedCode(CodeKind.STATIC, NUMBER)
ROTATING = ScannedCode(CodeKind.ROTATING, NUMBER, "05499160")


@pytest.mark.parametrize(
    ("text", "code"),
    [
        # a bare number
        (NUMBER, STATIC),
        ("7kq4 m2xd 9rvb 3ht6", STATIC),
        ("7KQ4-M2XD-9RVB-3HT6\r\n", STATIC),
        ("]Q17KQ4M2XD9RVB3HT6", STATIC),  # a hand scanner that names the symbology
        # an address
        (f"HTTPS://ZEGEL.BE/C/{NUMBER}", STATIC),
        (f"https://zegel.be/c/{NUMBER.lower()}", STATIC),
        (f"http://zegel.be/C/{NUMBER}/", STATIC),
        (f"zegel.be/c/{NUMBER}", STATIC),
        (f"HTTPS://OLD-ZEGEL.EXAMPLE/C/{NUMBER}", STATIC),  # cards outlive a host
        (f"HTTPS://127.0.0.1:8000/C/{NUMBER}", STATIC),
        (f"/C/{NUMBER}", STATIC),
        (f"c/{NUMBER}", STATIC),
        (f"https://zegel.be/c/{NUMBER}?lang=nl", STATIC),
        (f"https://zegel.be/c/{NUMBER}#top", STATIC),
        ("HTTPS://ZEGEL.BE/C/7KQ4 M2XD 9RVB 3HT6", STATIC),
        ("]Q1HTTPS://ZEGEL.BE/C/" + NUMBER, STATIC),
        # with the digits of the moment
        (f"HTTPS://ZEGEL.BE/C/{NUMBER}/05499160", ROTATING),
        (f" https://zegel.be/c/{NUMBER.lower()} / 0549 9160 ", ROTATING),
        (f"/c/{NUMBER}/05499160/", ROTATING),
        # a voucher
        (VOUCHER, ScannedCode(CodeKind.VOUCHER, VOUCHER)),
        (numbers.format_voucher_code(VOUCHER).lower(), ScannedCode(CodeKind.VOUCHER, VOUCHER)),
    ],
)
def test_what_is_understood(text, code):
    assert parse(text, HOSTS) == code


@pytest.mark.parametrize(
    "text",
    [
        "",
        "   ",
        "hello",
        "HELLO WORLD! ÀÉ",
        NUMBER[:-1],
        NUMBER + "0",
        "é" * 16,
        "https://zegel.be/",
        "https://zegel.be/c/",
        f"https://zegel.be/c/{NUMBER}/0549916",  # seven digits
        f"https://zegel.be/c/{NUMBER}/054991600",
        f"https://zegel.be/c/{NUMBER}/0549916x",
        f"https://zegel.be/c/{NUMBER}/٠٥٤٩٩١٦٠",  # digits, but none that an installation shows
        f"https://zegel.be/c/{NUMBER}/05499160/05499160",
        f"https://zegel.be/d/{NUMBER}",
        f"https://zegel.be/c/{VOUCHER}",
        f"https:///c/{NUMBER}",
        f"javascript://zegel.be/c/{NUMBER}",
        f"//zegel.be/c/{NUMBER}",
        f"httpſ://zegel.be/c/{NUMBER}",  # a letter that ignoring case would take for an s
        "\x00" * 40,
        f"{NUMBER}/05499160",
    ],
)
def test_what_is_not_understood(text):
    with pytest.raises(CodeUnreadableError):
        parse(text, HOSTS)


@pytest.mark.parametrize(
    "text",
    [
        f"https://evil.example/c/{NUMBER}",
        f"https://zegel.be.evil.example/c/{NUMBER}",
        f"https://zegel.be@evil.example/c/{NUMBER}",
        f"https://evilzegel.be/c/{NUMBER}",
        f"https://zegel.be:8443/c/{NUMBER}",
        f"https://127.0.0.1/c/{NUMBER}",
        f"evil.example/c/{NUMBER}/05499160",
    ],
)
def test_other_hosts_are_refused(text):
    with pytest.raises(CodeForeignError):
        parse(text, HOSTS)


@pytest.mark.parametrize(
    "text",
    [
        "7KQ4M2XD9RVB3HT7",
        "7QK4M2XD9RVB3HT6",
        "7KQ4M2XD9RUB3HT6",  # U for V
        "HTTPS://ZEGEL.BE/C/7KQ4M2XD9RVB3HT7/05499160",
        VOUCHER[:3] + VOUCHER[4] + VOUCHER[3] + VOUCHER[5:],
    ],
)
def test_a_wrong_character_is_told_from_something_else(text):
    with pytest.raises(CodeMistypedError):
        parse(text, HOSTS)


def test_long_texts_are_refused_before_they_are_read():
    assert parse(NUMBER + " " * 240, HOSTS) == STATIC
    with pytest.raises(CodeUnreadableError):
        parse(NUMBER + " " * 241, HOSTS)


@given(st.text(max_size=300) | st.from_regex(r"(https?://)?[a-z.:@]{0,9}/c/[0-9A-Z/]{0,30}", fullmatch=True))
def test_whatever_comes_there_is_an_answer(text):
    try:
        code = parse(text, HOSTS)
    except (CodeUnreadableError, CodeForeignError, CodeMistypedError):
        return
    assert numbers.is_valid(code.number) or numbers.is_valid_voucher_code(code.number)


@given(
    st.text(alphabet=numbers.ALPHABET, min_size=15, max_size=15),
    st.none() | st.from_regex(r"[0-9]{8}", fullmatch=True),
    st.sampled_from(HOSTS),
    st.booleans(),
)
def test_what_is_printed_is_read(body, digits, host, is_lower):
    number = body + numbers.check_character(body)
    url = card_url(host, number, digits)
    assert url == url.upper()
    code = parse(url.lower() if is_lower else url, HOSTS)
    assert code == ScannedCode(CodeKind.ROTATING if digits else CodeKind.STATIC, number, digits)


def test_addresses():
    assert card_url("zegel.be", NUMBER) == f"HTTPS://ZEGEL.BE/C/{NUMBER}"
    assert card_url("127.0.0.1:8000", NUMBER, "05499160") == f"HTTPS://127.0.0.1:8000/C/{NUMBER}/05499160"
    for host in ("", "zegel.be/x", "https://zegel.be", "zegel be", "zegel.be:x", "zégel.be"):
        with pytest.raises(ValueError, match="host"):
            card_url(host, NUMBER)
