"""The one setting that lets webhooks reach this machine itself."""

from pathlib import Path

import pytest

import config
from tests.conftest import ENVIRONMENT


@pytest.mark.parametrize(("value", "expected"), [(None, False), ("0", False), ("1", True)])
def test_it_is_off_unless_asked_for(tmp_path: Path, value: str | None, expected: bool) -> None:
    given = {} if value is None else {"WEBHOOK_LOOPBACK": value}
    assert config.load({**ENVIRONMENT, "ZEGEL_VAR": str(tmp_path), **given}).webhook_loopback is expected


@pytest.mark.parametrize(("env", "value"), [("production", "1"), ("test", "yes")])
def test_it_is_refused_where_it_would_open_the_network(tmp_path: Path, env: str, value: str) -> None:
    given = {**ENVIRONMENT, "ZEGEL_VAR": str(tmp_path), "ZEGEL_ENV": env, "WEBHOOK_LOOPBACK": value}
    with pytest.raises(config.SettingsError, match="WEBHOOK_LOOPBACK"):
        config.load(given)
