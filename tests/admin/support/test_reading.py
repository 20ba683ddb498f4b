"""What a mail asks, whoever made it: text without markup, a subject of one line, and no answer to machines."""

from __future__ import annotations

import time
from email.message import EmailMessage

import pytest

from app.support.reading import LARGEST, LONGEST_TEXT, NoQuestion, ReadMail, read_mail, text_of_html
from app.support.tongues import tongue_of
from tests.admin.support.mailing import letter


def read(raw: bytes) -> ReadMail:
    found = read_mail(raw)
    assert isinstance(found, ReadMail), found
    return found


def why(raw: bytes, **how: frozenset[str]) -> str:
    found = read_mail(raw, **how)
    assert isinstance(found, NoQuestion), found
    return found.why


def test_a_simple_mail() -> None:
    found = read(letter(sender="Anna Peeters <ANNA@Example.com>", subject="Re: Points [#1234]"))
    assert (found.address, found.subject, found.number) == ("anna@example.com", "Re: Points [#1234]", 1234)
    assert found.text == "My points are gone, what is this?"
    assert found.message_id == "<1@mail.example>"


def test_html_becomes_text_and_nothing_of_it_runs_or_is_fetched() -> None:
    made = EmailMessage()
    made["From"], made["Subject"] = "anna@example.com", "Hi"
    made.set_content("x", subtype="html")
    made.set_payload(
        "<html><head><title>no</title><style>p{background:url(https://evil.example/x)}</style></head>"
        "<body onload='steal()'><p>My&nbsp;points<br>are <b>gone</b></p><script>alert('<p>no</p>')</script>"
        "<img src=https://evil.example/pixel.gif><svg><script>no()</script></svg>"
        "<p>Anna &lt;script&gt;</p><iframe src=https://evil.example>no</iframe>"
    )
    found = read(bytes(made))
    assert found.text == "My points\nare gone\n\nAnna <script>"


def test_plain_text_is_preferred_to_html() -> None:
    made = EmailMessage()
    made["From"], made["Subject"] = "anna@example.com", "Hi"
    made.set_content("the plain one")
    made.add_alternative("<p>the other one</p>", subtype="html")
    assert read(bytes(made)).text == "the plain one"


def test_what_is_attached_is_listed_and_not_kept() -> None:
    made = EmailMessage()
    made["From"], made["Subject"] = "anna@example.com", "Receipt"
    made.set_content("see the picture")
    made.add_attachment(
        b"\x89PNG" + b"x" * 2000, maintype="image", subtype="png", filename="../../etc/passwd\u202egnp.exe"
    )
    made.add_attachment(b"MZ" * 50, maintype="application", subtype="x-msdownload", filename="invoice.pdf.exe")
    found = read(bytes(made))
    assert found.text == "see the picture"
    assert [(one.kind, one.size) for one in found.files] == [("image/png", 2004), ("application/x-msdownload", 100)]
    assert "\u202e" not in found.files[0].name


@pytest.mark.parametrize(
    ("headers", "expected"),
    [
        ({"Auto_Submitted": "auto-replied"}, "automatic"),
        ({"Auto_Submitted": "auto-generated; type=x"}, "automatic"),
        ({"Precedence": "bulk"}, "automatic"),
        ({"List_Id": "<news.example>"}, "automatic"),
        ({"X_Autoreply": "yes"}, "automatic"),
        ({"Return_Path": "<>"}, "bounce"),
        ({"sender": "MAILER-DAEMON@mail.example"}, "automatic"),
        ({"sender": "no-reply@shop.example"}, "automatic"),
        ({"sender": "postmaster@mail.example"}, "automatic"),
        ({"sender": "nobody"}, "no_sender"),
        ({"sender": "a@x.example, b@y.example"}, "no_sender"),
    ],
)
def test_what_a_machine_sends_is_no_question(headers: dict[str, str], expected: str) -> None:
    assert why(letter(**headers)) == expected


def test_a_bounce_is_no_question() -> None:
    report = b"From: a@x.example\r\nContent-Type: multipart/report; boundary=x\r\n\r\n--x\r\n\r\nfailed\r\n--x--\r\n"
    assert why(report) == "bounce"


def test_our_own_mail_that_comes_back_is_no_question() -> None:
    assert why(letter(sender="zegel@card.example"), own_addresses=frozenset({"zegel@card.example"})) == "own"


def test_a_person_who_says_that_she_is_no_machine_is_heard() -> None:
    assert read(letter(Auto_Submitted="no", Return_Path="<anna@example.com>")).text


HOSTILE = {
    "nothing": b"",
    "only a line": b"\r\n",
    "binary": bytes(range(256)) * 100,
    "headers without a body": b"From: anna@example.com\r\nSubject: hello",
    "a broken multipart": b"From: anna@example.com\r\nContent-Type: multipart/mixed; boundary=\r\n\r\n--\r\ntext",
    "a boundary that never comes": b"From: anna@example.com\r\nContent-Type: multipart/mixed; boundary=x\r\n\r\ntext",
    "an unknown charset": b"From: anna@example.com\r\nContent-Type: text/plain; charset=klingon-8\r\n\r\n\xff\xfehello",
    "an odd charset": b"From: anna@example.com\r\nContent-Type: text/plain; charset*=x''%ff\r\n\r\nhello",
    "an odd encoding": b"From: anna@example.com\r\nContent-Transfer-Encoding: base64\r\n\r\n!!!not base64!!!",
    "an odd subject": b"From: anna@example.com\r\nSubject: =?utf-8?B?####?= =?nope?Q?=FF?=\r\n\r\nhello",
    "an odd file name": b"From: anna@example.com\r\nContent-Disposition: attachment; filename*=x''%zz%ff\r\n\r\nhello",
    "a null in a header": b"From: anna@example.com\r\nSubject: a\x00b\r\n\r\nhello",
    "many headers": b"From: anna@example.com\r\n" + b"X-A: b\r\n" * 20000 + b"\r\nhello",
    "a header of a megabyte": b"From: anna@example.com\r\nSubject: " + b"a" * 1_000_000 + b"\r\n\r\nhello",
    "many references": b"From: anna@example.com\r\nReferences: " + b"<a@b> " * 50000 + b"\r\n\r\nhello",
    "multiparts in multiparts": b"From: anna@example.com\r\n"
    + b"".join(b"Content-Type: multipart/mixed; boundary=b%d\r\n\r\n--b%d\r\n" % (n, n) for n in range(300)),
    "mails in mails": b"From: anna@example.com\r\n" + b"Content-Type: message/rfc822\r\n\r\n" * 2000,
    "many parts": b"From: anna@example.com\r\nContent-Type: multipart/mixed; boundary=x\r\n\r\n"
    + b"--x\r\nContent-Type: text/plain\r\n\r\na\r\n" * 5000,
    "html that never ends": b"From: anna@example.com\r\nContent-Type: text/html\r\n\r\n" + b"<div " * 40000,
    "html of comments": b"From: anna@example.com\r\nContent-Type: text/html\r\n\r\n" + b"<!-" * 300000,
    "html of scripts": b"From: anna@example.com\r\nContent-Type: text/html\r\n\r\n" + b"<script></script>" * 60000,
    "html in deep": b"From: anna@example.com\r\nContent-Type: text/html\r\n\r\n" + b"<b>" * 100000 + b"deep",
    "an address with a line break": b"From: =?utf-8?Q?a=0Ab=40x.example?=\r\n\r\nhello",
}


@pytest.mark.parametrize("name", HOSTILE)
def test_whatever_somebody_makes_up_is_read_or_left_and_quickly(name: str) -> None:
    began = time.process_time()
    found = read_mail(HOSTILE[name])
    assert time.process_time() - began < 5
    if isinstance(found, ReadMail):
        assert len(found.text) <= LONGEST_TEXT
        assert len(found.references) <= 20
        assert "\n" not in found.subject
        assert "\x00" not in found.subject


def test_fifty_megabytes_are_cut() -> None:
    raw = letter("the question\n" + "a" * 200) + b"b" * (50 * 1024 * 1024)
    began = time.process_time()
    found = read(raw)
    assert time.process_time() - began < 5
    assert found.is_cut
    assert found.text.startswith("the question")
    assert len(found.text) <= LONGEST_TEXT < LARGEST


def test_line_breaks_in_headers_add_no_header_to_what_we_send() -> None:
    raw = letter(message_id=None).replace(
        b"Subject: Points", b"Subject: =?utf-8?Q?Points=0D=0ABcc:_all=40example.com?=\r\nMessage-ID: <x@y\r\n z>"
    )
    found = read(raw)
    assert found.subject == "Points Bcc: all@example.com"
    assert found.message_id is None or "\n" not in found.message_id


def test_no_mark_turns_the_writing_round() -> None:
    assert read(letter(subject="a\u202egnp.exe\u200b b")).subject == "agnp.exe b"


def test_what_has_no_id_is_told_apart_by_all_of_it() -> None:
    first, second = (read(letter(text, message_id=None)) for text in ("one", "two"))
    assert first.reference != second.reference
    assert first.reference == read(letter("one", message_id=None)).reference


def test_a_text_of_html_alone() -> None:
    assert text_of_html("a<script>b") == "a"
    assert text_of_html("<p>a</p><!-- b --><p>c") == "\na\n\nc"


@pytest.mark.parametrize(
    ("text", "tongue"),
    [
        ("Ik heb mijn kaart verloren, wat moet ik doen?", "nl"),
        ("Bonjour, je ne vois pas mes points sur la carte, merci", "fr"),
        ("Guten Tag, ich habe meine Karte nicht mehr und bitte um eine neue", "de"),
        ("Hello, I have lost my card, what is the way to get a new one? Thanks", "en"),
        ("???", "fr"),
    ],
)
def test_the_language_is_told_by_its_small_words(text: str, tongue: str) -> None:
    assert tongue_of(text, "fr") == tongue
