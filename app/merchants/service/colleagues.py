"""A shop's people, as its owner looks after them: asked in, changed, let back in; and how they answer."""

from __future__ import annotations

from typing import Any

from sqlalchemy import select

from app.common import audit
from app.common.database import Transaction
from app.common.errors import InvalidError, NotFoundError
from app.common.ids import is_id
from app.common.scope import Scope
from app.merchants.configuration import configuration_changed
from app.merchants.errors import InvitationOverError, SomebodyWasFasterError
from app.merchants.models import Staff, StaffLogin
from app.merchants.rows import location_of, staff_of
from app.merchants.service.people import (
    LONGEST_NAME,
    ROLES,
    add_staff,
    create_setup_link,
    require_other_owner,
    write_to_staff,
)


def invite_staff(
    scope: Scope,
    merchant_id: str,
    *,
    name: str,
    role: str,
    email: str | None,
    location_id: str | None,
    pin: str | None,
    public_url: str,
) -> str:
    """Give a merchant one more member of staff and return the id. Whoever has an address is asked in by mail, and sees
    nothing of the back office before accepting: by setting a password where there is none yet, else when signed in.

    Raises what ``add_staff`` raises.
    """

    def work(tx: Transaction) -> str:
        staff_id = add_staff(scope, merchant_id, name=name, role=role, email=email, location_id=location_id, pin=pin)
        staff = tx.session.get_one(Staff, staff_id)
        if staff.login_id is not None:
            staff.invited_at = scope.now
            tx.session.flush()
            _ask(tx, scope, staff, public_url)
        return staff_id

    return scope.run(work)


def invite_again(scope: Scope, staff_id: str, *, public_url: str) -> None:
    """Send the mail once more. Raises NotFoundError, InvitationOverError for who came already, or was stopped."""

    def work(tx: Transaction) -> None:
        staff = staff_of(tx, scope, staff_id)
        if staff.invited_at is None or not staff.is_active:
            raise InvitationOverError
        staff.invited_at = scope.now
        _ask(tx, scope, staff, public_url)
        audit.record(tx, scope, "staff.invited_again", "staff", staff_id, merchant_id=staff.merchant_id)

    scope.run(work)


def change_staff(
    scope: Scope,
    staff_id: str,
    *,
    revision: int,
    name: str,
    role: str,
    location_id: str | None,
    public_url: str,
) -> None:
    """Change what somebody is called, may do, and where. ``revision`` is the one that was read before. What is already
    so stays so, and leaves no event.

    Raises NotFoundError, InvalidError, LastOwnerError, and SomebodyWasFasterError where the row changed meanwhile.
    """
    if role not in ROLES:
        raise InvalidError(errors={"role": ["not_one_of"]})
    if not 0 < len(name.strip()) <= LONGEST_NAME:
        raise InvalidError(errors={"name": ["name_expected"]})

    def work(tx: Transaction) -> None:
        staff = staff_of(tx, scope, staff_id)
        tx.session.refresh(staff, with_for_update=True)
        if staff.revision != revision:
            raise SomebodyWasFasterError
        if location_id is not None and location_of(tx, scope, location_id).merchant_id != staff.merchant_id:
            raise InvalidError(errors={"location_id": ["of_another_merchant"]})
        if role != "owner":
            require_other_owner(tx, staff)
        before: dict[str, Any] = {"name": staff.name, "role": staff.role, "location_id": staff.location_id}
        after: dict[str, Any] = {"name": name.strip(), "role": role, "location_id": location_id}
        differing = [field for field in after if after[field] != before[field]]
        if not differing:
            return
        staff.name, staff.role, staff.location_id = after["name"], role, location_id
        staff.revision += 1
        tx.session.flush()
        configuration_changed(tx, staff.merchant_id)
        # A person's name has no place in what is kept for ever: that it changed is told, and not what to.
        told = [field for field in differing if field != "name"]
        audit.record(
            tx,
            scope,
            "staff.changed" if told else "staff.renamed",
            "staff",
            staff_id,
            merchant_id=staff.merchant_id,
            before={field: before[field] for field in told} or None,
            after={field: after[field] for field in told} or None,
        )
        if told and staff.invited_at is None and staff.is_active:
            write_to_staff(tx, scope, staff, "role_changed", link=f"{public_url}/account")

    scope.run(work)


def remove_staff_pin(scope: Scope, staff_id: str) -> None:
    """Let somebody's PIN be nobody's. A second time changes nothing. Raises NotFoundError."""

    def work(tx: Transaction) -> None:
        staff = staff_of(tx, scope, staff_id)
        if staff.pin_hash is None:
            return
        staff.pin_hash = None
        tx.session.flush()
        configuration_changed(tx, staff.merchant_id)
        audit.record(tx, scope, "staff.pin_removed", "staff", staff_id, merchant_id=staff.merchant_id)

    scope.run(work)


def restart_staff(scope: Scope, staff_id: str, *, public_url: str) -> None:
    """Let somebody who was stopped back in; a PIN is given anew. Who signs in accepts again. A second time changes
    nothing. Raises NotFoundError."""

    def work(tx: Transaction) -> None:
        staff = staff_of(tx, scope, staff_id)
        if staff.is_active:
            return
        staff.is_active, staff.pin_hash = True, None
        staff.revision += 1
        staff.invited_at = None if staff.login_id is None else scope.now
        tx.session.flush()
        configuration_changed(tx, staff.merchant_id)
        audit.record(tx, scope, "staff.restarted", "staff", staff_id, merchant_id=staff.merchant_id)
        if staff.login_id is not None:
            _ask(tx, scope, staff, public_url)

    scope.run(work)


def answer_invitation(scope: Scope, login_id: str, staff_id: str, *, accepts: bool) -> None:
    """Come to work at a shop that asked, or don't. Raises NotFoundError for an invitation of somebody else,
    InvitationOverError for one that was answered or withdrawn."""

    def work(tx: Transaction) -> None:
        staff = (
            tx.session.scalars(
                select(Staff).where(Staff.id == staff_id, Staff.login_id == login_id).with_for_update()
            ).first()
            if is_id(staff_id)
            else None
        )
        if staff is None:
            raise NotFoundError
        if staff.invited_at is None or not staff.is_active:
            raise InvitationOverError
        staff.invited_at = None
        staff.is_active = accepts
        staff.revision += 1
        tx.session.flush()
        configuration_changed(tx, staff.merchant_id)
        action = "staff.joined" if accepts else "staff.declined"
        audit.record(tx, scope, action, "staff", staff_id, merchant_id=staff.merchant_id)

    scope.run(work)


def _ask(tx: Transaction, scope: Scope, staff: Staff, public_url: str) -> None:
    login = tx.session.get(StaffLogin, staff.login_id)
    if login is not None and login.password_hash is None:
        link = create_setup_link(scope, staff_id=staff.id)
        write_to_staff(tx, scope, staff, "invited", link=f"{public_url}/setup/{link.token}")
    else:
        write_to_staff(tx, scope, staff, "invited_again", link=f"{public_url}/account")
