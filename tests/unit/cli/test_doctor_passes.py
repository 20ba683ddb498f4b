"""The doctor's look at the certificate that signs Apple passes."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

import config
from app.cli.doctor.findings import Patient
from app.cli.doctor.surroundings import passes
from tests.conftest import ENVIRONMENT
from tests.signers import Signers


@pytest.mark.parametrize(
    ("certificate", "day", "state", "told"),
    [
        (None, datetime(2020, 6, 1, tzinfo=UTC), "ok", "No wallet is set."),
        ("pass.pem", datetime(2020, 6, 1, tzinfo=UTC), "ok", "Cards go to the wallets of Apple and Google."),
        ("over.pem", datetime(2020, 11, 30, tzinfo=UTC), "ok", "Cards go to the wallets of Apple and Google."),
        ("over.pem", datetime(2020, 12, 15, tzinfo=UTC), "warn", "The Apple pass certificate ends on 2021-01-01."),
        ("over.pem", datetime(2021, 1, 1, tzinfo=UTC), "fail", "The Apple pass certificate was good until 2021-01-01."),
    ],
)
def test_a_certificate_that_ends(
    signers_made: Signers, tmp_path: Path, certificate: str | None, day: datetime, state: str, told: str
) -> None:
    named = {"APPLE_PASS_CERTIFICATE": str(signers_made.folder / certificate)} if certificate else {}
    given = {**signers_made.environment, **named} if certificate else {}
    settings = config.load({**ENVIRONMENT, "ZEGEL_VAR": str(tmp_path), **given})
    finding = passes(Patient(settings, day))
    assert (finding.state, finding.told) == (state, told)
    assert bool(finding.remedy) is (state != "ok")
