"""How the town's card is called and looks: published in versions, of which the newest is in force."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from email_validator import EmailNotValidError, validate_email

from app.common import audit, branding
from app.common.branding import Brand
from app.common.database import Transaction
from app.common.errors import InvalidError
from app.common.models import PlatformBrand
from app.common.scope import Scope
from app.merchants.errors import BrandChangedError
from app.merchants.logos import check_logo

LONGEST_NAME = 40
MOST_HOSTS = 20
_HOST = re.compile(
    r"(?=.{1,253}(?::|\Z))[a-z0-9](?:[a-z0-9\-]*[a-z0-9])?(?:\.[a-z0-9](?:[a-z0-9\-]*[a-z0-9])?)*(?::[0-9]{1,5})?"
)
_TOLD = ("name", "hue", "sender_name", "reply_to", "support_address", "former_hosts")


@dataclass(frozen=True, slots=True)
class Logo:
    """A logo that is brought along: a drawing, or a picture made anew as WebP; neither is the seal."""

    svg: str | None = None
    picture: bytes | None = None


def publish_brand(scope: Scope, wanted: Brand, *, looked_at: int, logo: Logo | None = None) -> int:
    """Put a brand in force from now on and return its version. ``logo``: None keeps the one that is there.

    ``looked_at`` is the version that was being changed: raises BrandChangedError where somebody was faster. Raises
    InvalidError, LogoRefusedError. What is already so makes no version.
    """
    told = _checked(wanted)
    if logo is not None and logo.svg is not None:
        check_logo(logo.svg)

    def work(tx: Transaction) -> int:
        before = branding.read_brand(tx)
        if before.version != looked_at:
            raise BrandChangedError
        svg, picture = branding.read_logo(tx, before.version)
        kept = Logo(svg, picture)
        chosen = kept if logo is None else logo
        differing = [name for name in _TOLD if getattr(before, name) != getattr(told, name)]
        if not differing and chosen == kept:
            return before.version
        tx.session.add(
            PlatformBrand(
                version=before.version + 1,
                name=told.name,
                hue=told.hue,
                logo_svg=chosen.svg,
                logo_picture=chosen.picture,
                sender_name=told.sender_name,
                reply_to=told.reply_to,
                support_address=told.support_address,
                former_hosts=list(told.former_hosts),
                created_by=scope.actor_id,
                created_at=scope.now,
            )
        )
        tx.session.flush()
        fields = {name: (_plain(getattr(before, name)), _plain(getattr(told, name))) for name in differing}
        if chosen != kept:
            fields["logo"] = (_kind(kept), _kind(chosen))
        audit.record(
            tx,
            scope,
            "brand.published",
            "platform_brand",
            str(before.version + 1),
            before={name: old for name, (old, _) in fields.items()},
            after={name: new for name, (_, new) in fields.items()},
        )
        return before.version + 1

    version = scope.run(work)
    branding.forget(scope.database)
    return version


def _checked(wanted: Brand) -> Brand:
    errors: dict[str, list[str]] = {}
    name = " ".join(wanted.name.split())
    # It stands in mails' headers and on every page.
    if not 0 < len(name) <= LONGEST_NAME or not name.isprintable():
        errors["name"] = ["name_expected"]
    if not 0 <= wanted.hue < 360:
        errors["hue"] = ["out_of_range"]
    sender = " ".join((wanted.sender_name or "").split()) or None
    if sender is not None and (len(sender) > 2 * LONGEST_NAME or not sender.isprintable()):
        errors["sender_name"] = ["name_expected"]
    addresses: dict[str, str | None] = {}
    for field in ("reply_to", "support_address"):
        given = (getattr(wanted, field) or "").strip()
        try:
            addresses[field] = validate_email(given, check_deliverability=False).normalized if given else None
        except EmailNotValidError:
            errors[field] = ["email_expected"]
    hosts = tuple(dict.fromkeys(host.strip().lower() for host in wanted.former_hosts if host.strip()))
    if len(hosts) > MOST_HOSTS or not all(_HOST.fullmatch(host) for host in hosts):
        errors["former_hosts"] = ["host_expected"]
    if errors:
        raise InvalidError(errors=errors)
    return replace(
        wanted,
        name=name,
        sender_name=sender,
        reply_to=addresses["reply_to"],
        support_address=addresses["support_address"],
        former_hosts=hosts,
    )


def _plain(value: object) -> object:
    return list(value) if isinstance(value, Sequence) and not isinstance(value, str) else value


def _kind(logo: Logo) -> str:
    return "drawing" if logo.svg is not None else "picture" if logo.picture is not None else "seal"
