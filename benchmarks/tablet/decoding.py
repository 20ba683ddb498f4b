"""How many codes the tablet reads and how quickly, beside four other decoders that see the same pictures in turn."""

from __future__ import annotations

import subprocess
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import Any

from benchmarks.counter import Effort
from benchmarks.databases import ROOT
from benchmarks.tablet.browser import DIST, Source, chromium, serving
from benchmarks.tablet.frames import BEYOND, CONDITIONS, Frame, picture, plan

__all__ = ["Look", "against_libraries", "look_at"]

OURS = ("printed", "app")  # what is shown at the counter every day
HERE = Path(__file__).parent
BENCH = ROOT / "frontend" / "bench" / "dist"


@dataclass(frozen=True, slots=True)
class Look:
    """What one decoder made of one frame, in how many milliseconds."""

    frame: Frame
    library: str
    texts: tuple[str, ...]
    ms: float

    @property
    def is_hit(self) -> bool:
        """It read the code that is there."""
        return self.frame.text is not None and self.frame.text in self.texts

    @property
    def is_wrong(self) -> bool:
        """It read something that is not there."""
        return any(text != self.frame.text for text in self.texts)


def look_at(frames: list[Frame], *, compare: bool) -> list[Look]:
    """Show the frames to the shipped worker, and with ``compare`` to the other decoders too, each frame in turn.

    Raises RuntimeError when the front end, or with ``compare`` the other decoders, are not built.
    """
    workers = sorted((DIST / "assets").glob("scan.worker-*.js"))
    if not workers or (compare and not BENCH.is_dir()):
        raise RuntimeError("Run 'tools/frontend build' and 'tools/frontend bench' first.")
    sources: dict[str, Source] = {
        "/": HERE / "page.html",
        "/page.js": HERE / "page.js",
        "/bench/": BENCH,
        "/assets/dist/": DIST,
        "/frame/": lambda number: picture(frames[int(number)]).tobytes(),
    }
    looks = []
    with serving(sources) as address, chromium() as browser:
        page = browser.new_page()
        page.goto(address)
        page.wait_for_function("() => 'start' in window")
        page.evaluate(
            "([worker, compare]) => start(worker, compare)", [f"/assets/dist/assets/{workers[-1].name}", compare]
        )
        for _ in range(3):  # warm: code compiled, memory there
            page.evaluate("address => look(address)", "/frame/0")
        for number, frame in enumerate(frames):
            seen = page.evaluate("address => look(address)", f"/frame/{number}")
            looks += [Look(frame, name, tuple(one["texts"]), one["ms"]) for name, one in seen.items()]
    return looks


def against_libraries(effort: Effort) -> dict[str, Any]:
    """All decoders on the whole set: hits in per cent and milliseconds, by what is seen.

    ``held`` is the tablet's own path when it sees the same picture up to three times, as a card that is held still for
    a third of a second; every other figure is of one look at one picture.
    """
    subprocess.run([ROOT / "tools" / "frontend", "build"], check=True)
    subprocess.run([ROOT / "tools" / "frontend", "bench"], check=True)
    looks = look_at(plan(effort.frames), compare=True)
    ours = [look for look in looks if look.frame.kind in OURS]
    groups = {
        "our_codes": [look for look in ours if look.frame.condition in CONDITIONS],
        "reservations": [look for look in looks if look.frame.kind == "voucher"],
        "beyond": [look for look in ours if look.frame.condition in BEYOND],
        "foreign": [look for look in looks if look.frame.kind == "foreign"],
        "empty": [look for look in looks if look.frame.kind == "empty"],
    }
    names = list(dict.fromkeys(look.library for look in looks))
    told: dict[str, Any] = {
        group: {name: _figures([look for look in seen if look.library == name]) for name in names}
        for group, seen in groups.items()
    }
    told["by_condition"] = {
        condition: {
            name: _figures([look for look in ours if look.library == name and look.frame.condition == condition])
            for name in names
        }
        for condition in (*CONDITIONS, *BEYOND)
    }
    told["wrong"] = {name: sum(look.is_wrong for look in looks if look.library == name) for name in names}
    return told


def _figures(looks: list[Look]) -> dict[str, float]:
    """Frames, hits, and the times of the hits, or of all where there was nothing to hit."""
    hits = [look for look in looks if look.is_hit]
    times = sorted(look.ms for look in hits or looks)
    return {
        "frames": len(looks),
        "hits": len(hits),
        "percent": round(100 * len(hits) / len(looks), 1),
        "ms": round(median(times), 1),
        "p95_ms": round(times[min(len(times) - 1, int(0.95 * len(times)))], 1),
    }
