"""Tables of members and their cards. Every member-owned table's key begins with ``member_id``; what is looked up
without knowing the member (card number, login, tokens) has a table keyed by what is looked up."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, LargeBinary, Text, UniqueConstraint, false
from sqlalchemy.orm import Mapped, mapped_column

from app.common.model import Model
from app.common.types import Id


class Member(Model):
    """A consumer: anonymous until claimed, an alias after a merge, without a person after erasure."""

    __tablename__ = "member"
    __table_args__ = (
        CheckConstraint("status IN ('anonymous', 'claimed', 'merged', 'erased')", name="status"),
        CheckConstraint("(status = 'merged') = (merged_into IS NOT NULL)", name="alias"),
        Index("ix_member_merged_into", "merged_into"),
    )

    id: Mapped[str] = mapped_column(Id, primary_key=True)
    status: Mapped[str] = mapped_column(Text, server_default="anonymous")
    merged_into: Mapped[str | None] = mapped_column(Id, ForeignKey("member.id"))
    locale: Mapped[str] = mapped_column(Text, server_default="nl")
    is_sandbox: Mapped[bool] = mapped_column(server_default=false())
    is_spending_locked: Mapped[bool] = mapped_column(server_default=false())
    # Her brakes, in minor units of one currency: what is worth more is asked about, and no day spends more than its cap
    ask_above_minor: Mapped[int | None]
    daily_cap_minor: Mapped[int | None]
    brakes_currency: Mapped[str | None] = mapped_column(Text)
    waits_until: Mapped[datetime | None]  # until then some session of hers may not spend
    created_at: Mapped[datetime]
    last_seen_at: Mapped[datetime | None]


class MemberKey(Model):
    """The key that seals one member's personal data, itself sealed with the data key. Erasing destroys it."""

    __tablename__ = "member_key"

    member_id: Mapped[str] = mapped_column(Id, ForeignKey("member.id"), primary_key=True)
    wrapped: Mapped[bytes] = mapped_column(LargeBinary)


class MemberProfile(Model):
    """What a member told about herself, sealed field by field."""

    __tablename__ = "member_profile"

    member_id: Mapped[str] = mapped_column(Id, ForeignKey("member.id"), primary_key=True)
    name: Mapped[bytes | None] = mapped_column(LargeBinary)
    email: Mapped[bytes | None] = mapped_column(LargeBinary)
    phone: Mapped[bytes | None] = mapped_column(LargeBinary)
    birthday: Mapped[bytes | None] = mapped_column(LargeBinary)
    shows_name: Mapped[bool] = mapped_column(server_default=false())
    updated_at: Mapped[datetime]


class Login(Model):
    """From the keyed hash of an e-mail address or phone number to its member."""

    __tablename__ = "login"
    __table_args__ = (
        CheckConstraint("kind IN ('email', 'phone')", name="kind"),
        Index("ix_login_member_id", "member_id"),
    )

    blind: Mapped[bytes] = mapped_column(LargeBinary, primary_key=True)
    kind: Mapped[str] = mapped_column(Text)
    member_id: Mapped[str] = mapped_column(Id)
    verified_at: Mapped[datetime]


class AuthCode(Model):
    """A 6-digit code that was mailed; few tries, ten minutes, once."""

    __tablename__ = "auth_code"

    blind: Mapped[bytes] = mapped_column(LargeBinary, primary_key=True)
    code_hash: Mapped[bytes] = mapped_column(LargeBinary)
    tries: Mapped[int] = mapped_column(server_default="0")
    expires_at: Mapped[datetime]


class Attempt(Model):
    """How often something was tried that may be tried a few times only. ``subject`` is a keyed hash of what is counted
    (an address, a network, a card), so that nobody can be read from it; the count begins anew after its window.
    ``name`` is the limit's: what kind of tries they are."""

    __tablename__ = "attempt"
    __table_args__ = (Index("ix_attempt_name", "name"),)

    subject: Mapped[bytes] = mapped_column(LargeBinary, primary_key=True)
    name: Mapped[str | None] = mapped_column(Text)
    count: Mapped[int]
    started_at: Mapped[datetime]


class MemberSession(Model):
    """One phone or browser in which a member is signed in; its id is the family of its refresh tokens.

    Until ``waits_until`` it may not spend: it was begun by a mailed code while another phone held the card. Once
    ``settled_at`` is set, it is hers beyond doubt, and never waits again."""

    __tablename__ = "member_session"
    __table_args__ = (
        CheckConstraint("began IN ('anonymous', 'code', 'passkey', 'recovery', 'transfer')", name="began"),
    )

    member_id: Mapped[str] = mapped_column(Id, primary_key=True)
    id: Mapped[str] = mapped_column(Id, primary_key=True)
    began: Mapped[str] = mapped_column(Text)
    created_at: Mapped[datetime]
    last_used_at: Mapped[datetime]
    waits_until: Mapped[datetime | None]
    settled_at: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]


class MoveCode(Model):
    """A code by which a member's session goes on in another browser or phone: ten minutes, once."""

    __tablename__ = "move_code"
    __table_args__ = (Index("ix_move_code_member_id", "member_id"),)

    code_hash: Mapped[bytes] = mapped_column(LargeBinary, primary_key=True)
    member_id: Mapped[str] = mapped_column(Id)
    session_id: Mapped[str] = mapped_column(Id)
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime]


class Passkey(Model):
    """A passkey (WebAuthn) with which a member signs in. Only its public key is here; its name is sealed."""

    __tablename__ = "passkey"

    member_id: Mapped[str] = mapped_column(Id, ForeignKey("member.id"), primary_key=True)
    id: Mapped[str] = mapped_column(Id, primary_key=True)
    credential_id: Mapped[bytes] = mapped_column(LargeBinary)
    public_key: Mapped[bytes] = mapped_column(LargeBinary)
    sign_count: Mapped[int]
    name: Mapped[bytes | None] = mapped_column(LargeBinary)
    created_at: Mapped[datetime]
    last_used_at: Mapped[datetime | None]


class PasskeyCredential(Model):
    """From a passkey's credential id, as its authenticator tells it, to its member."""

    __tablename__ = "passkey_credential"
    __table_args__ = (Index("ix_passkey_credential_member_id", "member_id"),)

    credential_id: Mapped[bytes] = mapped_column(LargeBinary, primary_key=True)
    member_id: Mapped[str] = mapped_column(Id)
    passkey_id: Mapped[str] = mapped_column(Id)


class PasskeyChallenge(Model):
    """What an authenticator is to sign: five minutes, once. ``member_id`` where a passkey is to be added."""

    __tablename__ = "passkey_challenge"

    id: Mapped[str] = mapped_column(Id, primary_key=True)
    challenge: Mapped[bytes] = mapped_column(LargeBinary)
    member_id: Mapped[str | None] = mapped_column(Id)
    expires_at: Mapped[datetime]


class RefreshToken(Model):
    """One link of a chain of refresh tokens. Using a used one ends its whole family."""

    __tablename__ = "refresh_token"
    __table_args__ = (
        Index("ix_refresh_token_family_id", "family_id"),
        Index("ix_refresh_token_member_id", "member_id"),
    )

    token_hash: Mapped[bytes] = mapped_column(LargeBinary, primary_key=True)
    family_id: Mapped[str] = mapped_column(Id)
    member_id: Mapped[str] = mapped_column(Id)
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    used_at: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]


class RecoveryCode(Model):
    """The code by which an anonymous member comes back on another phone."""

    __tablename__ = "recovery_code"

    code_hash: Mapped[bytes] = mapped_column(LargeBinary, primary_key=True)
    member_id: Mapped[str] = mapped_column(Id)
    created_at: Mapped[datetime]
    used_at: Mapped[datetime | None]


class CardBatch(Model):
    """Printed cards that were made together, and can be disabled together. What takes longer goes slice by slice:
    ``making`` until ``count`` is what was ordered, ``disabling`` until no card is active. ``failed``: neither went on,
    and somebody must look why."""

    __tablename__ = "card_batch"

    id: Mapped[str] = mapped_column(Id, primary_key=True)
    name: Mapped[str] = mapped_column(Text)
    count: Mapped[int]  # cards that are there
    ordered: Mapped[int | None]  # how many there are to be, where an operator ordered them
    note: Mapped[str | None] = mapped_column(Text)
    locale: Mapped[str] = mapped_column(Text, server_default="nl")
    ordered_by: Mapped[str | None] = mapped_column(Id)  # an operator
    status: Mapped[str] = mapped_column(Text, server_default="made")  # making, made, disabling, disabled, failed
    reason: Mapped[str | None] = mapped_column(Text)  # why it was disabled
    error: Mapped[str | None] = mapped_column(Text)  # why it failed
    created_at: Mapped[datetime]
    made_at: Mapped[datetime | None]
    codes_until: Mapped[datetime | None]  # then its claim codes are destroyed
    disabled_at: Mapped[datetime | None]


class CardBatchCodes(Model):
    """The claim codes of one slice of a batch, sealed, until a print shop has them or their time is over."""

    __tablename__ = "card_batch_codes"

    batch_id: Mapped[str] = mapped_column(Id, ForeignKey("card_batch.id"), primary_key=True)
    first: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)  # the place of the slice's first card
    sealed: Mapped[bytes] = mapped_column(LargeBinary)


class Card(Model):
    """From a number to its member. The number is an identifier, not a secret."""

    __tablename__ = "card"
    __table_args__ = (
        CheckConstraint("kind IN ('printed', 'digital')", name="kind"),
        CheckConstraint("status IN ('active', 'blocked', 'replaced')", name="status"),
        UniqueConstraint("id"),
        Index("ix_card_member_id", "member_id"),
        Index("ix_card_batch_id", "batch_id"),
    )

    number: Mapped[str] = mapped_column(Text, primary_key=True)
    id: Mapped[str] = mapped_column(Id)
    member_id: Mapped[str] = mapped_column(Id)
    kind: Mapped[str] = mapped_column(Text)
    status: Mapped[str] = mapped_column(Text, server_default="active")
    replaced_by: Mapped[str | None] = mapped_column(Text)
    batch_id: Mapped[str | None] = mapped_column(Id, ForeignKey("card_batch.id"))
    claim_code_hash: Mapped[bytes | None] = mapped_column(LargeBinary)
    claim_tries: Mapped[int] = mapped_column(server_default="0")
    pin_hash: Mapped[str | None] = mapped_column(Text)
    pin_tries: Mapped[int] = mapped_column(server_default="0")
    claim_approved_until: Mapped[datetime | None]  # a shop's tablet confirmed that its bearer may claim it
    issued_at: Mapped[datetime]
    claimed_at: Mapped[datetime | None]
    blocked_at: Mapped[datetime | None]


class CardReference(Model):
    """A foreign identifier (another system's card or customer) that stands for one of our cards, per source."""

    __tablename__ = "card_reference"
    __table_args__ = (Index("ix_card_reference_number", "number"),)

    source: Mapped[str] = mapped_column(Text, primary_key=True)
    reference: Mapped[str] = mapped_column(Text, primary_key=True)
    number: Mapped[str] = mapped_column(Text)
    member_id: Mapped[str] = mapped_column(Id)
    retired_at: Mapped[datetime | None]  # swapped for one of our cards: it earns no more


class CardSource(Model):
    """A source of foreign identifiers whose cards a merchant's counters take."""

    __tablename__ = "card_source"

    merchant_id: Mapped[str] = mapped_column(Id, ForeignKey("merchant.id"), primary_key=True)
    source: Mapped[str] = mapped_column(Text, primary_key=True)


class Installation(Model):
    """One phone or browser (or Google pass) that holds a card's code secret, sealed here. A new one ends the old."""

    __tablename__ = "installation"
    __table_args__ = (
        CheckConstraint("kind IN ('app', 'google')", name="kind"),
        Index("ix_installation_number", "number"),
    )

    member_id: Mapped[str] = mapped_column(Id, primary_key=True)
    id: Mapped[str] = mapped_column(Id, primary_key=True)
    number: Mapped[str] = mapped_column(Text, ForeignKey("card.number"))
    kind: Mapped[str] = mapped_column(Text, server_default="app")
    secret: Mapped[bytes] = mapped_column(LargeBinary)
    session_id: Mapped[str | None] = mapped_column(Id)
    waits_until: Mapped[datetime | None]  # until then its digits count as none: they earn, and don't redeem
    created_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]


class CodeUse(Model):
    """A rotating code that was used: its step counts once per installation, whatever races."""

    __tablename__ = "code_use"

    member_id: Mapped[str] = mapped_column(Id, primary_key=True)
    installation_id: Mapped[str] = mapped_column(Id, primary_key=True)
    step: Mapped[int] = mapped_column(primary_key=True)
    device_id: Mapped[str] = mapped_column(Id)
    used_at: Mapped[datetime]


class Merge(Model):
    """Two members became one. The survivor is who signed in; the other is an alias until this is undone."""

    __tablename__ = "merge"
    __table_args__ = (Index("ix_merge_merged_member_id", "merged_member_id"),)

    member_id: Mapped[str] = mapped_column(Id, ForeignKey("member.id"), primary_key=True)
    id: Mapped[str] = mapped_column(Id, primary_key=True)
    merged_member_id: Mapped[str] = mapped_column(Id, ForeignKey("member.id"))
    cards: Mapped[list[Any]]
    details: Mapped[dict[str, Any]]
    merged_at: Mapped[datetime]
    undone_at: Mapped[datetime | None]


class ConsentEvent(Model):
    """A consent that was given or withdrawn, with the words that were shown. Append-only."""

    __tablename__ = "consent_event"
    __table_args__ = (
        CheckConstraint("channel IN ('email', 'push', 'wallet', 'inbox', 'profile', 'lookup')", name="channel"),
        Index("ix_consent_event_member_merchant", "member_id", "merchant_id", "channel", "id"),
    )

    member_id: Mapped[str] = mapped_column(Id, ForeignKey("member.id"), primary_key=True)
    id: Mapped[str] = mapped_column(Id, primary_key=True)
    merchant_id: Mapped[str] = mapped_column(Id)
    channel: Mapped[str] = mapped_column(Text)
    is_given: Mapped[bool]
    how: Mapped[str] = mapped_column(Text)
    wording: Mapped[str] = mapped_column(Text)
    occurred_at: Mapped[datetime]


# Cards in phones' own wallets are keyed by what a phone or Google names: the card's id, which is the pass's serial
# number, and the device. Whose it is stands with the card alone, so a merge has nothing to move there.


class WalletPass(Model):
    """A card that is in a wallet. ``changed_at`` is when what stands on it last changed, ``told_at`` up to when changes
    were looked for."""

    __tablename__ = "wallet_pass"
    __table_args__ = (CheckConstraint("kind IN ('apple', 'google')", name="kind"),)

    card_id: Mapped[str] = mapped_column(Id, primary_key=True)
    kind: Mapped[str] = mapped_column(Text, primary_key=True)
    changed_at: Mapped[datetime]
    told_at: Mapped[datetime]
    created_at: Mapped[datetime]


class PassDevice(Model):
    """A device of Apple's that wants to be told when a pass changes, and the token that reaches it, sealed."""

    __tablename__ = "pass_device"
    __table_args__ = (Index("ix_pass_device_card_id", "card_id"),)

    device_id: Mapped[str] = mapped_column(Text, primary_key=True)
    card_id: Mapped[str] = mapped_column(Id, primary_key=True)
    push_token: Mapped[bytes] = mapped_column(LargeBinary)
    created_at: Mapped[datetime]
