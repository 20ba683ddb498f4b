"""Passes as the wallets read them, and the settings they are signed with."""

from __future__ import annotations

import hashlib
import io
import json
import subprocess
import zipfile
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import jwt
import pytest
from PIL import Image

import config
from app.cards.passes import apple, credentials, google
from app.cards.passes.content import Balance, News, PassCard
from app.cards.passes.words import words
from tests import signers
from tests.conftest import ENVIRONMENT
from tests.signers import Signers

ROOT = Path(__file__).parents[3]
CARD_ID = "01890000-0000-7000-8000-000000000000"
NUMBER = "7K3M9QX2VB8T4HWQ"
URL = f"HTTPS://CARD.EXAMPLE/C/{NUMBER}"
NOW = datetime(2026, 3, 4, 12, tzinfo=UTC)


def apple_group(made: Signers, **changed: str) -> dict[str, str]:
    group = {
        name.removeprefix("APPLE_PASS_").lower(): value
        for name, value in made.environment.items()
        if name.startswith("APPLE_PASS_")
    }
    return group | {name: str(made.folder / value) if "." in value else value for name, value in changed.items()}


def google_credentials(made: Signers) -> credentials.GoogleCredentials:
    found = credentials.google(
        {"issuer_id": signers.ISSUER_ID, "service_account": made.environment["GOOGLE_WALLET_SERVICE_ACCOUNT"]}
    )
    assert found
    return found


def apple_files(made: Signers, locale: str = "nl", **told: Any) -> dict[str, bytes]:
    signer = credentials.apple(apple_group(made))
    assert signer
    card = PassCard(card_id=CARD_ID, number=NUMBER, url=URL, locale=locale, **told)
    content = apple.build(signer, card, public_url="https://card.example", token="t" * 64)
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        assert archive.testzip() is None
        assert {entry.compress_type for entry in archive.infolist()} == {zipfile.ZIP_STORED}
        return {entry: archive.read(entry) for entry in archive.namelist()}


def verifies(folder: Path, manifest: bytes, signature: bytes, issuer: Path) -> bool:
    """Whether OpenSSL, knowing the issuer alone, takes the signature for this manifest."""
    (folder / "manifest.json").write_bytes(manifest)
    (folder / "signature").write_bytes(signature)
    run = subprocess.run(
        ["openssl", "smime", "-verify", "-inform", "DER", "-in", "signature", "-content", "manifest.json", "-binary",
         "-CAfile", str(issuer), "-purpose", "any", "-out", "out"],
        cwd=folder, capture_output=True, check=False,
    )  # fmt: skip
    return run.returncode == 0


def test_an_apple_pass_carries_the_static_code_and_the_number(signers_made: Signers) -> None:
    description = json.loads(apple_files(signers_made)["pass.json"])
    assert description["barcodes"] == [
        {
            "format": "PKBarcodeFormatQR",
            "message": URL,
            "messageEncoding": "iso-8859-1",
            "altText": "7K3M 9QX2 VB8T 4HWQ",
        }
    ]
    told = (description["formatVersion"], description["passTypeIdentifier"], description["teamIdentifier"])
    assert told == (1, signers.PASS_TYPE, signers.TEAM)
    assert (description["serialNumber"], description["organizationName"]) == (CARD_ID, "Zegel")
    [number] = description["storeCard"]["secondaryFields"]
    assert number["value"] == "7K3M 9QX2 VB8T 4HWQ"
    assert description["sharingProhibited"] is True


@pytest.mark.parametrize("locale", ["nl", "fr", "de", "en", "pt"])
def test_an_apple_pass_speaks_its_members_language(signers_made: Signers, locale: str) -> None:
    description = json.loads(apple_files(signers_made, locale)["pass.json"])
    assert description["description"] == words(locale).description
    assert (description["description"] == words("en").description) is (locale in ("en", "pt"))


def test_an_apple_pass_tells_balances_and_where_to_ask_for_them_again(signers_made: Signers) -> None:
    balances = tuple(Balance(f"p{number}", f"100% Shop {number}", f"{number} of 10 stamps") for number in range(3))
    described = json.loads(apple_files(signers_made, balances=balances)["pass.json"])
    assert described["webServiceURL"] == "https://card.example/api/v1/passes/apple"
    assert len(described["authenticationToken"]) >= 16
    front, back = described["storeCard"]["auxiliaryFields"], described["storeCard"]["backFields"]
    assert [field["value"] for field in front] == ["0 of 10 stamps", "1 of 10 stamps"]
    assert [field["label"] for field in back[:-1]] == ["100% Shop 0", "100% Shop 1", "100% Shop 2"]
    assert back[0]["changeMessage"] == "100 Shop 0: %@"
    keys = [field["key"] for field in (*front, *back, *described["storeCard"]["secondaryFields"])]
    assert len(keys) == len(set(keys))


def test_an_apple_pass_tells_a_shops_news_when_they_change(signers_made: Signers) -> None:
    described = json.loads(apple_files(signers_made, news=News("100% Flowers", "Tulips are in"))["pass.json"])
    assert described["storeCard"]["backFields"][0] == {
        "key": "news",
        "label": "100% Flowers",
        "value": "Tulips are in",
        "changeMessage": "100 Flowers: %@",
    }


def test_an_apple_pass_of_a_dead_card_is_void_and_has_no_code(signers_made: Signers) -> None:
    described = json.loads(apple_files(signers_made, is_dead=True)["pass.json"])
    assert described["voided"] is True
    assert "barcodes" not in described
    assert NUMBER not in json.dumps(described).replace(" ", "")


def test_an_apple_pass_lists_the_digest_of_every_file(signers_made: Signers) -> None:
    files = apple_files(signers_made)
    listed = json.loads(files["manifest.json"])
    assert set(files) - set(listed) == {"manifest.json", "signature"}
    assert listed == {name: hashlib.sha1(files[name]).hexdigest() for name in listed}


def test_an_apple_pass_is_signed_apart_and_by_its_certificate(signers_made: Signers, tmp_path: Path) -> None:
    files = apple_files(signers_made)
    issuer = signers_made.folder / "issuer.pem"
    assert files["manifest.json"] not in files["signature"]
    assert verifies(tmp_path, files["manifest.json"], files["signature"], issuer)
    assert not verifies(tmp_path, files["manifest.json"] + b" ", files["signature"], issuer)
    assert not verifies(tmp_path, files["manifest.json"], files["signature"], signers_made.folder / "issuer-2.pem")


def test_an_apple_pass_has_its_pictures_in_three_densities(signers_made: Signers) -> None:
    files = apple_files(signers_made)
    sizes = {name: Image.open(io.BytesIO(files[name])).size for name in files if name.endswith(".png")}
    assert sizes == {
        f"{name}{suffix}.png": (side * density,) * 2
        for name, side in (("icon", 29), ("logo", 50))
        for density, suffix in ((1, ""), (2, "@2x"), (3, "@3x"))
    }


@pytest.mark.parametrize("locale", ["nl", "fr", "de", "en"])
def test_a_google_link_holds_a_signed_card_and_is_short_enough(signers_made: Signers, locale: str) -> None:
    link = google.save_link(
        google_credentials(signers_made),
        PassCard(card_id=CARD_ID, number=NUMBER, url=URL, locale=locale),
        google.Place("https://card.example", "https://card.example/assets/seal.png"),
        now=NOW,
    )
    assert link.startswith("https://pay.google.com/gp/v/save/")
    assert len(link) <= google.LONGEST_LINK
    token = link.rsplit("/", 1)[1]
    assert jwt.get_unverified_header(token) == {"alg": "RS256", "typ": "JWT", "kid": signers.KEY_ID}
    claims = jwt.decode(
        token,
        signers_made.google_public_key,
        algorithms=["RS256"],
        audience="google",
        issuer=signers.ACCOUNT,
        options={"verify_iat": False},
    )
    assert (claims["typ"], claims["iat"], claims["origins"]) == (
        "savetowallet",
        int(NOW.timestamp()),
        ["https://card.example"],
    )
    [kind], [card] = claims["payload"]["loyaltyClasses"], claims["payload"]["loyaltyObjects"]
    assert (kind["id"], kind["reviewStatus"]) == (f"{signers.ISSUER_ID}.zegel", "UNDER_REVIEW")
    assert (card["id"], card["classId"], card["state"]) == (f"{signers.ISSUER_ID}.{CARD_ID}", kind["id"], "ACTIVE")
    assert card["barcode"] == {"type": "QR_CODE", "value": URL, "alternateText": "7K3M 9QX2 VB8T 4HWQ"}
    # What rotates needs the secret, and everybody who has the link can read what is in it.
    assert "rotatingBarcode" not in card


def test_googles_logo_is_a_large_square() -> None:
    with Image.open(ROOT / "app/web/static/seal.png") as logo:
        assert (logo.format, logo.size) == ("PNG", (660, 660))


def test_without_settings_there_is_nothing_to_sign_with() -> None:
    assert credentials.apple({}) is None
    assert credentials.google({}) is None


def test_a_locked_key_and_a_certificate_as_apple_gives_it_are_read(signers_made: Signers) -> None:
    found = credentials.apple(
        apple_group(signers_made, certificate="pass.cer", key="locked.key", key_password=signers.PASSWORD)
    )
    assert found
    assert (found.pass_type, found.team) == (signers.PASS_TYPE, signers.TEAM)
    assert "key" not in repr(found).lower().replace("pass_type", "")


def test_a_certificate_that_is_over_is_told(signers_made: Signers) -> None:
    over = credentials.apple(apple_group(signers_made, certificate="over.pem"))
    good = credentials.apple(apple_group(signers_made))
    assert over
    assert good
    assert (over.is_valid_at(NOW), good.is_valid_at(NOW)) == (False, True)


WRONG: dict[str, tuple[dict[str, str], str]] = {
    "a misspelt setting": ({"APPLE_PASS_CERT": "pass.pem"}, "APPLE_PASS_CERT is not a setting"),
    "one that is missing": ({"APPLE_PASS_WWDR": ""}, "APPLE_PASS_WWDR is not set"),
    "no file": ({"APPLE_PASS_KEY": "nowhere.key"}, "APPLE_PASS_KEY names a file that can't be read"),
    "no key": ({"APPLE_PASS_KEY": "pass.pem"}, "APPLE_PASS_KEY must name a private key"),
    "a locked key": ({"APPLE_PASS_KEY": "locked.key"}, "APPLE_PASS_KEY_PASSWORD"),
    "a wrong password": (
        {"APPLE_PASS_KEY": "locked.key", "APPLE_PASS_KEY_PASSWORD": "wrong"},
        "APPLE_PASS_KEY_PASSWORD",
    ),
    "another key": ({"APPLE_PASS_KEY": "other.key"}, "APPLE_PASS_KEY is not the key of APPLE_PASS_CERTIFICATE"),
    "no certificate": ({"APPLE_PASS_CERTIFICATE": "pass.key"}, "APPLE_PASS_CERTIFICATE must name a certificate"),
    "another issuer": ({"APPLE_PASS_WWDR": "issuer-2.pem"}, "APPLE_PASS_WWDR did not issue"),
    "no pass type": ({"APPLE_PASS_CERTIFICATE": "nameless.pem"}, "APPLE_PASS_CERTIFICATE must be a pass type's"),
    "no number": ({"GOOGLE_WALLET_ISSUER_ID": "ours"}, "GOOGLE_WALLET_ISSUER_ID must be"),
    "no account": ({"GOOGLE_WALLET_SERVICE_ACCOUNT": "pass.pem"}, "GOOGLE_WALLET_SERVICE_ACCOUNT must name"),
    "an account without key": ({"GOOGLE_WALLET_SERVICE_ACCOUNT": "keyless.json"}, "GOOGLE_WALLET_SERVICE_ACCOUNT must"),
    "half of google": ({"GOOGLE_WALLET_SERVICE_ACCOUNT": ""}, "GOOGLE_WALLET_SERVICE_ACCOUNT is not set"),
}


@pytest.mark.parametrize("wrong", WRONG)
def test_a_wrong_setting_stops_the_start_with_one_line(signers_made: Signers, tmp_path: Path, wrong: str) -> None:
    changed, told = WRONG[wrong]
    placed = {name: str(signers_made.folder / value) if "." in value else value for name, value in changed.items()}
    given = {**ENVIRONMENT, "ZEGEL_VAR": str(tmp_path), **signers_made.environment, **placed}
    with pytest.raises(config.SettingsError) as refused:
        config.load(given)
    line = str(refused.value)
    assert told in line
    assert "\n" not in line
    assert "PRIVATE KEY" not in line


def test_right_settings_start(signers_made: Signers, tmp_path: Path) -> None:
    settings = config.load({**ENVIRONMENT, "ZEGEL_VAR": str(tmp_path), **signers_made.environment})
    assert set(settings.apple_pass) == {"certificate", "key", "wwdr"}
    assert signers_made.environment["APPLE_PASS_KEY"] not in repr(settings)
