"""From what a service can't take to the fields of a form that are to be mended."""

from __future__ import annotations

from flask_wtf import FlaskForm

from app import messages
from app.common.errors import DomainError, InvalidError


def mark(form: FlaskForm, error: DomainError, **names: str) -> None:
    """Put what is wrong beside the form's fields; what belongs to none of them stands above the form.

    ``names`` maps the service's names of fields to the form's, where they differ.
    """
    found = error.params.get("errors", {}) if isinstance(error, InvalidError) else {}
    left = []
    for name, codes in found.items():
        told = [messages.field(code) for code in codes]
        field = form._fields.get(names.get(name, name))
        if field is None:
            left += told
        else:
            field.errors = [*field.errors, *told]
    form.form_errors = [*form.form_errors, *(left if found else [messages.sentence(error)])]
