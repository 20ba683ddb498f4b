"""That the camera's reader still reads: a small part of the benchmark's pictures, by the worker that is shipped.

Only hits are asked, no times: those are for `zegel bench --only decoding`.
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

from benchmarks.tablet.decoding import look_at
from benchmarks.tablet.frames import BEYOND, CONDITIONS, plan

# Closer looks stop by the clock, so a machine that does other work reads fewer; the other decoders read about half.
FLOOR = 0.7
HIDDEN_MARKS = {("printed", 3), ("printed", 7), ("app", 3), ("app", 7)}


def test_most_codes_are_read_and_nothing_that_is_not_there() -> None:
    frames = [frame for frame in plan(1) if frame.kind != "voucher" and frame.condition not in BEYOND]
    # In a thread of its own: the browser of the other tests has a loop in this one.
    with ThreadPoolExecutor(1) as other:
        seen = other.submit(look_at, frames, compare=False).result()
    looks = [look for look in seen if look.library == "ours"]
    codes = [look for look in looks if look.frame.kind in ("printed", "app")]
    assert len(codes) == 2 * len(CONDITIONS)
    missed = [(look.frame.kind, look.frame.condition) for look in codes if not look.is_hit]
    assert len(missed) <= (1 - FLOOR) * len(codes), missed
    assert [look.texts for look in looks if look.is_wrong] == []
    # A code that is shown as it should be is read in the first look.
    easy = [look for look in looks if look.frame.condition in ("clean", "rotation")]
    assert all(look.is_hit for look in easy)
    assert all(look.texts == () for look in looks if look.frame.kind == "empty")


def test_a_lamp_on_a_corner_mark_hides_no_code() -> None:
    # Of these, a reader that does not paint the hidden mark reads none.
    frames = [frame for frame in plan(8) if frame.condition == "glare" and (frame.kind, frame.seed) in HIDDEN_MARKS]
    assert len(frames) == len(HIDDEN_MARKS)
    with ThreadPoolExecutor(1) as other:
        seen = other.submit(look_at, frames, compare=False).result()
    read = {(look.frame.kind, look.frame.seed) for look in seen if look.is_hit}
    assert read == HIDDEN_MARKS
