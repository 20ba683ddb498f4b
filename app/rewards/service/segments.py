"""Filters of members that a business saves under a name, and who is in them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import delete, exists, func, insert, literal, select, update

from app.common import audit
from app.common.database import Transaction
from app.common.errors import InvalidError, NotFoundError
from app.common.ids import is_id, new_id
from app.common.scope import Scope
from app.common.types import Id
from app.merchants.models import Merchant, Staff
from app.rewards.errors import SegmentChangedError, SegmentInUseError, SegmentNameTakenError, SegmentsTooManyError
from app.rewards.models import MemberSegment, Reward, Segment, ShopMember
from app.rewards.segments import MemberFilter, conditions, read_filter

LONGEST_NAME = 60
MOST = 50  # of one business


@dataclass(frozen=True, slots=True)
class SegmentView:
    """A saved filter. ``members`` is how many were in it at ``filled_at``; ``changed_by`` is a name."""

    segment_id: str
    name: str
    wanted: MemberFilter
    revision: int
    members: int
    filled_at: datetime | None
    changed_at: datetime
    changed_by: str | None


def list_segments(scope: Scope) -> list[SegmentView]:
    """The saved filters of the scope's merchant, by name."""
    with scope.reading() as tx:
        rows = tx.session.execute(
            select(Segment, Staff.name)
            .outerjoin(Staff, Staff.id == Segment.changed_by)
            .where(Segment.merchant_id == scope.merchant_id)
            .order_by(func.lower(Segment.name), Segment.id)
        )
        return [_view(segment, name) for segment, name in rows]


def get_segment(scope: Scope, segment_id: str) -> SegmentView:
    """One of them. Raises NotFoundError."""
    with scope.reading() as tx:
        segment = _segment_in(tx, scope, segment_id)
        by = None if segment.changed_by is None else tx.session.get(Staff, segment.changed_by)
        return _view(segment, None if by is None else by.name)


def save_segment(scope: Scope, *, name: str, wanted: MemberFilter) -> str:
    """Save a filter under a name and fill it. Returns its id.

    Raises ``InvalidError`` for no name or a filter that asks for nothing, :class:`SegmentNameTakenError`, and
    :class:`SegmentsTooManyError`. Saving the same name again is refused, so a repeat makes no second one.
    """
    called = _checked(name, wanted)

    def work(tx: Transaction) -> str:
        merchant = tx.session.get(Merchant, scope.merchant_id, with_for_update={"key_share": True})
        if merchant is None:
            raise NotFoundError(what="merchant")
        _require_free(tx, scope, called, None)
        count = tx.session.scalar(select(func.count()).where(Segment.merchant_id == merchant.id)) or 0
        if count >= MOST:
            raise SegmentsTooManyError(most=MOST)
        now = scope.now
        segment = Segment(
            id=new_id(),
            merchant_id=merchant.id,
            name=called,
            wanted=wanted.document(),
            created_at=now,
            changed_at=now,
            changed_by=scope.staff_id,
        )
        tx.session.add(segment)
        tx.session.flush()
        _fill(tx, scope, segment, merchant.timezone)
        after = {"name": called, "wanted": wanted.document()}
        audit.record(tx, scope, "segment.created", "segment", segment.id, after=after)
        return segment.id

    return scope.run(work)


def change_segment(scope: Scope, segment_id: str, *, revision: int, name: str, wanted: MemberFilter) -> None:
    """Give a saved filter another name or other wishes, and fill it anew.

    Raises what :func:`save_segment` raises, NotFoundError, and :class:`SegmentChangedError` where it is not as
    ``revision`` says any more. A repeat is refused by its revision.
    """
    called = _checked(name, wanted)

    def work(tx: Transaction) -> None:
        segment = _segment_in(tx, scope, segment_id, lock=True)
        if segment.revision != revision:
            by = None if segment.changed_by is None else tx.session.get(Staff, segment.changed_by)
            raise SegmentChangedError(who="" if by is None else by.name)
        _require_free(tx, scope, called, segment_id)
        before = {"name": segment.name, "wanted": segment.wanted}
        segment.name, segment.wanted = called, wanted.document()
        segment.revision += 1
        segment.changed_at, segment.changed_by = scope.now, scope.staff_id
        tx.session.flush()
        merchant = tx.session.get_one(Merchant, segment.merchant_id)
        _fill(tx, scope, segment, merchant.timezone)
        after = {"name": called, "wanted": wanted.document()}
        audit.record(tx, scope, "segment.changed", "segment", segment.id, before=before, after=after)

    scope.run(work)


def drop_segment(scope: Scope, segment_id: str) -> None:
    """Forget a saved filter. Raises NotFoundError, and :class:`SegmentInUseError` while a reward is for it alone."""

    def work(tx: Transaction) -> None:
        segment = _segment_in(tx, scope, segment_id, lock=True)
        used = tx.session.scalar(
            select(Reward.name)
            .where(Reward.segment_id == segment_id, Reward.merchant_id == segment.merchant_id)
            .limit(1)
        )
        if used is not None:
            raise SegmentInUseError(reward=used)
        tx.session.execute(delete(MemberSegment).where(MemberSegment.segment_id == segment_id))
        before = {"name": segment.name, "wanted": segment.wanted}
        tx.session.delete(segment)
        audit.record(tx, scope, "segment.dropped", "segment", segment_id, before=before)

    scope.run(work)


def fill_segments(scope: Scope, *, on_progress: Callable[[int], None] | None = None) -> int:
    """Work out anew who is in which segment, each in a transaction of its own: days pass, and members with them.
    Returns how many segments there are. A repeat changes nothing."""
    with scope.reading() as tx:
        ids = tx.session.scalars(select(Segment.id).order_by(Segment.id)).all()
    for done, segment_id in enumerate(ids):
        if on_progress is not None:
            on_progress(done)
        scope.run(lambda tx, segment_id=segment_id: _fill_one(tx, scope, segment_id))  # type: ignore[misc]
    return len(ids)


def _fill_one(tx: Transaction, scope: Scope, segment_id: str) -> None:
    segment = tx.session.get(Segment, segment_id, with_for_update=True)
    if segment is not None:
        _fill(tx, scope, segment, tx.session.get_one(Merchant, segment.merchant_id).timezone)


def _fill(tx: Transaction, scope: Scope, segment: Segment, timezone: str) -> None:
    wanted = read_filter(segment.wanted)
    place_id = wanted.location_id or segment.merchant_id
    found = (
        select(ShopMember.member_id)
        .where(ShopMember.place_id == place_id, ShopMember.merchant_id == segment.merchant_id)
        .where(*conditions(wanted, now=scope.now, timezone=timezone))
    )
    mine = MemberSegment.segment_id == segment.id
    tx.session.execute(delete(MemberSegment).where(mine, MemberSegment.member_id.not_in(found)))
    there = exists().where(mine, MemberSegment.member_id == ShopMember.member_id)
    rows = found.where(~there).add_columns(literal(segment.id, Id()), literal(segment.merchant_id, Id()))
    tx.session.execute(insert(MemberSegment).from_select(["member_id", "segment_id", "merchant_id"], rows))
    members = tx.session.scalar(select(func.count()).select_from(MemberSegment).where(mine)) or 0
    tx.session.execute(update(Segment).where(Segment.id == segment.id).values(members=members, filled_at=scope.now))


def _segment_in(tx: Transaction, scope: Scope, segment_id: str, *, lock: bool = False) -> Segment:
    found = tx.session.get(Segment, segment_id, with_for_update=True if lock else None) if is_id(segment_id) else None
    if found is None or found.merchant_id != scope.merchant_id:
        raise NotFoundError(what="segment")
    return found


def _require_free(tx: Transaction, scope: Scope, name: str, own: str | None) -> None:
    same = select(Segment.id).where(Segment.merchant_id == scope.merchant_id, func.lower(Segment.name) == name.lower())
    if own is not None:
        same = same.where(Segment.id != own)
    if tx.session.scalar(same.limit(1)) is not None:
        raise SegmentNameTakenError(name=name)


def _checked(name: str, wanted: MemberFilter) -> str:
    called = " ".join(name.split())
    if not 0 < len(called) <= LONGEST_NAME:
        raise InvalidError(errors={"name": [f"1 to {LONGEST_NAME} characters"]})
    if wanted.is_empty:
        raise InvalidError(errors={"wanted": ["a filter is needed"]})
    return called


def _view(segment: Segment, changed_by: str | None) -> SegmentView:
    return SegmentView(
        segment_id=segment.id,
        name=segment.name,
        wanted=read_filter(segment.wanted),
        revision=segment.revision,
        members=segment.members,
        filled_at=segment.filled_at,
        changed_at=segment.changed_at,
        changed_by=changed_by,
    )
