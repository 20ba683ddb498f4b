"""The doctor's word on pushes."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

import config
from app.campaigns import vapid
from app.cli.doctor.findings import Finding, Patient
from app.cli.doctor.surroundings import pushes
from tests.conftest import ENVIRONMENT


def found(tmp_path: Path, **more: str) -> Finding:
    settings = config.load({**ENVIRONMENT, "ZEGEL_VAR": str(tmp_path), "ZEGEL_ENV": "production", **more})
    return pushes(Patient(settings, datetime(2026, 3, 4, tzinfo=UTC)))


def test_without_a_key_nothing_is_pushed(tmp_path: Path) -> None:
    finding = found(tmp_path)
    assert finding.state == "warn"
    assert "VAPID_PRIVATE_KEY" in finding.remedy


@pytest.mark.parametrize("subject", ["mailto:shop@example.org", "https://shop.example"])
def test_with_one_all_is_well(tmp_path: Path, subject: str) -> None:
    key = vapid.new_private_key()
    finding = found(tmp_path, VAPID_PRIVATE_KEY=key, VAPID_SUBJECT=subject)
    assert finding.state == "ok"
    assert key not in finding.told
