from __future__ import annotations

import base64
from datetime import UTC, datetime, timedelta, timezone

import pytest

from app.cards.rotating import code_at, match, new_secret, provisioning, step_of

RFC_SECRET = b"12345678901234567890"
START = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)  # a step begins here


def at(seconds: float) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)


@pytest.mark.parametrize(
    ("seconds", "digits"),
    [
        (59, "94287082"),
        (1111111109, "07081804"),
        (1111111111, "14050471"),
        (1234567890, "89005924"),
        (2000000000, "69279037"),
        (20000000000, "65353130"),
    ],
)
def test_vectors_of_rfc_6238(seconds, digits):
    assert code_at(RFC_SECRET, at(seconds), period=30) == digits
    assert match(RFC_SECRET, digits, at(seconds), period=30) == seconds // 30


def test_the_code_changes_every_fifteen_seconds():
    assert step_of(START) == START.timestamp() / 15
    assert step_of(START + timedelta(seconds=14.999)) == step_of(START)
    assert step_of(START + timedelta(seconds=15)) == step_of(START) + 1
    # RFC's vector for step 1, which with 15 s is shown from 15 to 30 s
    assert code_at(RFC_SECRET, at(15)) == code_at(RFC_SECRET, at(29.9)) == "94287082"


@pytest.mark.parametrize(
    ("seconds", "is_accepted"),
    [(-15.1, False), (-15, True), (0, True), (14, True), (29.9, True), (30, False), (45, False)],
)
def test_a_code_lives_forty_five_seconds(seconds, is_accepted):
    secret = new_secret()
    digits = code_at(secret, START)
    step = match(secret, digits, START + timedelta(seconds=seconds))
    assert step == (step_of(START) if is_accepted else None)


def test_the_step_is_the_codes_own_not_the_clocks():
    # Each step counts once, so all three moments must name the same one.
    secret = new_secret()
    digits = code_at(secret, START)
    steps = {match(secret, digits, START + timedelta(seconds=late)) for late in (-15, 0, 15)}
    assert steps == {step_of(START)}


@pytest.mark.parametrize("digits", ["", "0", "942870820", "9428708", " 94287082", "٩٤٢٨٧٠٨٢", "94287082\n", "abcdefgh"])
def test_what_is_no_code_matches_nothing(digits):
    assert match(RFC_SECRET, digits, at(59), period=30) is None


def test_another_secret_matches_nothing():
    assert match(new_secret(), code_at(RFC_SECRET, START), START) is None


def test_the_first_step_has_none_before_it():
    assert match(RFC_SECRET, "94287082", at(0)) == 1
    assert match(RFC_SECRET, "00000000", at(0)) is None


def test_time_needs_a_zone_and_a_place_after_1970():
    with pytest.raises(ValueError, match="zone"):
        step_of(datetime(2026, 11, 22, 12, 0))
    with pytest.raises(ValueError, match="1970"):
        code_at(RFC_SECRET, at(-1))
    brussels = START.astimezone(timezone(timedelta(hours=1)))
    assert code_at(RFC_SECRET, brussels) == code_at(RFC_SECRET, START)


def test_provisioning():
    secret = new_secret()
    assert len(secret) == 20
    assert new_secret() != secret
    told = provisioning(secret)
    assert {**told, "secret": ""} == {"secret": "", "algorithm": "SHA1", "period": 15, "digits": 8}
    assert base64.b32decode(told["secret"]) == secret
