"""What is seen from outside at PUBLIC_URL: the certificate, the way from http, the headers, the time."""

from __future__ import annotations

import http.client
import socket
import ssl
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from urllib.parse import urlsplit

from app.cli.doctor.findings import FAIL, OK, WARN, Finding, Patient

TIMEOUT_SECONDS = 5
HTTP_PORT = 80
_CERTIFICATE_WARN, _CERTIFICATE_FAIL = timedelta(days=14), timedelta(days=3)
_HALF_A_YEAR = 182 * 24 * 3600
_APART_WARN, _APART_FAIL = 5.0, 60.0
_LOOPBACK = {"127.0.0.1", "::1", "localhost"}
_SYNC = "Have it set by NTP: timedatectl set-ntp true"


def tls(patient: Patient) -> Finding:
    """The certificate that phones see at PUBLIC_URL, with its chain."""
    parts = urlsplit(patient.settings.public_url)
    host = parts.hostname or ""
    if parts.scheme == "http":
        if host in _LOOPBACK:
            return Finding("tls", OK, "This machine only: no certificate is needed.")
        return Finding(
            "tls", WARN, "PUBLIC_URL is not https: phones give no camera.", "Put TLS in front, or `make run LAN=1`."
        )
    try:
        with (
            socket.create_connection((host, parts.port or 443), TIMEOUT_SECONDS) as connection,
            ssl.create_default_context().wrap_socket(connection, server_hostname=host) as secure,
        ):
            certificate = secure.getpeercert() or {}
    except ssl.SSLError as error:
        why = error.verify_message if isinstance(error, ssl.SSLCertVerificationError) else error.reason
        remedy = "Renew it, or mend its chain: the proxy must send the certificates between it and the authority too."
        return Finding("tls", FAIL, f"{host}'s certificate is not good: {why}.", remedy)
    except OSError:
        return Finding("tls", WARN, f"{host} can't be reached from here.", "Look at it from outside: is it serving?")
    end = datetime.fromtimestamp(ssl.cert_time_to_seconds(str(certificate["notAfter"])), UTC)
    left = end - patient.now
    told = f"{host}'s certificate is good until {end:%Y-%m-%d}: {left.days} day{'' if left.days == 1 else 's'}."
    if left < _CERTIFICATE_WARN:
        state = FAIL if left < _CERTIFICATE_FAIL else WARN
        return Finding("tls", state, told, "Renew it, and have the proxy do that by itself.")
    return Finding("tls", OK, told)


def https(patient: Patient) -> Finding:
    """Whether browsers are kept to https: http leads there, and they are told to come back that way."""
    parts = urlsplit(patient.settings.public_url)
    if parts.scheme == "http":
        return Finding("https", OK, "PUBLIC_URL is http: nothing to keep to.")
    host = parts.hostname or ""
    try:
        answer = _asked(patient)
    except OSError:
        return Finding("https", WARN, f"{host} can't be reached from here.", "Look at it from outside: is it serving?")
    strict = answer.getheader("Strict-Transport-Security") or ""
    age = next((part.strip()[8:].strip('"') for part in strict.split(";") if part.strip().startswith("max-age=")), "")
    if not age.isdecimal() or int(age) < _HALF_A_YEAR:
        told = f"The answer has no lasting Strict-Transport-Security ({strict or 'none'})."
        return Finding("https", WARN, told, "The service sends it in production: let the proxy pass it on.")
    if parts.port not in (None, 443):
        return Finding("https", OK, "Browsers are kept to https.")
    try:
        plain = http.client.HTTPConnection(host, HTTP_PORT, timeout=TIMEOUT_SECONDS)
        plain.request("GET", "/", headers={"Host": host})
        first = plain.getresponse()
        plain.close()
    except (OSError, http.client.HTTPException):
        return Finding("https", OK, "Browsers are kept to https; nobody answers to http.")
    if first.status not in (301, 302, 307, 308) or not (first.getheader("Location") or "").startswith("https://"):
        told = f"http://{host}/ answers {first.status} instead of leading to https."
        return Finding("https", WARN, told, "Have the proxy redirect it (308): deploy/ shows how.")
    return Finding("https", OK, "Browsers are kept to https, and http leads there.")


def time(patient: Patient) -> Finding:
    """How far this machine's clock is from the one that answers at PUBLIC_URL, and whether NTP holds it."""
    if not patient.settings.public_url.startswith("https://"):
        return Finding("time", OK, "Nobody answers from outside: the clock is compared with the database's alone.")
    try:
        date = _asked(patient).getheader("Date")
        there = parsedate_to_datetime(date or "").astimezone(UTC)
    except (OSError, ValueError, TypeError):
        return Finding("time", OK, "Nobody tells the time at PUBLIC_URL.")
    apart = (patient.now - there).total_seconds()
    # The header has whole seconds.
    if abs(apart) > _APART_WARN + 1:
        state = FAIL if abs(apart) > _APART_FAIL else WARN
        told = f"This machine's clock is {abs(apart):.0f} s {'ahead of' if apart > 0 else 'behind'} PUBLIC_URL's."
        return Finding("time", state, told, _SYNC)
    return Finding("time", OK, "This machine's clock and PUBLIC_URL's agree within seconds.")


def proxy(patient: Patient) -> Finding:
    """Whether clients are told apart: brakes on guessing are counted by address."""
    named = patient.settings.trusted_proxies
    if named:
        return Finding("proxy", OK, f"Clients' addresses are taken from {', '.join(named)}.")
    if patient.settings.is_production:
        told = "TRUSTED_PROXIES is not set: behind a proxy all clients look like one, and share its brakes."
        return Finding("proxy", WARN, told, "Set it to the proxy's address: TRUSTED_PROXIES=127.0.0.1,::1")
    return Finding("proxy", OK, "No proxy stands in front.")


def _asked(patient: Patient) -> http.client.HTTPResponse:
    """The answer of PUBLIC_URL's sign-in page, whatever its certificate: that is another line's matter."""
    parts = urlsplit(patient.settings.public_url)
    context = ssl.create_default_context()
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    connection = http.client.HTTPSConnection(
        parts.hostname or "", parts.port or 443, timeout=TIMEOUT_SECONDS, context=context
    )
    try:
        connection.request("GET", "/healthz", headers={"Host": parts.netloc})
        return connection.getresponse()
    except http.client.HTTPException as error:
        raise OSError(str(error)) from error
    finally:
        connection.close()
