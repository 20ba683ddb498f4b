"""People who run the platform, and what each of them may do."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import delete, func, insert, select, update

from app.common import audit
from app.common.database import Transaction
from app.common.errors import InvalidError, NotFoundError
from app.common.ids import new_id
from app.common.scope import Scope
from app.merchants.addresses import checked_address
from app.merchants.errors import LastAdministratorError, OperatorExistsError
from app.merchants.models import Operator, OperatorRecoveryCode, OperatorRight, OperatorSession
from app.merchants.service.people import LONGEST_NAME

RIGHTS = ("support", "finance", "risk", "administrator")


@dataclass(frozen=True, slots=True)
class OperatorView:
    """One person who runs the platform, as colleagues see it."""

    operator_id: str
    email: str
    name: str
    rights: tuple[str, ...]
    has_password: bool
    has_totp: bool
    is_active: bool
    seen_at: datetime | None
    created_at: datetime


def add_operator(scope: Scope, email: str, *, name: str = "", rights: Iterable[str] = ("administrator",)) -> str:
    """Let one more person run the platform, and return the id. Raises InvalidError, OperatorExistsError."""
    address = checked_address(email)
    wanted = _checked(rights)
    if len(name) > LONGEST_NAME:
        raise InvalidError(errors={"name": ["name_expected"]})

    def work(tx: Transaction) -> str:
        if tx.session.scalars(select(Operator.id).where(Operator.email == address)).first():
            raise OperatorExistsError
        operator = Operator(id=new_id(), email=address, name=name.strip(), is_active=True, created_at=scope.now)
        tx.session.add(operator)
        tx.session.flush()
        _set_rights(tx, operator.id, wanted)
        audit.record(tx, scope, "operator.created", "operator", operator.id, after={"rights": wanted})
        return operator.id

    return scope.run(work)


def change_rights(scope: Scope, operator_id: str, rights: Iterable[str]) -> None:
    """Give an operator these rights and no others; they hold from the next page on. A repeat changes nothing.

    Raises NotFoundError, InvalidError, LastAdministratorError.
    """
    wanted = _checked(rights)

    def work(tx: Transaction) -> None:
        _hold(tx)
        _operator(tx, operator_id)
        before = rights_of(tx, operator_id)
        if before == wanted:
            return
        if "administrator" in before and "administrator" not in wanted:
            _require_other(tx, operator_id)
        _set_rights(tx, operator_id, wanted)
        audit.record(
            tx,
            scope,
            "operator.rights_changed",
            "operator",
            operator_id,
            before={"rights": before},
            after={"rights": wanted},
        )

    scope.run(work)


def stop_operator(scope: Scope, operator_id: str) -> None:
    """End somebody's access at once, in every browser. A second time changes nothing. Raises NotFoundError,
    LastAdministratorError."""

    def work(tx: Transaction) -> None:
        _hold(tx)
        operator = _operator(tx, operator_id)
        if not operator.is_active:
            return
        if "administrator" in rights_of(tx, operator_id):
            _require_other(tx, operator_id)
        operator.is_active = False
        _end_all(tx, scope, operator_id)
        audit.record(
            tx, scope, "operator.stopped", "operator", operator_id, before={"active": True}, after={"active": False}
        )

    scope.run(work)


def forget_operators_second_step(scope: Scope, email: str) -> None:
    """Take the authenticator app and the recovery codes from an operator who has lost both and was recognised in
    another way; the next sign-in sets up a new one. Ends every session. A repeat changes nothing more. Raises
    NotFoundError."""

    def work(tx: Transaction) -> None:
        operator = tx.session.scalars(select(Operator).where(Operator.email == email.strip().lower())).first()
        if operator is None:
            raise NotFoundError(what="operator")
        if operator.totp_secret is None:
            return
        operator.totp_secret = operator.totp_offered = operator.totp_step = None
        tx.session.execute(delete(OperatorRecoveryCode).where(OperatorRecoveryCode.operator_id == operator.id))
        _end_all(tx, scope, operator.id)
        audit.record(tx, scope, "operator.second_removed", "operator", operator.id)

    scope.run(work)


def list_operators(scope: Scope) -> list[OperatorView]:
    """Everybody who runs or ran the platform, those who may come in first, by name."""
    with scope.reading() as tx:
        rights: dict[str, list[str]] = {}
        for operator_id, name in tx.session.execute(select(OperatorRight.operator_id, OperatorRight.name)):
            rights.setdefault(operator_id, []).append(name)
        seen = dict(
            tx.session.execute(
                select(OperatorSession.operator_id, func.max(OperatorSession.seen_at)).group_by(
                    OperatorSession.operator_id
                )
            ).all()
        )
        return [
            OperatorView(
                operator_id=one.id,
                email=one.email,
                name=one.name,
                rights=tuple(right for right in RIGHTS if right in rights.get(one.id, ())),
                has_password=one.password_hash is not None,
                has_totp=one.totp_secret is not None,
                is_active=one.is_active,
                seen_at=seen.get(one.id),
                created_at=one.created_at,
            )
            for one in tx.session.scalars(
                select(Operator).order_by(Operator.is_active.desc(), Operator.name, Operator.email)
            )
        ]


def _checked(rights: Iterable[str]) -> list[str]:
    wanted = set(rights)
    if not wanted or not wanted <= set(RIGHTS):
        raise InvalidError(errors={"rights": ["not_one_of"]})
    return [right for right in RIGHTS if right in wanted]


def rights_of(tx: Transaction, operator_id: str) -> list[str]:
    """What an operator may do, in the order of ``RIGHTS``."""
    found = set(tx.session.scalars(select(OperatorRight.name).where(OperatorRight.operator_id == operator_id)))
    return [right for right in RIGHTS if right in found]


def _set_rights(tx: Transaction, operator_id: str, rights: list[str]) -> None:
    tx.session.execute(delete(OperatorRight).where(OperatorRight.operator_id == operator_id))
    tx.session.execute(insert(OperatorRight), [{"operator_id": operator_id, "name": right} for right in rights])


def _operator(tx: Transaction, operator_id: str) -> Operator:
    operator = tx.session.get(Operator, operator_id)
    if operator is None:
        raise NotFoundError(what="operator")
    return operator


def _hold(tx: Transaction) -> None:
    # All of them until the transaction ends: two administrators must not end each other at once.
    tx.session.execute(select(Operator.id).order_by(Operator.id).with_for_update())


def _require_other(tx: Transaction, operator_id: str) -> None:
    others = tx.session.scalar(
        select(func.count())
        .select_from(Operator)
        .join(OperatorRight, OperatorRight.operator_id == Operator.id)
        .where(OperatorRight.name == "administrator", Operator.is_active, Operator.id != operator_id)
    )
    if not others:
        raise LastAdministratorError


def _end_all(tx: Transaction, scope: Scope, operator_id: str) -> None:
    tx.session.execute(
        update(OperatorSession)
        .where(OperatorSession.operator_id == operator_id, OperatorSession.ended_at.is_(None))
        .values(ended_at=scope.now)
    )
