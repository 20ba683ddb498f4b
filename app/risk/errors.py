"""What can't be done with cases and limits."""

from __future__ import annotations

from app.common.errors import DomainError, Kind


class CaseDecidedError(DomainError):
    """Somebody else has decided this case meanwhile."""

    code = "risk_case_decided"


class ReasonMissingError(DomainError):
    """A decision says why."""

    code = "risk_reason_missing"
    kind = Kind.INVALID


class ActNotPossibleError(DomainError):
    """The case is about nothing that this act could be done to."""

    code = "risk_act_not_possible"
    kind = Kind.INVALID


class LimitInvalidError(DomainError):
    """A limit is a whole number from the rule's least on; a hard one is not below the soft one."""

    code = "risk_limit_invalid"
    kind = Kind.INVALID


class LimitChangedError(DomainError):
    """Somebody else has set this rule's limits meanwhile."""

    code = "risk_limit_changed"


class NobodyToAskError(DomainError):
    """The case is about no shop, or its owner has no address."""

    code = "risk_nobody_to_ask"
