"""A member's page, and what can be done to a card: block, put back, replace, join two members and part them again."""

from __future__ import annotations

from typing import Any

from flask import Response, flash, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_wtf import FlaskForm

from app import messages
from app.admin.doors import door, scope
from app.admin.forms.cards import MergeForm, ReasonForm, ReplaceForm
from app.admin.pages import page, part
from app.admin.queries.cards import finding
from app.admin.queries.cards.events import GROUPS
from app.admin.queries.cards.members import member_of_card
from app.admin.queries.cards.members import show_member as read_member
from app.admin.queries.cards.merging import preview_merge
from app.admin.queries.cards.timeline import read_timeline
from app.admin.service import cards as service
from app.admin.views.cards.blueprint import blueprint, require_id
from app.admin.views.cards.words import GROUP_WORDS, refusal_words, what_words
from app.cards import numbers
from app.cards import service as cards
from app.cards.profiles import Profile
from app.common.errors import DomainError
from app.web.going import wants_part


@door(blueprint, "/admin/members/<member_id>", right="support")
def show_member(member_id: str) -> ResponseReturnValue:
    """Cards, accounts, vouchers and all that happened."""
    return _member_page(require_id(member_id, "member"))


@door(blueprint, "/admin/cards/<card_id>", right="support")
def show_card(card_id: str) -> ResponseReturnValue:
    """The same with one card in the middle of it."""
    return _member_page(member_of_card(scope(), require_id(card_id, "card")), card_id=card_id)


@door(blueprint, "/admin/cards/<card_id>/block", right="support", methods=("POST",))
def block(card_id: str) -> ResponseReturnValue:
    """Block a card; its member is told."""
    form = ReasonForm()
    return _act(
        form,
        url_for("admin_cards.show_card", card_id=card_id),
        lambda: cards.block_card(scope(), card_id=require_id(card_id, "card"), reason=form.reason.data),
        _("The card is blocked. What is on it stays the member's."),
    )


@door(blueprint, "/admin/cards/<card_id>/unblock", right="support", methods=("POST",), is_fresh=True)
def unblock(card_id: str) -> ResponseReturnValue:
    """Put a card back into use that was blocked by mistake; its member is told."""
    form = ReasonForm()
    return _act(
        form,
        url_for("admin_cards.show_card", card_id=card_id),
        lambda: cards.unblock_card(scope(), card_id=require_id(card_id, "card"), reason=form.reason.data or ""),
        _("The card can be used again. Its member is told."),
    )


@door(blueprint, "/admin/cards/<card_id>/replace", right="support", methods=("POST",))
def replace(card_id: str) -> ResponseReturnValue:
    """Put another card in its place; its member is told."""
    form = ReplaceForm()
    return _act(
        form,
        url_for("admin_cards.show_card", card_id=card_id),
        lambda: service.replace_card(
            scope(),
            card_id=require_id(card_id, "card"),
            new_number=(form.number.data or "").strip() or None,
            reason=form.reason.data or "",
        ),
        _("The card is replaced. Everything is on the new one."),
    )


@door(blueprint, "/admin/members/<member_id>/unmask", right="support", methods=("POST",))
def unmask(member_id: str) -> ResponseReturnValue:
    """Name and address in clear, once, for a reason that is written down."""
    form = ReasonForm()
    if not form.validate():
        flash(_first_problem(form), "bad")
        return redirect(url_for("admin_cards.show_member", member_id=member_id), 303)
    contact = service.look_at_contact(scope(), member_id=require_id(member_id, "member"), reason=form.reason.data or "")
    return _member_page(member_id, contact=contact)


@door(blueprint, "/admin/members/<member_id>/merge", right="support")
def preview(member_id: str) -> ResponseReturnValue:
    """Who would stay and what would move, before anything does. ``with`` is what the other's card or address is found
    by; ``keep`` turns the two round."""
    return _preview_page(require_id(member_id, "member"), request.args.get("with", ""))


@door(blueprint, "/admin/members/<member_id>/merge", right="support", methods=("POST",))
def merge(member_id: str) -> ResponseReturnValue:
    """Show what would move (where the other was just typed), or do it as it was shown."""
    require_id(member_id, "member")
    if "seen" not in request.form:
        return _preview_page(member_id, request.form.get("with", ""))
    form = MergeForm()
    survivor, merged = form.survivor.data or "", form.merged.data or ""
    if member_id not in (survivor, merged):
        return redirect(url_for("admin_cards.show_member", member_id=member_id), 303)
    return _act(
        form,
        url_for("admin_cards.show_member", member_id=survivor),
        lambda: service.merge_members(
            scope(),
            survivor_id=require_id(survivor, "member"),
            merged_id=require_id(merged, "member"),
            seen=form.seen.data or "",
            reason=form.reason.data or "",
        ),
        _("The two are one. As long as nothing of it is spent, this can be undone."),
        otherwise=_preview_address(survivor, merged),
    )


@door(blueprint, "/admin/members/<member_id>/merges/<merge_id>/undo", right="support", methods=("POST",))
def undo_merge(member_id: str, merge_id: str) -> ResponseReturnValue:
    """Part what was joined."""
    form = ReasonForm()
    return _act(
        form,
        url_for("admin_cards.show_member", member_id=member_id),
        lambda: service.undo_merge(
            scope(),
            member_id=require_id(member_id, "member"),
            merge_id=require_id(merge_id, "merge"),
            reason=form.reason.data or "",
        ),
        _("They are apart again. What came from the other card is back on it."),
    )


def _member_page(member_id: str, *, card_id: str | None = None, contact: Profile | None = None) -> Response:
    member = read_member(scope(), member_id)
    card = member.card(card_id)
    group = request.args.get("kind")
    group = group if group in GROUPS else None
    timeline = read_timeline(
        scope(),
        member_id=member.member_id,
        number=None if card is None else card.number,
        group=group,
        before=request.args.get("before"),
    )
    here = (
        url_for("admin_cards.show_member", member_id=member.member_id)
        if card is None
        else url_for("admin_cards.show_card", card_id=card.card_id)
    )
    told: dict[str, Any] = {
        "member": member,
        "card": card,
        "timeline": timeline,
        "group": group,
        "groups": GROUP_WORDS,
        "what_words": what_words,
        "refusal_words": refusal_words,
        "address": here,
        "in_fours": numbers.format_number,
    }
    if wants_part() and contact is None:
        return part("admin/cards/timeline.html", **told)
    return page(
        "admin/cards/member.html", here="cards", contact=contact, reason=ReasonForm(), replacing=ReplaceForm(), **told
    )


def _preview_page(member_id: str, text: str) -> ResponseReturnValue:
    back = url_for("admin_cards.show_member", member_id=member_id)
    found = finding.find(scope(), text)
    others = {hit.member_id for hit in found.hits} - {member_id}
    if len(others) != 1:
        flash(_("No other member is found by that. Type a whole card number or e-mail address."), "bad")
        return redirect(back, 303)
    other = others.pop()
    shown = preview_merge(scope(), one=member_id, other=other, keep=request.values.get("keep"))
    form = MergeForm(formdata=None, seen=shown.seen, survivor=shown.survivor.member_id, merged=shown.merged.member_id)
    return page("admin/cards/merge.html", here="cards", member_id=member_id, other=other, shown=shown, form=form)


def _preview_address(member_id: str, other: str) -> str:
    values: dict[str, Any] = {"with": other}
    return url_for("admin_cards.preview", member_id=member_id, **values)


def _act(form: FlaskForm, back: str, work: Any, done: str, *, otherwise: str | None = None) -> ResponseReturnValue:
    """Do it where the form is whole, and say what came of it on the page that is gone back to."""
    if not form.validate():
        flash(_first_problem(form), "bad")
        return redirect(otherwise or back, 303)
    try:
        work()
    except DomainError as error:
        flash(messages.sentence(error), "bad")
        return redirect(otherwise or back, 303)
    flash(done, "good")
    return redirect(back, 303)


def _first_problem(form: FlaskForm) -> str:
    return str(next(iter(form.errors.values()))[0])
