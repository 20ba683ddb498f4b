"""What the views of tablets and tills share: the counter they act at, amounts, and refusals as stored answers."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import orjson
from marshmallow import Schema

from app import messages
from app.common.errors import DomainError
from app.common.money import InvalidAmountError, parse_amount
from app.common.scope import Scope
from app.extensions import platform
from app.rewards.evaluator import Item
from app.scanning.counter import Counter
from app.scanning.requests import Identification, VisitRequest
from app.scanning.results import RedemptionResult, Reply
from mobile_api import documents, errors, misses


def counter_of(scope: Scope) -> Counter:
    """The device at work. Raises ``TriesUsedUpError`` for one that looked up too many numbers that there are not."""
    misses.check(scope)
    return Counter(scope, platform().hosts)


def minor_units(scope: Scope, text: str | None, field: str = "amount") -> int | None:
    """An amount in minor units of the merchant's currency. Raises ``InvalidAmountError`` that names the field."""
    if text is None:
        return None
    currency = scope.currency or "EUR"
    try:
        return parse_amount(text, currency)
    except InvalidAmountError as error:
        sentence = messages.text(error.code, **error.params)
        raise InvalidAmountError(**error.params, errors={field: [sentence]}) from None


def identification(body: Mapping[str, Any]) -> Identification:
    """Whose card a body names."""
    return Identification(body.get("code"), body.get("scan_id"))


def visit_request(scope: Scope, body: Mapping[str, Any]) -> VisitRequest:
    """A visit as the domain takes it, from a body or a queued event that was loaded."""
    return VisitRequest(
        who=identification(body),
        amount_minor=minor_units(scope, body.get("amount")),
        currency=body.get("currency"),
        units=body.get("units"),
        programme_id=body.get("programme_id"),
        items=tuple(_item(scope, index, item) for index, item in enumerate(body.get("items", ()))),
        occurred_at=body.get("occurred_at"),
        receipt_ref=body.get("receipt_ref"),
        staff_id=body.get("staff_id"),
        is_kiosk=body.get("kiosk", False),
    )


def _item(scope: Scope, index: int, item: Mapping[str, Any]) -> Item:
    return Item(
        sku=item.get("sku"),
        name=item.get("name"),
        category=item.get("category"),
        quantity=item.get("quantity", 1),
        amount_minor=minor_units(scope, item.get("amount"), f"items.{index}.amount"),
    )


class Renderer:
    """Makes the text of an answer that is stored under its key, and that of a refusal; remembers the refusal."""

    __slots__ = ("_dump", "refusal")

    def __init__(self, schema: Schema) -> None:
        self._dump = schema.dump
        self.refusal: DomainError | None = None

    def result(self, result: Any) -> str:
        """The body of an answer."""
        return orjson.dumps(self._dump(result)).decode()

    def refuse(self, error: DomainError) -> tuple[int, str]:
        """The status and body of a refusal."""
        self.refusal = error
        problem = errors.document_of(error)
        return problem["status"], orjson.dumps(problem).decode()


class RedemptionRenderer(Renderer):
    """Puts what was given under ``reward``."""

    __slots__ = ()

    def result(self, result: RedemptionResult) -> str:
        shown: dict[str, Any] = {
            "redemption_id": result.redemption_id,
            "transaction_id": result.transaction_id,
            "reward": result,
            "accounts": result.accounts,
        }
        if result.hold_until is not None:
            shown["hold_until"] = result.hold_until
        return super().result(shown)


def sent(scope: Scope, renderer: Renderer, reply: Reply) -> documents.Reply:
    """The reply as HTTP; a card that there is not counts as a miss."""
    misses.count(scope, renderer.refusal)
    return documents.Reply(reply.status, reply.body, _REPLAYED if reply.is_replay else None)


_REPLAYED = {"Idempotent-Replay": "true"}
