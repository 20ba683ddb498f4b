"""Who of a campaign is left out by lot, so that its effect can be told. Pure.

The lot is drawn within layers of members who are alike (:func:`stratum`), so that both sides hold as many of the
regulars as of the rare: that makes the comparison sharper than a plain lot of the same size. It depends on the seed and
the members alone: drawn again, or broken off and gone on with, it says the same.
"""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import date, timedelta
from itertools import pairwise

RECENT_DAYS = 90
_LAYERS = (0, 1, 2, 4, 8)  # visit days from which on a layer begins
_GROUPS = ("stranger", "butterfly", "friend", "barnacle")


def stratum(recent: Iterable[int], relationship: str | None, today: date) -> int:
    """The layer of a member: by her visit days of the last 90 (days since 1970) and by her group, where she has one."""
    since = (today - timedelta(days=RECENT_DAYS) - date(1970, 1, 1)).days
    days = sum(1 for day in recent if day > since)
    layer = sum(1 for least in _LAYERS if days >= least) - 1
    group = _GROUPS.index(relationship) + 1 if relationship in _GROUPS else 0
    return layer * 10 + group


def left_out(
    strata: Mapping[str, int], *, percent: int, seed: int, drawn: Mapping[str, bool] | None = None
) -> frozenset[str]:
    """The members who are left out: ``percent`` of hundred of all, as evenly over the layers as whole people allow.

    ``strata``: each member's layer. ``drawn``: what was decided before (True: left out) stays as it is, also for who is
    in no layer any more. Of 100 members with 20 percent it is always 20; of few it is the nearest number.
    """
    known = drawn or {}
    layers: dict[int, list[str]] = defaultdict(list)
    for member_id, layer in strata.items():
        layers[layer].append(member_id)
    chosen = {member_id for member_id, is_out in known.items() if is_out}
    ends = _ends([(layer, len(layers[layer])) for layer in sorted(layers)], percent)
    for layer, count in ends.items():
        members = sorted(layers[layer], key=lambda member_id: _ticket(seed, member_id))
        missing = count - sum(1 for member_id in members if known.get(member_id))
        fresh = [member_id for member_id in members if member_id not in known]
        chosen.update(fresh[: max(missing, 0)])
    return frozenset(chosen)


def _ends(sizes: Sequence[tuple[int, int]], percent: int) -> dict[int, int]:
    """How many of each layer: the running total is rounded, so that what one layer is short of the next makes up."""
    totals, total = [0], 0
    for _, size in sizes:
        total += size
        totals.append((2 * total * percent + 100) // 200)
    return {layer: after - before for (layer, _), (before, after) in zip(sizes, pairwise(totals), strict=True)}


def _ticket(seed: int, member_id: str) -> bytes:
    return hashlib.sha256(f"{seed}/{member_id}".encode()).digest()


def shares(chosen: Collection[str], strata: Mapping[str, int]) -> dict[int, tuple[int, int]]:
    """Of each layer how many are left out, and how many there are."""
    counted: dict[int, tuple[int, int]] = {}
    for member_id, layer in strata.items():
        out, size = counted.get(layer, (0, 0))
        counted[layer] = (out + (member_id in chosen), size + 1)
    return counted
