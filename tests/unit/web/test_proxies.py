"""Behind a proxy: a client is who the proxy says it is, and never who it says itself."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import pytest

import config
from app.web.proxies import Behind, networks
from tests.conftest import ENVIRONMENT

TRUSTED = networks(["127.0.0.1", "::1", "10.0.0.0/8"])


def seen(remote: str, forwarded: str | None) -> str:
    found: list[str] = []

    def application(environ: dict[str, Any], _: Any) -> Iterable[bytes]:
        found.append(environ["REMOTE_ADDR"])
        return []

    told = {} if forwarded is None else {"HTTP_X_FORWARDED_FOR": forwarded}
    Behind(application, TRUSTED)({"REMOTE_ADDR": remote, **told}, lambda *_: None)
    return found[0]


@pytest.mark.parametrize(
    ("remote", "forwarded", "client"),
    [
        ("127.0.0.1", "203.0.113.7", "203.0.113.7"),
        ("127.0.0.1", None, "127.0.0.1"),
        ("127.0.0.1", "", "127.0.0.1"),
        ("::1", "2001:db8::5", "2001:db8::5"),
        ("::ffff:127.0.0.1", "203.0.113.7", "203.0.113.7"),
        # Two proxies of ours, one after the other.
        ("127.0.0.1", "203.0.113.7, 10.1.2.3", "203.0.113.7"),
        # What the client wrote itself stands in front, and is not believed.
        ("127.0.0.1", "198.51.100.1, 203.0.113.7", "203.0.113.7"),
        ("127.0.0.1", "127.0.0.1, 203.0.113.7", "203.0.113.7"),
        # Nobody that we trust sent it.
        ("203.0.113.7", "198.51.100.1", "203.0.113.7"),
        ("127.0.0.1", "unknown", "127.0.0.1"),
        ("127.0.0.1", "203.0.113.7:51234", "203.0.113.7"),
        ("127.0.0.1", "[2001:db8::5]:51234", "2001:db8::5"),
    ],
)
def test_whose_request_it_is(remote: str, forwarded: str | None, client: str) -> None:
    assert seen(remote, forwarded) == client


def test_the_setting_is_checked_when_it_is_read(tmp_path: Any) -> None:
    environment = {**ENVIRONMENT, "ZEGEL_VAR": str(tmp_path)}
    read = config.load({**environment, "TRUSTED_PROXIES": "127.0.0.1, 10.0.0.0/8"})
    assert read.trusted_proxies == ("127.0.0.1", "10.0.0.0/8")
    assert config.load(environment).trusted_proxies == ()
    with pytest.raises(config.SettingsError, match="TRUSTED_PROXIES"):
        config.load({**environment, "TRUSTED_PROXIES": "localhost"})
