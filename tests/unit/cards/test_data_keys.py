from __future__ import annotations

import pytest

from app.cards.data_keys import DataKeys, UnknownDataKeyError


def test_the_first_key_is_active():
    keys = DataKeys({"2026b": b"b" * 32, "2026a": b"a" * 32})
    assert keys.active_id == "2026b"
    assert keys.ids == ("2026b", "2026a")


def test_each_key_and_purpose_derives_its_own_bytes():
    keys = DataKeys({"a": b"a" * 32, "b": b"b" * 32})
    derived = {keys.derive(key_id, purpose) for key_id in keys.ids for purpose in ("wrap", "index")}
    assert len(derived) == 4
    assert all(len(key) == 32 for key in derived)
    assert not derived & {b"a" * 32, b"b" * 32}
    # What is stored must be opened by another process, and after a rotation.
    assert DataKeys({"c": b"c" * 32, "a": b"a" * 32}).derive("a", "wrap") == keys.derive("a", "wrap")


def test_a_key_that_is_gone_is_named():
    with pytest.raises(UnknownDataKeyError, match="old"):
        DataKeys({"new": b"n" * 32}).derive("old", "wrap")


def test_keys_are_not_shown():
    assert repr(DataKeys({"a": b"secretsecretsecretsecretsecretse"})) == "DataKeys(a)"


@pytest.mark.parametrize(
    "keys", [{}, {"a": b"a" * 31}, {"": b"a" * 32}, {"a:b": b"a" * 32}, {"é": b"a" * 32}, {"a" * 33: b"a" * 32}]
)
def test_weak_or_unnamed_keys_are_refused(keys):
    with pytest.raises(ValueError, match="key"):
        DataKeys(keys)
