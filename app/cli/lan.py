"""Serving a local network over HTTPS, since a phone gives its camera to a secure page only.

The certificate is made on the spot and signed by itself: the phone warns once, and its owner accepts.
"""

import io
import ipaddress
import os
import socket
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

import qrcode
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

# Phones refuse certificates that live longer than about 13 months.
LIFETIME = timedelta(days=90)
RENEW_BEFORE = timedelta(days=7)


@dataclass(frozen=True)
class Certificate:
    """Where a certificate and its private key lie, both PEM."""

    certificate: Path
    key: Path


def address() -> str:
    """This machine's IPv4 address as the local network sees it; the loopback's where there is no network.

    No packet is sent: connecting a datagram socket only asks the kernel which way it would go.
    """
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.connect(("192.0.2.1", 9))
            found: str = probe.getsockname()[0]
        except OSError:
            return "127.0.0.1"
    return found


def certificate(folder: Path, host: str, now: datetime) -> Certificate:
    """A certificate for `host` (an IP address), localhost and the loopback under `folder`.

    Kept and given again until it nears its end or the address changes; then it is made anew. The key is readable by its
    owner alone.
    """
    pair = Certificate(folder / "certificate.pem", folder / "key.pem")
    if not _serves(pair, host, now):
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        _make(pair, host, now)
    return pair


def picture(url: str) -> str:
    """`url` as a QR of half blocks for a terminal, several lines."""
    code = qrcode.QRCode(error_correction=qrcode.constants.ERROR_CORRECT_M, border=2)
    code.add_data(url)
    code.make(fit=True)
    text = io.StringIO()
    code.print_ascii(out=text, invert=True)
    return text.getvalue()


def _serves(pair: Certificate, host: str, now: datetime) -> bool:
    if not (pair.certificate.exists() and pair.key.exists()):
        return False
    try:
        found = x509.load_pem_x509_certificate(pair.certificate.read_bytes())
        names = found.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    except (ValueError, x509.ExtensionNotFound):
        return False
    addresses = {str(entry) for entry in names.get_values_for_type(x509.IPAddress)}
    return host in addresses and found.not_valid_before_utc <= now < found.not_valid_after_utc - RENEW_BEFORE


def _make(pair: Certificate, host: str, now: datetime) -> None:
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Zegel on this network")])
    names = x509.SubjectAlternativeName(
        [
            x509.DNSName("localhost"),
            *(x509.IPAddress(ipaddress.ip_address(each)) for each in sorted({host, "127.0.0.1"})),
        ]
    )
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(hours=1))
        .not_valid_after(now + LIFETIME)
        .add_extension(names, critical=False)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
        .sign(key, hashes.SHA256())
    )
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    # The key first: a certificate without its key is made anew, never the other way round.
    with os.fdopen(os.open(pair.key, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
        file.write(private)
    pair.certificate.write_bytes(made.public_bytes(serialization.Encoding.PEM))
