"""What can go wrong with subscriptions."""

from __future__ import annotations

from app.common.errors import DomainError, Kind


class BillingOffError(DomainError):
    """This service takes no money: it has no key of Stripe's."""

    code = "billing_off"
    kind = Kind.NOT_FOUND


class BillingUnreachableError(DomainError):
    """Stripe does not answer now, or does not take our key."""

    code = "billing_unreachable"


class PaymentRefusedError(DomainError):
    """The bank or the card refused what was to be paid."""

    code = "payment_refused"


class PlanUnknownError(DomainError):
    """There is no such plan, or it is offered no more."""

    code = "plan_unknown"
    kind = Kind.NOT_FOUND


class PlanTooSmallError(DomainError):
    """The shop has more active members (``members``) than the plan covers (``most``)."""

    code = "plan_too_small"


class SubscriptionRunningError(DomainError):
    """There is a subscription already: it is changed, not begun again."""

    code = "subscription_running"


class SubscriptionMissingError(DomainError):
    """There is no subscription that could be changed or cancelled."""

    code = "subscription_missing"


class SponsoredError(DomainError):
    """Somebody else pays for this shop."""

    code = "subscription_sponsored"


class SignatureRefusedError(DomainError):
    """A message that is not Stripe's: no signature, a wrong one, or one of another time."""

    code = "signature_refused"
    kind = Kind.MALFORMED


class DetailsChangedError(DomainError):
    """Somebody else changed the invoice address meanwhile: the newer one stays."""

    code = "details_changed"


class InvoiceNotElectronicError(DomainError):
    """This invoice can't be given as Peppol UBL: both sides need a Belgian VAT number, and it must be final."""

    code = "invoice_not_electronic"
