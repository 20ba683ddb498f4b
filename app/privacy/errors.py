"""What the privacy desk refuses."""

from __future__ import annotations

from app.common.errors import DomainError, Kind


class RequestOverError(DomainError):
    """The request was done or refused already."""

    code = "privacy_request_over"


class MemberWantedError(DomainError):
    """It is not known yet whose data is meant, or nobody has checked who asks."""

    code = "privacy_member_wanted"


class NoAddressError(DomainError):
    """There is no address to which the record could be sent."""

    code = "privacy_no_address"


class RecordLinkOverError(DomainError):
    """The link was used, has run out, or never was one: all the same answer."""

    code = "privacy_link_over"
    kind = Kind.NOT_FOUND
