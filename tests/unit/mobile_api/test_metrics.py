"""Several processes count, and one answers for all."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[3]
COUNT = "from mobile_api import metrics; metrics.visit_booked(); metrics.observe('POST', '/visits', 201, 0.003)"
TELL = "from mobile_api import metrics; print(metrics.text(None, 0.0, 1, 2).decode())"


def run(code: str, folder: Path) -> str:
    environment = {**os.environ, "PROMETHEUS_MULTIPROC_DIR": str(folder)}
    return subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, env=environment, capture_output=True, text=True, check=True
    ).stdout


def test_the_counts_of_all_processes_are_added_up(tmp_path: Path) -> None:
    run(COUNT, tmp_path)
    run(COUNT, tmp_path)
    text = run(TELL, tmp_path)
    assert "zegel_visits_booked_total 2.0" in text
    assert 'zegel_http_requests_total{method="POST",route="/visits",status="201"} 2.0' in text
    assert 'zegel_http_request_seconds_bucket{le="0.005",method="POST",route="/visits"} 2.0' in text
