"""Which operator may open which page. Every route under ``/admin`` goes through a door, which knows the right for it.

A door stands before the view: signed in, with the second step always, with the right, and for whatever changes
something with the form's token. ``DOORS`` lists them all, and a test holds the list against a table of who may what.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from functools import wraps
from typing import Any, Literal

from flask import Blueprint, abort, g, request, url_for
from flask.typing import ResponseReturnValue

from app.common.errors import ForbiddenError
from app.common.ids import is_id
from app.common.scope import Scope
from app.extensions import platform
from app.merchants import service as merchants
from app.merchants.service import SignedInOperator
from app.web import locale
from app.web.form_tokens import csrf
from app.web.going import SAFE, send_to, this_page

Right = Literal["anybody", "operator", "support", "finance", "risk", "administrator", "support, finance"]
COOKIE = "operator"
FRESH_FOR = timedelta(minutes=15)  # so long a code of the second step counts as just given
START = "/admin/"

View = Callable[..., ResponseReturnValue]


@dataclass(frozen=True, slots=True)
class Door:
    """One endpoint and who may pass. ``right``: anybody; operator: whoever is signed in; else a right of the person's,
    or one of two, which an administrator always has."""

    endpoint: str
    rule: str
    methods: frozenset[str]
    right: Right
    is_fresh: bool


DOORS: dict[str, Door] = {}


@dataclass(frozen=True, slots=True)
class Visitor:
    """Who is at the door."""

    operator: SignedInOperator
    scope: Scope

    def may(self, right: str) -> bool:
        """Whether the person has this right, or one of several; ``operator`` is everybody's."""
        return right == "operator" or any(self.operator.may(one) for one in right.split(", "))


def door(
    blueprint: Blueprint,
    rule: str,
    *,
    right: Right,
    methods: Sequence[str] = ("GET",),
    is_fresh: bool = False,
    endpoint: str | None = None,
) -> Callable[[View], View]:
    """Put a view on ``blueprint`` under ``rule``, which begins with ``/admin/``, for whoever has the ``right``.

    ``is_fresh``: the person must have given a code of the second step within fifteen minutes, and is asked for one
    first. Strangers are sent to the sign-in; a right that is missing is refused with 403. A part of the address whose
    name ends with ``_id`` is a UUID, or the page is not there.
    """
    verbs = frozenset(method.upper() for method in methods)
    if not rule.startswith(START):
        raise ValueError(f"{rule}: an operator's page begins with {START}")

    def put(view: View) -> View:
        @wraps(view)
        def guarded(**values: Any) -> ResponseReturnValue:
            if request.method not in SAFE:
                csrf.protect()
            known = _known()
            g.operator = known
            if right == "anybody":
                return view(**values)
            if known is None or known.operator.waits_for_second:
                step = "sign_in" if known is None else "second_step"
                return send_to(url_for(f"admin_account.{step}", next=this_page(START)))
            if not known.may(right):
                raise ForbiddenError
            if is_fresh and not is_fresh_enough(known):
                return send_to(url_for("admin_account.confirm", next=this_page(START)))
            if not all(is_id(value) for name, value in values.items() if name.endswith("_id")):
                abort(404)
            return view(**values)

        name = endpoint or view.__name__
        blueprint.add_url_rule(rule, name, guarded, methods=sorted(verbs))
        full = f"{blueprint.name}.{name}"
        DOORS[full] = Door(full, rule, verbs, right, is_fresh)
        return guarded

    return put


def visitor() -> Visitor:
    """Who is at the door of this request; only behind one that is not for anybody."""
    found: Visitor = g.operator
    return found


def scope() -> Scope:
    """The scope of this request: every shop's rows, as this operator."""
    return visitor().scope


def set_cookie(response: Any, token: str, max_age: int) -> None:
    """Hand a session's token to the browser, out of reach of scripts and of every page but the operators'."""
    response.set_cookie(
        COOKIE, token, max_age=max_age, path="/admin", secure=request.is_secure, httponly=True, samesite="Lax"
    )


def is_fresh_enough(known: Visitor) -> bool:
    """Whether the second step was given a short while ago."""
    proved_at = known.operator.proved_at
    return proved_at is not None and known.scope.now - proved_at <= FRESH_FOR


def _known() -> Visitor | None:
    token = request.cookies.get(COOKIE)
    found = merchants.resume_operator_session(platform().scope(), token) if token else None
    if found is None:
        return None
    return Visitor(found, platform().scope(actor_kind="operator", actor_id=found.operator_id, locale=locale.language()))
