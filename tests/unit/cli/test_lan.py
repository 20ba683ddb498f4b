import ssl
import stat
from datetime import UTC, datetime, timedelta
from pathlib import Path

from app.cli import lan

NOW = datetime(2026, 3, 29, 0, 30, tzinfo=UTC)


def test_a_certificate_is_kept_until_it_nears_its_end(tmp_path: Path) -> None:
    first = lan.certificate(tmp_path, "192.0.2.7", NOW).certificate.read_bytes()
    kept = lan.certificate(tmp_path, "192.0.2.7", NOW + timedelta(days=30)).certificate.read_bytes()
    renewed = lan.certificate(tmp_path, "192.0.2.7", NOW + timedelta(days=85)).certificate.read_bytes()
    assert first == kept
    assert first != renewed


def test_another_address_gets_another_certificate(tmp_path: Path) -> None:
    first = lan.certificate(tmp_path, "192.0.2.7", NOW).certificate.read_bytes()
    assert lan.certificate(tmp_path, "192.0.2.8", NOW).certificate.read_bytes() != first


def test_the_key_belongs_to_the_certificate_and_to_its_owner_alone(tmp_path: Path) -> None:
    pair = lan.certificate(tmp_path / "tls", "192.0.2.7", NOW)
    ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER).load_cert_chain(pair.certificate, pair.key)
    assert stat.S_IMODE(pair.key.stat().st_mode) == 0o600


def test_a_broken_certificate_is_made_anew(tmp_path: Path) -> None:
    pair = lan.certificate(tmp_path, "192.0.2.7", NOW)
    pair.certificate.write_text("not a certificate")
    lan.certificate(tmp_path, "192.0.2.7", NOW)
    ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER).load_cert_chain(pair.certificate, pair.key)


def test_the_picture_is_square_and_fits_a_terminal() -> None:
    lines = lan.picture("https://192.168.178.23:8000/").splitlines()
    assert {len(line) for line in lines if line} == {len(lines[0])}
    assert len(lines[0]) <= 60
