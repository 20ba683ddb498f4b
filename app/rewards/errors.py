"""What can go wrong with programmes, promotions and rewards."""

from __future__ import annotations

from app.common.errors import DomainError, Kind


class VersionInThePastError(DomainError):
    """A version of the rules would begin in the past, and change what visits earned that are booked already."""

    code = "version_in_the_past"
    kind = Kind.INVALID


class VersionTooEarlyError(DomainError):
    """A version of the rules would begin before the one that was planned last."""

    code = "version_too_early"
    kind = Kind.INVALID


class VersionInForceError(DomainError):
    """The rules can't be called off: they hold already, or they are not the last ones that are planned."""

    code = "version_in_force"


class SimulationOverError(DomainError):
    """The run of the simulator has ended: there is nothing to call off."""

    code = "simulation_over"


class RewardElsewhereError(DomainError):
    """The reward belongs to another programme."""

    code = "reward_elsewhere"
    kind = Kind.INVALID


class ProgrammeUnknownError(DomainError):
    """The merchant has no such programme."""

    code = "programme_unknown"
    kind = Kind.NOT_FOUND


class RewardUnknownError(DomainError):
    """The merchant has no such reward."""

    code = "reward_unknown"
    kind = Kind.NOT_FOUND


class RewardNotOfferedError(DomainError):
    """The reward can't be had now: it is off, not yet on, over, or outside its redeeming window."""

    code = "reward_not_offered"


class RewardSoldOutError(DomainError):
    """None of it is left."""

    code = "reward_sold_out"


class RewardLimitError(DomainError):
    """The member has had as many of it as one member may."""

    code = "reward_limit"


class RewardTierError(DomainError):
    """The reward is for another tier."""

    code = "reward_tier"


class RewardSegmentError(DomainError):
    """The reward is for some of the shop's members, and this one is not among them."""

    code = "reward_segment"


class RewardPlaceError(DomainError):
    """The reward is not given at this location."""

    code = "reward_place"


class RewardOnlineError(DomainError):
    """The reward is a code for the webshop: its member sees it in the app, and no counter takes it."""

    code = "reward_online"


class RewardCodesGoneError(DomainError):
    """No code is left for the voucher. The shop has to add some."""

    code = "reward_codes_gone"


class RewardHasNoCodesError(DomainError):
    """The voucher's reward is not one of codes."""

    code = "reward_has_no_codes"


class CodesUnreadableError(DomainError):
    """The list of codes can't be taken: it has none, too many, or one too long."""

    code = "codes_unreadable"
    kind = Kind.INVALID


class PictureUnreadableError(DomainError):
    """The file is no picture that can be shown: JPEG, PNG, WebP or GIF, and whole."""

    code = "picture_unreadable"
    kind = Kind.INVALID


class PictureTooLargeError(DomainError):
    """The picture has more bytes or more pixels than are taken."""

    code = "picture_too_large"
    kind = Kind.INVALID


class ChangedMeanwhileError(DomainError):
    """Somebody else changed it since the form was opened."""

    code = "changed_meanwhile"


class SpendingLockedError(DomainError):
    """The member has locked spending."""

    code = "spending_locked"


class SpendingUnconfirmedError(DomainError):
    """The member wants to be asked before this much is spent, and has not said yes yet."""

    code = "spending_unconfirmed"


class SpendingRefusedError(DomainError):
    """The member was asked, and said no."""

    code = "spending_refused"


class DailyCapReachedError(DomainError):
    """The member lets no more than a certain worth be spent on one day."""

    code = "daily_cap_reached"


class VoucherUnknownError(DomainError):
    """No such voucher here."""

    code = "voucher_unknown"
    kind = Kind.NOT_FOUND


class VoucherUsedError(DomainError):
    """The voucher was redeemed before."""

    code = "voucher_used"


class VoucherOverError(DomainError):
    """The voucher has expired or was cancelled."""

    code = "voucher_over"


class VoucherUndecidedError(DomainError):
    """A redemption of the voucher waits for somebody of the shop to decide on it."""

    code = "voucher_undecided"


class VoucherHeldError(DomainError):
    """The voucher is reserved for another tablet."""

    code = "voucher_held"


class VoucherReservedError(DomainError):
    """The voucher is reserved for a tablet, which may have redeemed it already without a network."""

    code = "voucher_reserved"


class VoucherNotReservedError(DomainError):
    """Nothing to release: the voucher is not reserved for a tablet."""

    code = "voucher_not_reserved"


class HoldOverError(DomainError):
    """The hold was committed, cancelled or has run out."""

    code = "hold_over"


class OpeningNotOfferedError(DomainError):
    """Units of an old card are not entered in this programme."""

    code = "opening_not_offered"


class OpeningTooMuchError(DomainError):
    """More units of an old card than may be entered; ``most`` may."""

    code = "opening_too_much"
    kind = Kind.INVALID


class OpeningTakenError(DomainError):
    """The units of an old card were entered for this member before."""

    code = "opening_taken"


class SegmentNameTakenError(DomainError):
    """Another saved filter of the shop is called so."""

    code = "segment_name_taken"
    kind = Kind.INVALID


class SegmentChangedError(DomainError):
    """Somebody else changed the saved filter meanwhile; ``who`` did, if that is known."""

    code = "segment_changed"


class SegmentInUseError(DomainError):
    """A saved filter decides who gets ``reward``, so it can't be forgotten."""

    code = "segment_in_use"


class SegmentsTooManyError(DomainError):
    """A shop keeps at most ``most`` saved filters."""

    code = "segments_too_many"


class CorrectionTooLargeError(DomainError):
    """Who corrects a balance may give or take no more than ``most`` units of it a day."""

    code = "correction_too_large"
    kind = Kind.INVALID


class ImportUnreadableError(DomainError):
    """A file that was uploaded is no list that can be read."""

    code = "import_unreadable"
    kind = Kind.INVALID


class ImportTooLongError(DomainError):
    """A list has more than ``most`` rows."""

    code = "import_too_long"
    kind = Kind.INVALID


class ImportColumnsError(DomainError):
    """Nobody said which column names the customer."""

    code = "import_columns"
    kind = Kind.INVALID


class ImportChangedError(DomainError):
    """The import is not as the form showed it any more: somebody went on with it meanwhile."""

    code = "import_changed"


class NotReadyToImportError(DomainError):
    """A list that was taken over can be undone, but not thrown away."""

    code = "import_taken_over"


class ImportSpentError(DomainError):
    """An import can't be undone: of ``members`` members something that it brought is spent or gone."""

    code = "import_spent"


class AdjustmentDecidedError(DomainError):
    """Somebody decided on the adjustment already, or it was withdrawn, or nobody did within its week."""

    code = "adjustment_decided"


class OwnAdjustmentError(DomainError):
    """Nobody decides on an adjustment that she asked for herself."""

    code = "adjustment_own"
    kind = Kind.FORBIDDEN


class ReportDecidedError(DomainError):
    """Somebody has decided on this report already."""

    code = "report_decided"


class RewardTakenDownError(DomainError):
    """The operator took the reward down: the shop can't offer it again by itself."""

    code = "reward_taken_down"
    kind = Kind.FORBIDDEN
