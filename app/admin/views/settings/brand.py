"""The town's own brand."""

from __future__ import annotations

from flask import flash, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from werkzeug.datastructures import FileStorage

from app import messages
from app.admin.doors import door, scope
from app.admin.forms.settings import BrandForm, put_errors
from app.admin.pages import page
from app.admin.views.settings.blueprint import PICTURE_LIMIT, blueprint
from app.common.branding import Brand
from app.common.errors import DomainError, InvalidError
from app.extensions import platform
from app.merchants.errors import LogoRefusedError
from app.merchants.service.branding import Logo, publish_brand
from app.rewards.errors import PictureTooLargeError, PictureUnreadableError
from app.rewards.pictures import make_picture


@door(blueprint, "/admin/settings/brand", right="administrator", methods=("GET", "POST"))
def brand() -> ResponseReturnValue:
    """How the card is called and looks, who its mails come from, and under which hosts its cards were printed."""
    now, problem = platform().brand, None
    form = BrandForm(
        data={
            "version": str(now.version),
            "name": now.name,
            "hue": now.hue,
            "sender_name": now.sender_name,
            "reply_to": now.reply_to,
            "support_address": now.support_address,
            "former_hosts": "\n".join(now.former_hosts),
        }
    )
    if form.validate_on_submit():
        try:
            publish_brand(scope(), _wanted(form), looked_at=_looked_at(form), logo=_logo(form))
        except InvalidError as error:
            put_errors(form, error.params["errors"], messages.field)
        except (LogoRefusedError, PictureTooLargeError, PictureUnreadableError) as error:
            form.logo.errors = [messages.sentence(error)]
        except DomainError as error:
            problem = messages.sentence(error)
        else:
            flash(_("Saved. Pages, mails and new passes carry it from now on."), "good")
            return redirect(url_for("admin_settings.brand"), 303)
    settings = platform().settings
    return page(
        "admin/settings/brand.html",
        here="settings",
        form=form,
        brand=now,
        problem=problem,
        public_url=settings.public_url,
        fixed_hosts=settings.former_hosts,
        mail_from=settings.mail_from,
        status=422 if form.errors else 409 if problem else 200,
    )


def _looked_at(form: BrandForm) -> int:
    given = form.version.data or ""
    return int(given) if given.isascii() and given.isdigit() and len(given) < 9 else -1


def _wanted(form: BrandForm) -> Brand:
    return Brand(
        name=form.name.data or "",
        hue=form.hue.data or 0,
        sender_name=form.sender_name.data or None,
        reply_to=form.reply_to.data or None,
        support_address=form.support_address.data or None,
        former_hosts=tuple((form.former_hosts.data or "").split()),
    )


def _logo(form: BrandForm) -> Logo | None:
    """A drawing is checked, a picture made anew: nothing of the file itself is kept."""
    upload = request.files.get("logo")
    if isinstance(upload, FileStorage) and upload.filename:
        data = upload.read(PICTURE_LIMIT)
        if data.lstrip()[:5].lower() in (b"<svg ", b"<?xml") or data.lstrip()[:4].lower() == b"<svg":
            try:
                return Logo(svg=data.decode("utf-8").strip())
            except UnicodeDecodeError:
                raise LogoRefusedError(part="svg") from None
        return Logo(picture=make_picture(data).small)
    return Logo() if form.logo_now.data == "seal" else None
