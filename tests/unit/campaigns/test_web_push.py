"""Pushes: encrypted as the standard's own example, read by another library, and signed so that a push service believes
it."""

import base64
import os
from datetime import UTC, datetime, timedelta

import http_ece
import jwt
import pytest
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec

from app.campaigns import vapid
from app.campaigns.vapid import from_base64url, to_base64url
from app.campaigns.web_push import LONGEST, encrypt, headers, read_subscription

NOW = datetime(2026, 3, 4, 12, tzinfo=UTC)
ENDPOINT = "https://push.example:8443/send/abc"


def private(scalar: str) -> ec.EllipticCurvePrivateKey:
    return ec.derive_private_key(int.from_bytes(from_base64url(scalar), "big"), ec.SECP256R1())


def point(key: ec.EllipticCurvePrivateKey) -> str:
    public = key.public_key()
    return to_base64url(public.public_bytes(serialization.Encoding.X962, serialization.PublicFormat.UncompressedPoint))


def test_it_is_encrypted_as_the_example_of_rfc_8291() -> None:
    """Appendix A of the standard, to the byte."""
    subscription = read_subscription(
        ENDPOINT,
        "BCVxsr7N_eNgVRqvHtD0zTZsEc6-VV-JvLexhqUzORcxaOzi6-AYWXvTBHm4bjyPjs7Vd8pZGH6SRpkNtoIAiw4",
        "BTBZMqHH6r4Tts7J_aSIgg",
    )
    body = encrypt(
        b"When I grow up, I want to be a watermelon",
        subscription,
        salt=from_base64url("DGv6ra1nlYgDCS1FRnbzlw"),
        own_key=private("yfWPiYE-n46HLnH0KqZOF1fJJU3MYrct3AELtAQ-oRw"),
    )
    assert to_base64url(body) == (
        "DGv6ra1nlYgDCS1FRnbzlwAAEABBBP4z9KsN6nGRTbVYI_c7VJSPQTBtkgcy27mlmlMoZIIgDll6e3vCYLocInmYWAmS6TlzAC8wEqKK6PBru3jl7A_"
        "yl95bQpu6cVPTpK4Mqgkf1CXztLVBSt2Ks3oZwbuwXPXLWyouBWLVWGNWQexSgSxsj_Qulcy4a-fN"
    )


@pytest.mark.parametrize("length", [0, 1, 17, LONGEST])
def test_another_library_reads_it(length: int) -> None:
    browser, auth = ec.generate_private_key(ec.SECP256R1()), os.urandom(16)
    subscription = read_subscription(ENDPOINT, point(browser), to_base64url(auth))
    plain = os.urandom(length)
    body = encrypt(plain, subscription)
    assert len(body) <= 4096
    assert http_ece.decrypt(body, private_key=browser, auth_secret=auth, version="aes128gcm") == plain


def test_nobody_else_reads_it_and_no_two_are_alike() -> None:
    browser, auth = ec.generate_private_key(ec.SECP256R1()), os.urandom(16)
    subscription = read_subscription(ENDPOINT, point(browser), to_base64url(auth))
    first, second = encrypt(b"hello", subscription), encrypt(b"hello", subscription)
    assert first[:16] != second[:16]
    assert first[21:86] != second[21:86]
    with pytest.raises((InvalidTag, http_ece.ECEException)):
        http_ece.decrypt(first, private_key=browser, auth_secret=os.urandom(16), version="aes128gcm")
    with pytest.raises(ValueError, match="at most"):
        encrypt(b"x" * (LONGEST + 1), subscription)


@pytest.mark.parametrize(
    ("p256dh", "auth"),
    [
        ("", "BTBZMqHH6r4Tts7J_aSIgg"),
        ("BCVxsr7N", "BTBZMqHH6r4Tts7J_aSIgg"),
        ("BCVxsr7N_eNgVRqvHtD0zTZsEc6-VV-JvLexhqUzORcxaOzi6-AYWXvTBHm4bjyPjs7Vd8pZGH6SRpkNtoIAiw4", "BTBZ"),
        ("B" + "A" * 86, "BTBZMqHH6r4Tts7J_aSIgg"),  # not on the curve
        ("!" * 87, "BTBZMqHH6r4Tts7J_aSIgg"),
    ],
)
def test_keys_that_are_none_are_refused(p256dh: str, auth: str) -> None:
    with pytest.raises(ValueError):  # noqa: PT011  whatever is wrong with them
        read_subscription(ENDPOINT, p256dh, auth)


def test_a_push_service_believes_the_signature() -> None:
    found = vapid.read({"private_key": vapid.new_private_key(), "subject": "mailto:shop@example.org"})
    assert found is not None
    sent = headers(found, ENDPOINT, now=NOW, lifetime=timedelta(hours=24), urgency="high")
    scheme, _, rest = sent["Authorization"].partition(" ")
    parts = dict(part.strip().split("=", 1) for part in rest.split(","))
    assert scheme == "vapid"
    key = ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), from_base64url(parts["k"]))
    claims = jwt.decode(
        parts["t"], key, algorithms=["ES256"], audience="https://push.example:8443", options={"verify_exp": False}
    )
    assert claims["sub"] == "mailto:shop@example.org"
    assert timedelta(0) < datetime.fromtimestamp(claims["exp"], UTC) - NOW <= timedelta(hours=24)
    assert (sent["TTL"], sent["Urgency"], sent["Content-Encoding"]) == ("86400", "high", "aes128gcm")


def test_the_key_is_read_in_both_forms() -> None:
    scalar = vapid.new_private_key()
    pem = (
        private(scalar)
        .private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
        .decode()
    )
    one = vapid.read({"private_key": scalar, "subject": "https://shop.example"})
    other = vapid.read({"private_key": pem, "subject": "https://shop.example"})
    assert one is not None
    assert other is not None
    assert one.public_key == other.public_key == point(private(scalar))
    plain = vapid.read({"private_key": "+/" + "A" * 41 + "=", "subject": "https://shop.example"})
    assert plain is not None
    assert plain.public_key == point(private("-_" + "A" * 41))
    assert len(base64.urlsafe_b64decode(one.public_key + "=")) == 65
    assert scalar not in repr(one)
    assert vapid.read({}) is None


@pytest.mark.parametrize(
    ("settings", "told"),
    [
        ({"subject": "mailto:a@b.example"}, "VAPID_PRIVATE_KEY is not set"),
        ({"private_key": "short", "subject": "mailto:a@b.example"}, "VAPID_PRIVATE_KEY must be"),
        ({"private_key": "AAAA"}, "VAPID_SUBJECT must begin"),
        ({"private_key": "AAAA", "mail": "x", "subject": "mailto:a@b.example"}, "VAPID_MAIL is no setting"),
    ],
)
def test_a_wrong_setting_is_told_in_one_line(settings: dict[str, str], told: str) -> None:
    with pytest.raises(vapid.VapidError, match=told):
        vapid.read(settings)


def test_a_public_key_of_another_pair_is_told() -> None:
    settings = {
        "private_key": vapid.new_private_key(),
        "public_key": point(ec.generate_private_key(ec.SECP256R1())),
        "subject": "mailto:a@b.example",
    }
    with pytest.raises(vapid.VapidError, match="VAPID_PUBLIC_KEY is not the one"):
        vapid.read(settings)
