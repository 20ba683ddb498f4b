"""A shop's club: turned on by its owner, joined and left by members of their own will."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import delete

from app.campaigns.errors import ClubOffError
from app.campaigns.meaning import collects
from app.campaigns.models import Club, ClubMember
from app.campaigns.reaching import may_write
from app.campaigns.telling import hold_member
from app.cards.queries import aliases
from app.common import audit
from app.common.database import Transaction
from app.common.errors import ForbiddenError, InvalidError
from app.common.scope import Scope
from app.merchants.errors import SomebodyWasFasterError

LONGEST_NAME, LONGEST_ABOUT, LONGEST_INTEREST, MOST_INTERESTS, LONGEST_WORDING = 60, 500, 40, 12, 1000


def set_club(
    scope: Scope, *, is_on: bool, name: str, about: str = "", interests: Sequence[str] = (), revision: int
) -> int:
    """Set the club of the scope's shop, and return its new revision. Turned off, its members and their interests are
    kept but shown to nobody, and events that are open go on to their end without new places being asked for.

    Raises ``InvalidError``, ``ForbiddenError`` unless the owner asks, ``SomebodyWasFasterError`` where the club is not
    as ``revision`` says (0: none yet).
    """
    if scope.merchant_id is None or scope.location_id is not None or scope.staff_role != "owner":
        raise ForbiddenError
    said = " ".join(name.split())
    chosen = tuple(dict.fromkeys(" ".join(one.split()) for one in interests if one.strip()))
    errors: dict[str, list[str]] = {}
    if len(said) > LONGEST_NAME or (is_on and not said):
        errors["name"] = ["club_name_expected"]
    if len(about.strip()) > LONGEST_ABOUT:
        errors["about"] = ["too_long"]
    if len(chosen) > MOST_INTERESTS or any(len(one) > LONGEST_INTEREST for one in chosen):
        errors["interests"] = ["interests_expected"]
    if errors:
        raise InvalidError(errors=errors)

    def work(tx: Transaction) -> int:
        row = tx.session.get(Club, scope.merchant_id, with_for_update=True, populate_existing=True)
        if (0 if row is None else row.revision) != revision:
            raise SomebodyWasFasterError
        before = None if row is None else {"is_on": row.is_on}
        if row is None:
            row = Club(merchant_id=scope.merchant_id, revision=0)
            tx.session.add(row)
        row.is_on, row.name, row.about, row.interests = is_on, said, about.strip(), list(chosen)
        row.revision += 1
        row.changed_at, row.changed_by = scope.now, scope.staff_id
        tx.session.flush()
        audit.record(tx, scope, "club.set", "merchant", scope.merchant_id, before=before, after={"is_on": is_on})
        return row.revision

    return scope.run(work)


def join_club(scope: Scope, *, merchant_id: str, interests: Sequence[str], wording: str) -> None:
    """Join a shop's club as the scope's member, or choose other interests. ``wording`` is what she was shown: it is
    kept as evidence. Interests that the shop doesn't ask for are left out. A repeat changes nothing.

    Raises :class:`ClubOffError` where the shop has no club, or she doesn't collect there.
    """

    def work(tx: Transaction) -> None:
        member_id, club = club_for(tx, scope, merchant_id)
        chosen = [one for one in club.interests if one in interests]
        row = tx.session.get(ClubMember, {"member_id": member_id, "merchant_id": merchant_id}, with_for_update=True)
        if row is not None:
            row.interests = chosen
            return
        tx.session.add(
            ClubMember(
                member_id=member_id,
                merchant_id=merchant_id,
                interests=chosen,
                wording=wording[:LONGEST_WORDING],
                joined_at=scope.now,
            )
        )

    scope.run(work)


def leave_club(scope: Scope, *, merchant_id: str) -> None:
    """Leave a shop's club as the scope's member: her interests are gone. Tickets that she has stay good. A repeat
    changes nothing."""

    def work(tx: Transaction) -> None:
        ids = aliases(tx.session, scope.member_id or "")
        tx.session.execute(
            delete(ClubMember).where(ClubMember.member_id.in_(ids), ClubMember.merchant_id == merchant_id)
        )

    scope.run(work)


def club_for(tx: Transaction, scope: Scope, merchant_id: str) -> tuple[str, Club]:
    """The scope's member as she stands now, held, and a club that is open to her. Raises :class:`ClubOffError`."""
    member_id = hold_member(tx, scope.member_id or "")
    club = tx.session.get(Club, merchant_id)
    if member_id is None or club is None or not club.is_on or not may_write(tx, merchant_id, scope.now):
        raise ClubOffError
    if not collects(tx, member_id, merchant_id):
        raise ClubOffError
    return member_id, club
