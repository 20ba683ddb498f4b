"""From a mail's bytes, which anybody may have made, to what it asks: plain text, a subject, who it comes from.

Nothing of it is run, fetched or shown as markup. HTML is turned into text; what is attached is listed and not kept.
"""

from __future__ import annotations

import email
import email.policy
import hashlib
import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from email.header import decode_header
from email.message import Message
from email.utils import getaddresses
from html import unescape

from app.cards.errors import EmailInvalidError
from app.cards.personal_data import normalise_email
from app.support.sealed import File

LARGEST = 10 * 1024 * 1024
LONGEST_TEXT = 20_000
LONGEST_SUBJECT = 200
LONGEST_HTML = 1_000_000
MOST_PARTS = 100
MOST_REFERENCES = 20
_MESSAGE_ID = re.compile(r"<[^<>\s]{1,250}>")
_NUMBER = re.compile(r"\[#(\d{3,12})\]")
_ROBOTS = re.compile(r"^(mailer-daemon|postmaster|no-?reply|do-?not-?reply|bounces?)([+\-.].*)?@", re.IGNORECASE)
_LISTS = ("List-Id", "List-Unsubscribe", "X-Auto-Response-Suppress", "X-Autoreply", "X-Autorespond")
_NAME = re.compile(r"<(/?)([a-z][a-z0-9]*)", re.ASCII)
_SPACES = re.compile(r"\s+")
_SMALL = {ord(each): ord(each.lower()) for each in "ABCDEFGHIJKLMNOPQRSTUVWXYZ"}
_BREAKS = {"br", "p", "div", "li", "tr", "h1", "h2", "h3", "h4", "h5", "h6", "blockquote", "table", "ul", "ol", "hr"}
_UNSEEN = {"script", "style", "head", "title", "template", "noscript", "iframe", "object", "svg", "select", "textarea"}


@dataclass(frozen=True, slots=True)
class ReadMail:
    """A mail that asks something. ``reference`` is the hash of its Message-ID, or of all of it where it has none."""

    address: str
    subject: str
    text: str
    files: tuple[File, ...]
    message_id: str | None
    references: tuple[str, ...]
    number: int | None
    reference: bytes
    is_cut: bool


@dataclass(frozen=True, slots=True)
class NoQuestion:
    """A mail that asks nothing, and why: automatic, bounce, own, no_sender, unreadable."""

    why: str


def read_mail(raw: bytes, *, own_addresses: frozenset[str] = frozenset()) -> ReadMail | NoQuestion:
    """Read one RFC 5322 mail. Never raises for what somebody made up: what can't be read is no question.

    Of more than ten mebibytes only the beginning is read.
    """
    is_cut = len(raw) > LARGEST
    try:
        mail = email.message_from_bytes(raw[:LARGEST], policy=email.policy.compat32)
        return _read(mail, raw, is_cut, own_addresses)
    except (RecursionError, LookupError, ValueError, AttributeError, TypeError):
        return NoQuestion("unreadable")


def text_of_html(source: str) -> str:
    """What a person would read of HTML: no scripts, no styles, nothing from elsewhere.

    One pass from left to right, in time that grows with the length and no faster: the standard library's parser takes
    minutes for a few hundred kilobytes that were made up for it.
    """
    text = source[:LONGEST_HTML]
    small = text.translate(_SMALL)
    found: list[str] = []
    at = 0
    while at < len(text):
        start = text.find("<", at)
        found.append(_SPACES.sub(" ", unescape(text[at : start if start >= 0 else len(text)])))
        if start < 0:
            break
        if text.startswith("<!--", start):
            end = text.find("-->", start)
            at = len(text) if end < 0 else end + 3
            continue
        end = text.find(">", start)
        if end < 0:
            break
        name = _NAME.match(small, start)
        at = end + 1
        if name is None:
            continue
        if name[2] in _UNSEEN and not name[1]:
            close = small.find(f"</{name[2]}", at)
            after = text.find(">", close) if close >= 0 else -1
            at = len(text) if after < 0 else after + 1
        elif name[2] in _BREAKS:
            found.append("\n")
    return "".join(found)


def _read(mail: Message, raw: bytes, is_cut: bool, own: frozenset[str]) -> ReadMail | NoQuestion:
    why = _robot(mail)
    if why is not None:
        return NoQuestion(why)
    senders = [address for _, address in getaddresses([_header(mail, "From")]) if "@" in address]
    if len(senders) != 1:
        return NoQuestion("no_sender")
    try:
        address = normalise_email(senders[0])
    except EmailInvalidError:
        return NoQuestion("no_sender")
    if address in own:
        return NoQuestion("own")
    if _ROBOTS.match(address):
        return NoQuestion("automatic")
    subject = _line(_header(mail, "Subject"), LONGEST_SUBJECT)
    text, files, is_long = _content(mail)
    ids = _MESSAGE_ID.findall(_header(mail, "Message-ID"))
    named = _MESSAGE_ID.findall(_header(mail, "In-Reply-To")) + _MESSAGE_ID.findall(_header(mail, "References"))[::-1]
    number = _NUMBER.search(subject)
    return ReadMail(
        address=address,
        subject=subject,
        text=text,
        files=files,
        message_id=ids[0] if ids else None,
        references=tuple(dict.fromkeys(named))[:MOST_REFERENCES],
        number=int(number[1]) if number else None,
        reference=hashlib.sha256(ids[0].encode("utf-8", "replace") if ids else raw).digest(),
        is_cut=is_cut or is_long,
    )


def _robot(mail: Message) -> str | None:
    """Why nobody waits for an answer to this mail, or None: an answer to a machine would go round for ever."""
    if mail.get("Return-Path") is not None and _header(mail, "Return-Path").strip() in ("<>", ""):
        return "bounce"
    if mail.get_content_type() in ("multipart/report", "message/delivery-status"):
        return "bounce"
    submitted = _header(mail, "Auto-Submitted").partition(";")[0].strip().lower()
    if submitted not in ("", "no"):
        return "automatic"
    if _header(mail, "Precedence").strip().lower() in ("bulk", "junk", "list", "auto_reply"):
        return "automatic"
    return "automatic" if any(mail.get(name) is not None for name in _LISTS) else None


def _content(mail: Message) -> tuple[str, tuple[File, ...], bool]:
    plain: list[str] = []
    rich: list[str] = []
    files: list[File] = []
    for count, part in enumerate(_parts(mail)):
        if count >= MOST_PARTS:
            break
        kind = part.get_content_type()
        name = part.get_filename() if _is_sane(part) else None
        is_attached = name is not None or part.get_content_disposition() == "attachment"
        if is_attached or not kind.startswith("text/"):
            payload = part.get_payload(decode=True)
            size = len(payload) if isinstance(payload, bytes) else 0
            files.append(File(_line(_decoded(name or ""), 100), _line(kind, 60), size))
        elif kind == "text/html":
            rich.append(text_of_html(_text(part)))
        else:
            plain.append(_text(part))
    written = [one for one in plain if one.strip()] or [one for one in rich if one.strip()]
    whole = "\n\n".join(written)
    text = _tidy(whole[: 4 * LONGEST_TEXT])
    is_long = len(whole) > 4 * LONGEST_TEXT or len(text) > LONGEST_TEXT
    return text[:LONGEST_TEXT], tuple(files[:MOST_PARTS]), is_long


def _parts(mail: Message) -> Iterator[Message]:
    """The leaves of a mail, without what stands in a mail that is attached to it."""
    waiting = [mail]
    seen = 0
    while waiting and seen < 10 * MOST_PARTS:
        part = waiting.pop()
        seen += 1
        if part.get_content_maintype() == "multipart" and part.is_multipart():
            inner = part.get_payload()
            waiting += [one for one in reversed(inner if isinstance(inner, list) else []) if isinstance(one, Message)]
        else:
            yield part


def _text(part: Message) -> str:
    payload = part.get_payload(decode=True)
    if not isinstance(payload, bytes):
        return ""
    charset = part.get_content_charset() if _is_sane(part) else None
    try:
        return payload.decode(charset or "utf-8", "replace")
    except (LookupError, ValueError):
        return payload.decode("utf-8", "replace")


def _is_sane(part: Message) -> bool:
    """Whether a part's parameters can be read: some that are made up break the reader itself."""
    try:
        part.get_filename()
        part.get_content_charset()
    except (ValueError, LookupError, TypeError, AttributeError):
        return False
    return True


def _header(mail: Message, name: str) -> str:
    value = mail.get(name)
    return "" if value is None else _decoded(str(value)[:10_000])


def _decoded(text: str) -> str:
    told = []
    try:
        for piece, charset in decode_header(text):
            if isinstance(piece, bytes):
                try:
                    told.append(piece.decode(charset or "utf-8", "replace"))
                except (LookupError, ValueError):
                    told.append(piece.decode("utf-8", "replace"))
            else:
                told.append(piece)
    except ValueError:
        return text
    return "".join(told)


def _line(text: str, longest: int) -> str:
    """One line without anything that can't be seen: no line breaks, no control characters, no turned writing."""
    shown = "".join(" " if each.isspace() else each for each in unicodedata.normalize("NFC", text))
    shown = "".join(each for each in shown if unicodedata.category(each)[0] != "C")
    return " ".join(shown.split())[:longest]


def _tidy(text: str) -> str:
    lines = text.replace("\r\n", "\n").replace("\r", "\n").replace("\xa0", " ").split("\n")
    kept: list[str] = []
    for line in lines:
        shown = "".join(each for each in line if each == "\t" or unicodedata.category(each)[0] != "C").rstrip()
        if shown or (kept and kept[-1]):
            kept.append(shown)
    return "\n".join(kept).strip()
