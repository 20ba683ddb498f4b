"""What is uploaded for a reward: its picture, and the codes that it hands out."""

from __future__ import annotations

from flask import flash, redirect, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import ngettext
from werkzeug.datastructures import FileStorage

from app import messages
from app.backoffice.doors import door, place, scope
from app.backoffice.forms.catalogue.rewards import CodesForm, PictureForm
from app.backoffice.queries.catalogue import get_catalogue
from app.backoffice.views.catalogue.blueprint import blueprint
from app.backoffice.views.catalogue.rewards import REWARDS
from app.rewards import service as catalogue
from app.rewards.codes import count_lines, read_codes
from app.rewards.errors import CodesUnreadableError, PictureTooLargeError, PictureUnreadableError


@door(blueprint, f"{REWARDS}/<reward_id>/picture", least="manager", methods=("POST",))
def set_picture(reward_id: str) -> ResponseReturnValue:
    """Give a reward a picture."""
    get_catalogue(scope()).find(reward_id)
    form = PictureForm()
    if not form.validate():
        flash(str(next(iter(form.errors.values()))[0]), "bad")
        return _back(reward_id)
    with form.picture.data.stream as uploaded:
        data = uploaded.read()
    try:
        catalogue.set_picture(scope(), reward_id, data)
    except (PictureUnreadableError, PictureTooLargeError) as error:
        flash(messages.sentence(error), "bad")
    else:
        flash(_("Members see the new picture from now on."), "good")
    return _back(reward_id)


@door(blueprint, f"{REWARDS}/<reward_id>/picture/remove", least="manager", methods=("POST",))
def remove_picture(reward_id: str) -> ResponseReturnValue:
    """Take a reward's picture away."""
    get_catalogue(scope()).find(reward_id)
    catalogue.remove_picture(scope(), reward_id)
    flash(_("The picture is gone."), "good")
    return _back(reward_id)


@door(blueprint, f"{REWARDS}/<reward_id>/codes", least="manager", methods=("POST",))
def add_codes(reward_id: str) -> ResponseReturnValue:
    """Put codes into a reward's list."""
    get_catalogue(scope()).find(reward_id)
    form = CodesForm()
    if not form.validate():
        flash(str(next(iter(form.errors.values()))[0]), "bad")
        return _back(reward_id)
    try:
        text = _text(form.file.data) or str(form.pasted.data or "")
        codes = read_codes(text)
        added = catalogue.add_codes(scope(), reward_id, codes)
    except CodesUnreadableError as error:
        flash(messages.sentence(error), "bad")
        return _back(reward_id)
    told = [ngettext("%(num)s code is new.", "%(num)s codes are new.", added.added)]
    twice = max(0, count_lines(text) - len(codes))
    if added.known:
        told.append(
            ngettext(
                "%(num)s was in your list before, so it was left out.",
                "%(num)s were in your list before, so they were left out.",
                added.known,
            )
        )
    if twice:
        told.append(
            ngettext(
                "%(num)s line repeated a code, and counts once.",
                "%(num)s lines repeated a code, and count once.",
                twice,
            )
        )
    flash(" ".join(str(one) for one in told), "good" if added.added else "wait")
    return _back(reward_id)


@door(blueprint, f"{REWARDS}/<reward_id>/codes/remove", least="manager", methods=("POST",), is_fresh=True)
def remove_codes(reward_id: str) -> ResponseReturnValue:
    """Take the codes that are promised to nobody out of a reward's list."""
    get_catalogue(scope()).find(reward_id)
    gone = catalogue.remove_codes(scope(), reward_id)
    flash(str(ngettext("%(num)s code was taken out.", "%(num)s codes were taken out.", gone)), "good")
    return _back(reward_id)


def _text(file: FileStorage | None) -> str:
    """What stands in a file; nothing where none was chosen. Raises CodesUnreadableError for what is no text."""
    if not file:
        return ""
    with file.stream as uploaded:
        data: bytes = uploaded.read()
    try:
        return data.decode("utf-16" if data[:2] in (b"\xff\xfe", b"\xfe\xff") else "utf-8-sig")
    except UnicodeDecodeError:
        if b"\x00" in data:
            raise CodesUnreadableError(line=1) from None
        return data.decode("cp1252", "replace")


def _back(reward_id: str) -> ResponseReturnValue:
    return redirect(url_for("catalogue.show_reward", slug=place().slug, reward_id=reward_id), 303)
