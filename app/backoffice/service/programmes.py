"""Rules put into force, and the members told of it, as one act."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from app.campaigns import notices
from app.common.database import Transaction
from app.common.scope import Scope
from app.rewards import service as rewards


@dataclass(frozen=True, slots=True)
class Notice:
    """What members are told, by language."""

    title: Mapping[str, str]
    text: Mapping[str, str]


def publish_programme(
    scope: Scope, programme_id: str, *, revision: int, valid_from: datetime | None = None, notice: Notice | None = None
) -> int:
    """Put the programme's draft into force from ``valid_from`` on (aware; now unless told), and tell the business's
    members with ``notice``. Returns the version's number.

    Raises what :func:`app.rewards.service.publish_draft` raises; then nobody is told.
    """

    def work(tx: Transaction) -> int:
        version = rewards.publish_draft(scope, programme_id, revision=revision, valid_from=valid_from)
        if notice is not None and scope.merchant_id is not None:
            notices.announce(
                tx,
                scope,
                merchant_id=scope.merchant_id,
                source=f"programme:{programme_id}:{version}",
                title=notice.title,
                text=notice.text,
            )
        return version

    return scope.run(work)
