"""What is uploaded: pictures made anew, lists of codes, and what is refused without leaving anything behind."""

from __future__ import annotations

import io
import struct
import zlib

import pytest
from flask import Flask
from PIL import Image
from sqlalchemy import func, select
from werkzeug.test import TestResponse

from app.common.scope import Scope
from app.rewards.models import Picture, Reward, RewardCode
from tests.factories import Shop
from tests.office.desk import Desk
from tests.office.shelves import keep_shop, photograph

SVG = b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>'


@pytest.fixture
def kept(flask_app: Flask, scope: Scope) -> tuple[Shop, Desk, str]:
    shop, desk = keep_shop(flask_app, scope)
    return shop, desk, shop.add_reward(name="Cake", cost=5)


def send(desk: Desk, reward_id: str, data: bytes, name: str = "cake.jpg", kind: str = "image/jpeg") -> TestResponse:
    # Put together by hand: the client would spool a large one to a file that it never closes.
    parts = (
        b'--x\r\nContent-Disposition: form-data; name="csrf_token"\r\n\r\n' + desk.token().encode(),
        f'\r\n--x\r\nContent-Disposition: form-data; name="picture"; filename="{name}"\r\n'.encode(),
        f"Content-Type: {kind}\r\n\r\n".encode() + data,
        b"\r\n--x--\r\n",
    )
    return desk.client.post(
        desk.address(f"/rewards/{reward_id}/picture?lang=en"),
        data=b"".join(parts),
        content_type="multipart/form-data; boundary=x",
    )


def pictures(scope: Scope) -> int:
    with scope.reading() as tx:
        return tx.session.scalar(select(func.count()).select_from(Picture)) or 0


def picture_of(scope: Scope, reward_id: str) -> str | None:
    with scope.reading() as tx:
        return tx.session.scalar(select(Reward.picture_id).where(Reward.id == reward_id))


def bomb(side: int = 20_000) -> bytes:
    """A PNG of a few hundred bytes whose picture would fill a machine's memory."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    head = struct.pack(">IIBBBBB", side, side, 8, 2, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(b"\0" * 1000)) + chunk(b"IEND", b"")
    )


def test_a_picture_is_made_anew_in_two_sizes_without_where_it_was_taken(
    kept: tuple[Shop, Desk, str], scope: Scope, flask_app: Flask
) -> None:
    shop, desk, reward_id = kept
    exif = Image.Exif()
    exif[0x010F] = "SECRET-CAMERA"
    exif[0x0112] = 6  # held upright: the phone's sensor lies on its side
    assert send(desk, reward_id, photograph(exif=exif.tobytes(), comment=b"SECRET-COMMENT")).status_code == 303
    picture_id = picture_of(scope, reward_id)
    client = flask_app.test_client()
    for size, side in (("small", 400), ("large", 1280)):
        answer = client.get(f"/pictures/{picture_id}-{size}.webp")
        assert (answer.status_code, answer.mimetype) == (200, "image/webp")
        assert "immutable" in answer.headers["Cache-Control"]
        assert b"SECRET" not in answer.data
        assert b"EXIF" not in answer.data
        shown = Image.open(io.BytesIO(answer.data))
        assert (shown.format, shown.size) == ("WEBP", (side * 3 // 4, side)), "upright"
        red, green, _ = shown.convert("RGB").getpixel((shown.width - 5, 5))  # type: ignore[misc]
        assert green > red, "turned the right way round"
    told = client.get(f"/api/v1/shops/{shop.location_id}").json["programmes"][0]["rewards"][0]["picture"]  # type: ignore[index]
    assert told == {size: f"/pictures/{picture_id}-{size}.webp" for size in ("small", "large")}
    assert f"/pictures/{picture_id}-small.webp" in desk.get("/rewards").get_data(as_text=True)


def test_other_kinds_of_pictures_are_taken_too(kept: tuple[Shop, Desk, str], scope: Scope) -> None:
    _, desk, reward_id = kept
    shown: set[str | None] = {None}
    for kind in ("PNG", "WEBP", "GIF"):
        assert send(desk, reward_id, photograph(300, 200, kind), f"cake.{kind}").status_code == 303
        shown.add(picture_of(scope, reward_id))
    assert len(shown) == 4


REFUSED = {
    "svg": (SVG, "That is no picture that can be shown."),
    "broken gif": (b"GIF89a" + b"\0" * 50, "That is no picture that can be shown."),
    "program": (b"MZ\x90\0 not a picture", "That is no picture that can be shown."),
    "cut off": (photograph()[:2000], "That is no picture that can be shown."),
    "bomb": (bomb(), "That picture is too large."),
    "megapixels": (photograph(7000, 6000), "That picture is too large."),
    "bytes": (b"\xff\xd8\xff" + b"\0" * (8 * 1024 * 1024), "That picture is too large."),
}


def test_what_is_no_picture_is_refused_and_nothing_is_kept(kept: tuple[Shop, Desk, str], scope: Scope) -> None:
    _, desk, reward_id = kept
    for name, (data, told) in REFUSED.items():
        assert send(desk, reward_id, data).status_code == 303, name
        assert told in desk.get(f"/rewards/{reward_id}?lang=en").get_data(as_text=True), name
    assert (pictures(scope), picture_of(scope, reward_id)) == (0, None)


class Poured(io.RawIOBase):
    """Fifty megabytes, made as they are read, and how far they were read."""

    def __init__(self, size: int) -> None:
        self.size, self.place = size, 0

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def tell(self) -> int:
        return self.place

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        self.place = offset if whence == io.SEEK_SET else self.size + offset
        return self.place

    def read(self, size: int = -1) -> bytes:
        count = self.size - self.place if size < 0 else min(size, self.size - self.place)
        self.place += count
        return b"\0" * count


def test_fifty_megabytes_are_read_to_their_end_and_told_where_they_were_chosen(
    kept: tuple[Shop, Desk, str], scope: Scope
) -> None:
    _, desk, reward_id = kept
    body = Poured(50 * 1024 * 1024)
    answer = desk.client.post(
        desk.address(f"/rewards/{reward_id}/picture"),
        input_stream=body,
        content_type="multipart/form-data; boundary=x",
    )
    assert (answer.status_code, body.place) == (303, body.size)
    assert "That picture is too large." in desk.get(f"/rewards/{reward_id}?lang=en").get_data(as_text=True)
    assert pictures(scope) == 0


def test_another_form_takes_one_megabyte(kept: tuple[Shop, Desk, str]) -> None:
    _, desk, reward_id = kept
    answer = desk.client.post(desk.address(f"/rewards/{reward_id}"), data={"name": "x" * (1024 * 1024 + 1)})
    assert answer.status_code == 413


def test_another_picture_takes_the_place_of_the_first(kept: tuple[Shop, Desk, str], scope: Scope) -> None:
    _, desk, reward_id = kept
    send(desk, reward_id, photograph())
    first = picture_of(scope, reward_id)
    send(desk, reward_id, photograph(500, 500))
    assert pictures(scope) == 1
    assert picture_of(scope, reward_id) != first
    assert desk.client.get(f"/pictures/{first}-small.webp").status_code == 404
    desk.post(f"/rewards/{reward_id}/picture/remove")
    assert (pictures(scope), picture_of(scope, reward_id)) == (0, None)


# --- codes ---


@pytest.fixture
def online(flask_app: Flask, scope: Scope) -> tuple[Desk, str]:
    shop, desk = keep_shop(flask_app, scope)
    return desk, shop.add_reward(name="Webshop", cost=5, has_codes=True)


def codes(scope: Scope) -> list[str]:
    with scope.reading() as tx:
        return list(tx.session.scalars(select(RewardCode.code).order_by(RewardCode.id)))


def stock(scope: Scope, reward_id: str) -> int | None:
    with scope.reading() as tx:
        return tx.session.scalar(select(Reward.stock).where(Reward.id == reward_id))


LISTS = {
    "lines": b"A-1\nA-2\nA-3\n",
    "a spreadsheet's CSV": b"\xef\xbb\xbfcode;note\r\nB-1;first\r\nB-2;\r\n\r\nB-3;x\r\n",
    "UTF-16": '"code","percent"\n"C-1",10\n"C-2",10\n"C-3",10\n'.encode("utf-16"),
}


def test_a_list_of_codes_is_read_from_a_file(online: tuple[Desk, str], scope: Scope) -> None:
    desk, reward_id = online
    for name, data in LISTS.items():
        answer = desk.post(
            f"/rewards/{reward_id}/codes",
            {"file": (io.BytesIO(data), "codes.csv"), "pasted": ""},
            content_type="multipart/form-data",
        )
        assert answer.status_code == 303, name
    assert codes(scope) == [f"{letter}-{number}" for letter in "ABC" for number in (1, 2, 3)]
    assert stock(scope, reward_id) == 9


def test_repeated_codes_are_left_out_and_told(online: tuple[Desk, str], scope: Scope) -> None:
    desk, reward_id = online
    desk.post(f"/rewards/{reward_id}/codes", {"pasted": "A-1\nA-2"})
    desk.get(f"/rewards/{reward_id}")
    desk.post(f"/rewards/{reward_id}/codes?lang=en", {"pasted": "A-2\nA-3\nA-3\nA-4\n"})
    page = desk.get(f"/rewards/{reward_id}?lang=en").get_data(as_text=True)
    assert "2 codes are new. 1 was in your list before, so it was left out." in page
    assert "1 line repeated a code, and counts once." in page
    assert (codes(scope), stock(scope, reward_id)) == (["A-1", "A-2", "A-3", "A-4"], 4)


def test_what_is_no_list_adds_nothing(online: tuple[Desk, str], scope: Scope) -> None:
    desk, reward_id = online
    for pasted in ("", "\n\n", "code\n", "x" * 101, "A\x07B"):
        assert desk.post(f"/rewards/{reward_id}/codes", {"pasted": pasted}).status_code == 303
        assert 'class="notice bad"' in desk.get(f"/rewards/{reward_id}").get_data(as_text=True), pasted
    assert (codes(scope), stock(scope, reward_id)) == ([], 0)


def test_a_reward_without_codes_takes_none(kept: tuple[Shop, Desk, str], scope: Scope) -> None:
    _, desk, reward_id = kept
    assert desk.post(f"/rewards/{reward_id}/codes", {"pasted": "A-1"}).status_code == 409
    assert codes(scope) == []


def test_free_codes_are_taken_out_and_the_stock_is_not_typed(online: tuple[Desk, str], scope: Scope) -> None:
    desk, reward_id = online
    desk.post(f"/rewards/{reward_id}/codes", {"pasted": "A-1\nA-2"})
    assert desk.post(f"/rewards/{reward_id}", {"name": "Webshop", "cost": "5", "stock": "99"}).status_code == 303
    assert stock(scope, reward_id) == 2
    assert desk.post(f"/rewards/{reward_id}/codes/remove").status_code == 303
    assert (codes(scope), stock(scope, reward_id)) == ([], 0)
