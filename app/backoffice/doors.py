"""Who may open which page. Every route of the back office goes through a door, which knows the least role for it.

A door stands before the view: signed in, a member of this business's staff, with the role, and for whatever changes
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

from app.backoffice import looking
from app.common.errors import ForbiddenError
from app.common.scope import Scope
from app.extensions import platform
from app.merchants import service as merchants
from app.merchants.queries.looking import Look
from app.merchants.service import Place, SignedIn
from app.web import locale
from app.web.form_tokens import csrf
from app.web.going import SAFE, send_to, this_page
from app.web.looking import look_token

Role = Literal["anybody", "login", "cashier", "manager", "owner"]
RANKS: dict[str, int] = {"cashier": 1, "manager": 2, "owner": 3}
COOKIE = "office"
FRESH_FOR = timedelta(minutes=15)  # so long a password counts as just given

View = Callable[..., ResponseReturnValue]


@dataclass(frozen=True, slots=True)
class Door:
    """One endpoint and who may pass. ``least``: anybody; login: whoever is signed in; else the least role at the
    business in the address."""

    endpoint: str
    rule: str
    methods: frozenset[str]
    least: Role
    is_fresh: bool
    needs_second: bool = False


DOORS: dict[str, Door] = {}


@dataclass(frozen=True, slots=True)
class Visitor:
    """Who is at the door: the login, and on a business's pages that business and the person's part in it. ``look``: an
    operator, who sees what the owner sees."""

    signed_in: SignedIn
    place: Place | None
    scope: Scope
    look: Look | None = None

    def may(self, least: str) -> bool:
        """Whether the person has at least this role here."""
        return self.place is not None and RANKS[self.place.role] >= RANKS[least]


def door(
    blueprint: Blueprint,
    rule: str,
    *,
    least: Role,
    methods: Sequence[str] = ("GET",),
    is_fresh: bool = False,
    needs_second: bool = False,
    endpoint: str | None = None,
) -> Callable[[View], View]:
    """Put a view on ``blueprint`` under ``rule`` for whoever has at least the role ``least``.

    A rule for a business begins with ``/office/<slug>``; the view does not get the slug, it asks :func:`visitor` and
    :func:`scope`. ``is_fresh``: the person must have given the password within fifteen minutes, and is asked for it
    first. ``needs_second``: signing in must take this person two steps, and is set up so first: behind such a door lies
    what would let the thief of one password at everything, for long. Strangers are sent to the sign-in; a business
    where the person does not work answers as one that is not there; too small a role is refused with 403. An operator
    who looks through the shop's eyes goes where :mod:`app.backoffice.looking` lets it.
    """
    verbs = frozenset(method.upper() for method in methods)
    is_of_a_business = rule.startswith("/office/<slug>")
    if is_of_a_business == (least in ("anybody", "login")):
        raise ValueError(f"{rule}: a business's page names a role, another page names none")

    def put(view: View) -> View:
        name = endpoint or view.__name__
        full = f"{blueprint.name}.{name}"

        @wraps(view)
        def guarded(**values: Any) -> ResponseReturnValue:
            if request.method not in SAFE:
                csrf.protect()
            look = _look()
            if look is not None:
                is_personal = least == "login" or is_fresh or needs_second
                looking.check(look, full, method=request.method, is_personal=is_personal)
                if least != "anybody":
                    g.visitor = _look_in(look, values.pop("slug", None))
                    return view(**values)
            if least == "anybody":
                g.visitor = _known()
                return view(**values)
            found = _enter(least, values.pop("slug", None))
            if not isinstance(found, Visitor):
                return found
            g.visitor = found
            if found.place is not None:
                g.timezone = found.place.timezone
            if needs_second and not found.signed_in.has_second:
                return send_to(url_for("account.second_wanted", next=_here()))
            if is_fresh and not _is_fresh(found):
                return send_to(url_for("account.confirm", next=_here()))
            return view(**values)

        blueprint.add_url_rule(rule, name, guarded, methods=sorted(verbs))
        DOORS[full] = Door(full, rule, verbs, least, is_fresh, needs_second)
        return guarded

    return put


def visitor() -> Visitor:
    """Who is at the door of this request; only behind one that is not for anybody."""
    found: Visitor = g.visitor
    return found


def place() -> Place:
    """The business of this request; only on a business's pages."""
    found = visitor().place
    assert found is not None
    return found


def scope() -> Scope:
    """The scope of this request: on a business's pages that business's rows alone, as this member of its staff."""
    return visitor().scope


def set_cookie(response: Any, token: str, max_age: int) -> None:
    """Hand a session's token to the browser, out of reach of scripts and of other sites."""
    response.set_cookie(
        COOKIE, token, max_age=max_age, path="/", secure=request.is_secure, httponly=True, samesite="Lax"
    )


def _enter(least: Role, slug: str | None) -> Visitor | ResponseReturnValue:
    known = _known()
    if known is None:
        return send_to(url_for("account.sign_in", next=_here()))
    if known.signed_in.waits_for_second:
        return send_to(url_for("account.second_step", next=_here()))
    if least == "login":
        return known
    here = merchants.find_place(platform().scope(), known.signed_in.login_id, slug or "")
    if here is None:
        abort(404)
    entered = Visitor(
        known.signed_in,
        here,
        platform().scope(
            actor_kind="staff",
            actor_id=here.staff_id,
            merchant_id=here.merchant_id,
            location_id=here.location_id,
            staff_id=here.staff_id,
            staff_role=here.role,
            locale=locale.language(),
            currency=here.currency,
        ),
    )
    if not entered.may(least):
        g.visitor = entered
        raise ForbiddenError
    return entered


def _look() -> Look | None:
    token = look_token()
    return None if token is None else merchants.resume_looking(platform().scope(), token)


def _look_in(look: Look, slug: str | None) -> Visitor:
    """An operator at the looked-at business, in the place of its owner; anywhere else there is nothing."""
    if slug != look.slug:
        abort(404)
    g.timezone = look.timezone
    return Visitor(
        SignedIn(
            login_id=look.operator_id,
            email="",
            locale=None,
            waits_for_second=False,
            has_totp=True,
            has_passkey=False,
            has_password=False,
            proved_at=None,
        ),
        Place(
            merchant_id=look.merchant_id,
            slug=look.slug,
            name=look.name,
            hue=look.hue,
            status=look.status,
            currency=look.currency,
            timezone=look.timezone,
            staff_id=look.operator_id,
            staff_name=platform().brand.name,
            role="owner",
            location_id=None,
        ),
        platform().scope(
            actor_kind="operator",
            actor_id=look.operator_id,
            merchant_id=look.merchant_id,
            staff_role="owner",
            locale=locale.language(),
            currency=look.currency,
            is_walled=True,
            is_read_only=not look.acts,
        ),
        look,
    )


def _known() -> Visitor | None:
    token = request.cookies.get(COOKIE)
    signed_in = merchants.resume_session(platform().scope(), token) if token else None
    if signed_in is None:
        return None
    return Visitor(
        signed_in, None, platform().scope(actor_kind="login", actor_id=signed_in.login_id, locale=locale.language())
    )


def _is_fresh(found: Visitor) -> bool:
    proved_at = found.signed_in.proved_at
    return proved_at is not None and found.scope.now - proved_at <= FRESH_FOR


def _here() -> str:
    return this_page("/account")
