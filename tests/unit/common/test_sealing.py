"""Small secrets at rest: opened by the right key, for the right purpose and row, and by nothing else."""

import pytest

from app.common.keys import KeyRing
from app.common.sealing import UnreadableSecretError, seal, unseal

OLD = KeyRing("k1", {"k1": bytes(range(32))})
NEW = KeyRing("k2", {"k2": bytes(range(40, 72)), **OLD.keys})


def test_what_was_sealed_is_opened() -> None:
    sealed = seal(OLD, "mail", b"123456", bound="row")
    assert unseal(OLD, "mail", sealed, bound="row") == b"123456"
    assert b"123456" not in sealed
    assert seal(OLD, "mail", b"123456", bound="row") != sealed


def test_an_older_key_still_opens() -> None:
    assert unseal(NEW, "mail", seal(OLD, "mail", b"x")) == b"x"
    with pytest.raises(UnreadableSecretError, match="not configured"):
        unseal(OLD, "mail", seal(NEW, "mail", b"x"))


def test_nothing_else_opens_it() -> None:
    sealed = seal(OLD, "mail", b"x", bound="row")
    other = KeyRing("k1", {"k1": bytes(range(1, 33))})
    for ring, purpose, bound in ((OLD, "webhook", "row"), (OLD, "mail", "another row"), (other, "mail", "row")):
        with pytest.raises(UnreadableSecretError):
            unseal(ring, purpose, sealed, bound=bound)


def test_every_altered_byte_and_every_cut_is_noticed() -> None:
    sealed = seal(OLD, "mail", b"x", bound="row")
    for place in range(len(sealed)):
        altered = bytearray(sealed)
        altered[place] ^= 1
        with pytest.raises(UnreadableSecretError):
            unseal(OLD, "mail", bytes(altered), bound="row")
        with pytest.raises(UnreadableSecretError):
            unseal(OLD, "mail", sealed[:place], bound="row")
