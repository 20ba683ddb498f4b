"""Pages of the member's lists: the newest first, each page after the id that the cursor names."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeVar

from app.common.errors import InvalidError
from app.common.ids import is_id
from mobile_api import pagination

Item = TypeVar("Item")


def page(
    query: Mapping[str, Any],
    read: Callable[[int, str | None], Sequence[Item]],
    identify: Callable[[Item], str],
    show: Callable[[Item], Any],
) -> dict[str, Any]:
    """The page that ``query`` (``limit``, ``cursor``) asks for. ``read`` takes how many and the id after which to go
    on; one more than wanted tells whether there is another page."""
    before = pagination.decode(query["cursor"], str)[0] if "cursor" in query else None
    if before is not None and not is_id(before):
        raise InvalidError(errors={"cursor": ["Not a cursor of this list."]})
    limit = query["limit"]
    found = read(limit + 1, before)
    following = pagination.encode(identify(found[limit - 1])) if len(found) > limit else None
    return pagination.page([show(item) for item in found[:limit]], following)


def whole(items: Sequence[Any]) -> dict[str, Any]:
    """A list that is always short, as its one page."""
    return pagination.page(items, None)
