"""Answers that are given often: changed and added by who answers."""

from __future__ import annotations

import re

from sqlalchemy import select

from app.common import audit
from app.common.database import Transaction
from app.common.errors import InvalidError
from app.common.ids import new_id
from app.common.scope import Scope
from app.support.models import SupportTemplate
from app.support.standard import LOCALES, PLACEHOLDERS

_KEY = re.compile(r"[a-z][a-z0-9_]{1,39}", re.ASCII)
_NAMED = re.compile(r"\{([a-z_]+)\}")


def save_template(scope: Scope, *, key: str, locale: str, title: str, body: str) -> None:
    """Change a template of one language, or add one. A repeat changes nothing but the time. Raises ``InvalidError`` by
    field, also for a placeholder that nothing fills."""
    errors: dict[str, list[str]] = {}
    if not _KEY.fullmatch(key):
        errors["key"] = ["not_a_key"]
    if locale not in LOCALES:
        errors["locale"] = ["unknown"]
    if not title.strip() or len(title) > 80:
        errors["title"] = ["missing" if not title.strip() else "too_long"]
    if not body.strip() or len(body) > 4000:
        errors["body"] = ["missing" if not body.strip() else "too_long"]
    elif set(_NAMED.findall(body)) - set(PLACEHOLDERS):
        errors["body"] = ["placeholder_unknown"]
    if errors:
        raise InvalidError(errors=errors)

    def work(tx: Transaction) -> None:
        row = tx.session.scalars(
            select(SupportTemplate)
            .where(SupportTemplate.key == key, SupportTemplate.locale == locale)
            .with_for_update()
        ).first()
        before = None if row is None else {"title": row.title}
        if row is None:
            row = SupportTemplate(id=new_id(), key=key, locale=locale)
            tx.session.add(row)
        row.title, row.body, row.changed_at = title.strip(), body.replace("\r\n", "\n").strip(), scope.now
        tx.session.flush()
        after = {"title": row.title, "key": key, "locale": locale}
        audit.record(tx, scope, "support.template_saved", "support_template", row.id, before=before, after=after)

    scope.run(work)
