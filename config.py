"""The settings: read once from the environment, checked, and handed in. Nothing but wsgi, migrations, the command line
and tests imports this module."""

from __future__ import annotations

import base64
import contextlib
import os
import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

from app.campaigns import vapid
from app.cards.passes import credentials
from app.common.keys import KeyRing, Keys
from app.web import proxies

ROOT = Path(__file__).resolve().parent
_ATTRIBUTIONS = {"tile.openstreetmap.org": "© OpenStreetMap contributors"}


class SettingsError(Exception):
    """A setting is missing or wrong. The message is one line that says which, and what it should be."""


@dataclass(frozen=True, slots=True)
class Settings:
    """What the service runs with. ``repr`` shows no secret."""

    env: str
    var: Path
    public_url: str
    database_url: str = field(repr=False)
    keys: Keys = field(repr=False)
    redis_url: str | None = field(repr=False)
    smtp_url: str | None = field(repr=False)
    log_format: str
    tile_url: str | None
    stripe: Mapping[str, str] = field(repr=False)
    apple_pass: Mapping[str, str] = field(repr=False)
    google_wallet: Mapping[str, str] = field(repr=False)
    vapid: Mapping[str, str] = field(repr=False)
    sentry_dsn: str | None = field(repr=False)
    former_hosts: tuple[str, ...] = ()
    trusted_proxies: tuple[str, ...] = ()
    mail_from: str | None = None
    webhook_loopback: bool = False
    tile_attribution: str | None = None
    terms_url: str | None = None
    seller: Mapping[str, str] = field(default_factory=dict)

    @property
    def is_production(self) -> bool:
        return self.env == "production"

    @property
    def is_sqlite(self) -> bool:
        return self.database_url.startswith("sqlite")

    @property
    def host(self) -> str:
        """The host that stands in the cards' codes, with its port if it has one."""
        return urlsplit(self.public_url).netloc


def load(environ: Mapping[str, str] | None = None) -> Settings:
    """Read and check the settings.

    Raises :class:`SettingsError` with one clear line for the first wrong one. Outside production, keys that are not
    given are made once and kept under ``var/keys`` (readable by the owner alone).
    """
    env = os.environ if environ is None else environ
    name = env.get("ZEGEL_ENV", "development")
    if name not in ("development", "test", "production"):
        raise SettingsError(f"ZEGEL_ENV is {name!r}: it must be development, test or production")
    var = Path(env.get("ZEGEL_VAR") or ROOT / "var").resolve()
    public_url = env.get("PUBLIC_URL", "http://127.0.0.1:8000").rstrip("/")
    parts = urlsplit(public_url)
    if parts.scheme not in ("http", "https") or not parts.hostname or parts.path or parts.query or parts.username:
        raise SettingsError("PUBLIC_URL must look like https://card.example.org, without a path")
    if name == "production" and parts.scheme != "https":
        raise SettingsError("PUBLIC_URL must begin with https:// in production")
    log_format = env.get("LOG_FORMAT", "json" if name == "production" else "text")
    if log_format not in ("text", "json"):
        raise SettingsError(f"LOG_FORMAT is {log_format!r}: it must be text or json")
    apple_pass, google_wallet = _passes(env)
    return Settings(
        env=name,
        var=var,
        public_url=public_url,
        database_url=_database_url(env, var, name),
        keys=Keys(
            secret=_keys(env, "SECRET_KEY", var, name),
            ledger=_keys(env, "LEDGER_KEY", var, name),
            data=_keys(env, "DATA_KEY", var, name),
        ),
        redis_url=_url(env, "REDIS_URL", ("redis", "rediss", "unix")),
        smtp_url=_url(env, "SMTP_URL", ("smtp", "smtps")),
        log_format=log_format,
        tile_url=_tiles(env),
        tile_attribution=env.get("TILE_ATTRIBUTION") or _ATTRIBUTIONS.get(_tile_host(env)),
        terms_url=_url(env, "TERMS_URL", ("http", "https")),
        stripe=_stripe(env, name),
        apple_pass=apple_pass,
        google_wallet=google_wallet,
        vapid=_vapid(env, var, name),
        sentry_dsn=env.get("SENTRY_DSN") or None,
        mail_from=env.get("MAIL_FROM") or None,
        webhook_loopback=_webhook_loopback(env, name),
        seller=_group(env, "SELLER_"),
        former_hosts=tuple(host.strip().lower() for host in env.get("FORMER_HOSTS", "").split(",") if host.strip()),
        trusted_proxies=_trusted_proxies(env),
    )


def _database_url(env: Mapping[str, str], var: Path, name: str) -> str:
    url = env.get("DATABASE_URL") or f"sqlite:///{var / 'zegel.sqlite3'}"
    for plain in ("postgres://", "postgresql://"):
        if url.startswith(plain):
            url = "postgresql+psycopg://" + url[len(plain) :]
    if not url.startswith(("sqlite:///", "postgresql+psycopg://")):
        raise SettingsError("DATABASE_URL must begin with sqlite:/// or postgresql+psycopg://")
    if url.startswith("sqlite:///"):
        path = url.removeprefix("sqlite:///")
        if not path or path == ":memory:":
            raise SettingsError("DATABASE_URL must name a file: a database in memory forgets the ledger")
        Path(path).parent.mkdir(parents=True, exist_ok=True)
    return url


def _url(env: Mapping[str, str], name: str, schemes: tuple[str, ...]) -> str | None:
    value = env.get(name)
    if not value:
        return None
    if urlsplit(value).scheme not in schemes:
        raise SettingsError(f"{name} must begin with {' or '.join(scheme + '://' for scheme in schemes)}")
    return value


def _tiles(env: Mapping[str, str]) -> str | None:
    """Where map tiles come from. Raises :class:`SettingsError` for an address without the places of a tile."""
    value = _url(env, "TILE_URL", ("http", "https"))
    if value is not None and not all(part in value for part in ("{z}", "{x}", "{y}")):
        raise SettingsError("TILE_URL must have {z}, {x} and {y}, like https://tile.example.org/{z}/{x}/{y}.png")
    return value


def _tile_host(env: Mapping[str, str]) -> str:
    """The host of the tiles, without what stands for one of several."""
    return urlsplit(env.get("TILE_URL", "")).netloc.removeprefix("{s}.")


def _vapid(env: Mapping[str, str], var: Path, name: str) -> dict[str, str]:
    """The key that signs pushes, checked. Outside production one is made once and kept; in production nothing is pushed
    without one."""
    settings = _group(env, vapid.PREFIX)
    if not settings and name != "production":
        settings = {
            "private_key": _kept(var / "keys" / "vapid", vapid.new_private_key),
            "subject": "mailto:zegel@localhost",
        }
    try:
        vapid.read(settings)
    except vapid.VapidError as error:
        raise SettingsError(str(error)) from None
    return settings


def _webhook_loopback(env: Mapping[str, str], name: str) -> bool:
    value = env.get("WEBHOOK_LOOPBACK", "0")
    if value not in ("0", "1"):
        raise SettingsError(f"WEBHOOK_LOOPBACK is {value!r}: it must be 0 or 1")
    if value == "1" and name == "production":
        raise SettingsError("WEBHOOK_LOOPBACK=1 lets webhooks reach this machine itself: not in production")
    return value == "1"


def _passes(env: Mapping[str, str]) -> tuple[dict[str, str], dict[str, str]]:
    """The settings of both wallets, after their keys have been read: a pass with a wrong one is refused by phones."""
    apple, google = _group(env, credentials.APPLE), _group(env, credentials.GOOGLE)
    try:
        credentials.apple(apple)
        credentials.google(google)
    except credentials.CredentialsError as error:
        raise SettingsError(str(error)) from None
    return apple, google


def _stripe(env: Mapping[str, str], name: str) -> dict[str, str]:
    """The way to Stripe. Without a key shops pay nothing here; another address than Stripe's own is for tests alone."""
    settings = _group(env, "STRIPE_")
    if not settings:
        return settings
    for needed, prefixes in (("api_key", ("sk_", "rk_")), ("webhook_secret", ("whsec_",))):
        given = settings.get(needed, "")
        if not all(part.strip().startswith(prefixes) for part in given.split(",")):
            raise SettingsError(f"STRIPE_{needed.upper()} must begin with {' or '.join(prefixes)}; Stripe shows it")
    if "api_base" in settings:
        host = urlsplit(settings["api_base"]).hostname
        if name == "production" or host not in ("127.0.0.1", "localhost", "::1"):
            raise SettingsError("STRIPE_API_BASE is for tests: an address of this machine, and not in production")
    return settings


def _trusted_proxies(env: Mapping[str, str]) -> tuple[str, ...]:
    named = tuple(part.strip() for part in env.get("TRUSTED_PROXIES", "").split(",") if part.strip())
    try:
        proxies.networks(named)
    except ValueError as error:
        raise SettingsError(f"TRUSTED_PROXIES must be addresses, like 127.0.0.1,10.0.0.0/8: {error}") from None
    return named


def _group(env: Mapping[str, str], prefix: str) -> dict[str, str]:
    return {key.removeprefix(prefix).lower(): value for key, value in env.items() if key.startswith(prefix) and value}


def _keys(env: Mapping[str, str], name: str, var: Path, env_name: str) -> KeyRing:
    value = env.get(name)
    if not value:
        if env_name == "production":
            raise SettingsError(f"{name} is not set: make one with `openssl rand -base64 32` and keep it safe")
        value = _kept(var / "keys" / name.lower(), _new_key)
    try:
        return KeyRing.parse(value)
    except ValueError as error:
        raise SettingsError(f"{name}: {error}") from None


def _new_key() -> str:
    return "k1:" + base64.b64encode(secrets.token_bytes(32)).decode()


def _kept(path: Path, make: Callable[[], str]) -> str:
    if path.exists():
        return path.read_text()
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    # Two processes may start at once: the file appears whole under its name, and the first one wins.
    made = path.with_name(f"{path.name}.{os.getpid()}")
    with os.fdopen(os.open(made, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        file.write(make())
    with contextlib.suppress(FileExistsError):
        os.link(made, path)
    made.unlink()
    return path.read_text()
