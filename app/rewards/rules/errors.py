"""What is wrong with a document of rules, and where."""

from __future__ import annotations

from app.common.errors import DomainError, Kind


class InvalidRulesError(DomainError):
    """A programme's or promotion's document can't be taken.

    ``path`` names the place (``earn[0].units``), ``message_code`` the fault (``unknown_field``, ``too_large`` …);
    both are in ``params`` as well, beside the bounds that the sentence needs. The refused value itself is never told,
    since it may be of any size.
    """

    code = "invalid_rules"
    kind = Kind.INVALID

    def __init__(self, path: str, message_code: str, **params: int | str) -> None:
        super().__init__(path=path, message_code=message_code, **params)
        self.path = path
        self.message_code = message_code
