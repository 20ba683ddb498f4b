"""One member: her page, corrections, undoing, notes, and how the shop calls her."""

from __future__ import annotations

from typing import Any

from flask import flash, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from wtforms.fields import SelectChoice

from app.backoffice.doors import DOORS, door, place, scope, visitor
from app.backoffice.forms.members import CorrectForm, NameForm, NoteForm, UndoForm
from app.backoffice.forms.problems import mark
from app.backoffice.pages import page, part
from app.backoffice.queries.members import MemberDetail, get_member
from app.backoffice.queries.members.history import history_of, worth_of
from app.backoffice.service import members
from app.backoffice.views.members import telling, words
from app.backoffice.views.members.blueprint import blueprint
from app.common.errors import DomainError, InvalidError, NotFoundError
from app.common.ids import new_id
from app.ledger.errors import NotEnoughError
from app.rewards.errors import CorrectionTooLargeError
from app.web.going import wants_part

_GIVING = "/office/<slug>/members/<member_id>/give"


@door(blueprint, "/office/<slug>/members/<member_id>", least="manager")
def show_member(member_id: str) -> ResponseReturnValue:
    """A member's page; beside the list, a part of it."""
    member = _member(member_id)
    told: dict[str, Any] = {"member": member, "words": words, "giving": _giving(member_id), "note_form": _note_form()}
    if wants_part():
        return part("backoffice/members/panel.html", **told)
    worth = worth_of(scope(), member_id)
    told["worth"] = None if worth is None else telling.tell_worth(worth)
    told["history"] = [telling.tell(one) for one in history_of(scope(), member_id)]
    return page("backoffice/members/member.html", here="members", name_form=_name_form(member), **told)


@door(blueprint, "/office/<slug>/members/<member_id>/correct", least="manager", methods=("GET", "POST"))
def correct_member(member_id: str) -> ResponseReturnValue:
    """Give or take units by hand, with a reason."""
    member = _member(member_id)
    form = CorrectForm()
    programmes = {one.programme_id: one for one in member.programmes_on}
    form.programme_id.choices = [SelectChoice(one.programme_id, one.name) for one in programmes.values()]
    limits = {key: members.limit_of(scope(), key) for key in programmes}
    if request.method == "GET":
        form.booking_id.data = new_id()
        form.way.data = "take" if request.args.get("way") == "take" else "give"
    elif form.validate():
        units = form.units.data if form.way.data == "give" else -form.units.data
        try:
            done = members.correct(
                scope(),
                member_id,
                programme_id=form.programme_id.data,
                units=units,
                reason=form.reason.data,
                booking_id=form.booking_id.data or "",
            )
        except (InvalidError, NotEnoughError, CorrectionTooLargeError) as error:
            mark(form, error)
        else:
            told = words.units(programmes[form.programme_id.data].kind, done.balance)
            flash(_("Done. The balance is %(units)s now.", units=told), "good")
            for name in done.unlocked:
                flash(_("The card was full: %(reward)s was issued.", reward=name), "good")
            return redirect(_address(member_id), 303)
    return page(
        "backoffice/members/correct.html",
        status=422 if form.errors else 200,
        here="members",
        member=member,
        form=form,
        words=words,
        limits=[(programmes[key].name, words.units(programmes[key].kind, most)) for key, most in limits.items()],
        is_limited=not visitor().may("owner"),
    )


@door(
    blueprint,
    "/office/<slug>/members/<member_id>/undo/<transaction_id>",
    least="manager",
    methods=("GET", "POST"),
)
def undo_booking(member_id: str, transaction_id: str) -> ResponseReturnValue:
    """Undo a visit or a correction, with a reason."""
    member = _member(member_id, transaction_id)
    booking = next((one for one in member.bookings if one.transaction_id == transaction_id), None)
    if booking is None:
        raise NotFoundError(what="transaction")
    form = UndoForm()
    if form.validate_on_submit():
        try:
            owed = members.take_back(scope(), member_id, transaction_id, reason=form.reason.data)
        except NotFoundError:
            raise
        except DomainError as error:
            mark(form, error)
        else:
            flash(_("Undone. It stays in the list, with the reason."), "good")
            if owed:
                flash(_("Some of it was spent already, so later visits pay it first."), "wait")
            return redirect(_address(member_id), 303)
    return page(
        "backoffice/members/undo.html",
        status=422 if form.errors else 200,
        here="members",
        member=member,
        booking=booking,
        form=form,
        words=words,
    )


@door(blueprint, "/office/<slug>/members/<member_id>/notes", least="manager", methods=("POST",))
def write_note(member_id: str) -> ResponseReturnValue:
    """Write something down about a member."""
    form = NoteForm()
    try:
        if not form.validate():
            raise InvalidError(errors={name: [str(one) for one in told] for name, told in form.errors.items()})
        members.write_note(scope(), member_id, words=form.words.data, note_id=form.note_id.data or "")
    except InvalidError:
        _member(member_id)
        flash(_("A note needs 1 to 1,000 characters. Nothing was kept."), "bad")
    else:
        flash(_("The note is kept. Only your shop reads it; the member finds it in the record of all data."), "good")
    return redirect(_address(member_id), 303)


@door(blueprint, "/office/<slug>/members/<member_id>/notes/<note_id>/drop", least="manager", methods=("POST",))
def drop_note(member_id: str, note_id: str) -> ResponseReturnValue:
    """Delete a note for good."""
    members.drop_note(scope(), member_id, note_id)
    flash(_("The note is deleted."), "good")
    return redirect(_address(member_id), 303)


@door(blueprint, "/office/<slug>/members/<member_id>/name", least="manager", methods=("POST",))
def call_member(member_id: str) -> ResponseReturnValue:
    """Say how the shop calls a member."""
    form = NameForm()
    if form.validate():
        members.call_member(scope(), member_id, name=form.name.data or "")
        flash(_("Kept. Nobody but your shop sees this name."), "good")
    else:
        _member(member_id)
        flash(_("A name has at most 80 characters. Nothing was changed."), "bad")
    return redirect(_address(member_id), 303)


def _member(member_id: str, reaching: str | None = None) -> MemberDetail:
    """The member; with ``reaching``, the page of her bookings that this one stands on."""
    before = request.args.get("before") if reaching is None else _just_after(reaching)
    return get_member(scope(), member_id, timezone=place().timezone, before=before)


def _just_after(transaction_id: str) -> str | None:
    """An id before which the list begins with this one; ids are in the order of the bookings."""
    digits = transaction_id.replace("-", "")
    if len(digits) != 32 or any(one not in "0123456789abcdef" for one in digits):
        return None
    text = f"{min(int(digits, 16) + 1, 2**128 - 1):032x}"
    return f"{text[:8]}-{text[8:12]}-{text[12:16]}-{text[16:20]}-{text[20:]}"


def _giving(member_id: str) -> str | None:
    """Where a reward is given by hand."""
    for known in DOORS.values():
        if known.rule == _GIVING:
            return url_for(known.endpoint, slug=place().slug, member_id=member_id)
    return None


def _address(member_id: str) -> str:
    return url_for("members.show_member", slug=place().slug, member_id=member_id)


def _note_form() -> NoteForm:
    form = NoteForm(formdata=None)
    form.note_id.data = new_id()
    return form


def _name_form(member: MemberDetail) -> NameForm:
    form = NameForm(formdata=None)
    form.name.data = member.called or ""
    return form
