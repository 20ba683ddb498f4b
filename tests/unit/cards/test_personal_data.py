from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.cards import personal_data
from app.cards.data_keys import DataKeys, UnknownDataKeyError
from app.cards.errors import EmailInvalidError, PhoneInvalidError
from app.cards.personal_data import UnreadablePersonalDataError, blind_index, blind_indexes

OLD = DataKeys({"old": b"o" * 32})
ROTATING = DataKeys({"new": b"n" * 32, "old": b"o" * 32})
NEW = DataKeys({"new": b"n" * 32})

MEMBER = "019a0000-0000-7000-8000-000000000001"
OTHER = "019a0000-0000-7000-8000-000000000002"


@given(st.binary(max_size=200))
def test_a_field_comes_back(value):
    key = personal_data.new_data_key()
    assert personal_data.decrypt(key, MEMBER, "name", personal_data.encrypt(key, MEMBER, "name", value)) == value


def test_a_text_comes_back_and_does_not_show():
    key = personal_data.new_data_key()
    sealed = personal_data.encrypt_text(key, MEMBER, "name", "Lotte Zoë Peeters")
    assert personal_data.decrypt_text(key, MEMBER, "name", sealed) == "Lotte Zoë Peeters"
    assert b"Lotte" not in sealed
    assert personal_data.encrypt_text(key, MEMBER, "name", "Lotte Zoë Peeters") != sealed


def test_every_altered_bit_is_found():
    key = personal_data.new_data_key()
    sealed = personal_data.encrypt_text(key, MEMBER, "email", "lotte@example.org")
    for place in range(len(sealed)):
        for bit in range(8):
            altered = sealed[:place] + bytes([sealed[place] ^ 1 << bit]) + sealed[place + 1 :]
            with pytest.raises(UnreadablePersonalDataError):
                personal_data.decrypt(key, MEMBER, "email", altered)


def test_every_cut_is_found():
    key = personal_data.new_data_key()
    sealed = personal_data.encrypt_text(key, MEMBER, "email", "lotte@example.org")
    for cut in (*(sealed[:length] for length in range(len(sealed))), sealed + b"\x00"):
        with pytest.raises(UnreadablePersonalDataError):
            personal_data.decrypt(key, MEMBER, "email", cut)


@pytest.mark.parametrize(
    ("member", "field"),
    [(OTHER, "email"), (MEMBER, "phone"), ("l" + MEMBER, "emai"), ("email" + MEMBER, "")],
)
def test_a_value_that_was_moved_is_found(member, field):
    key = personal_data.new_data_key()
    sealed = personal_data.encrypt_text(key, MEMBER, "email", "lotte@example.org")
    with pytest.raises(UnreadablePersonalDataError):
        personal_data.decrypt(key, member, field, sealed)


def test_another_members_key_opens_nothing():
    sealed = personal_data.encrypt_text(personal_data.new_data_key(), MEMBER, "name", "Lotte")
    with pytest.raises(UnreadablePersonalDataError):
        personal_data.decrypt(personal_data.new_data_key(), MEMBER, "name", sealed)


def test_a_members_key_comes_back():
    key = personal_data.new_data_key()
    wrapped = personal_data.wrap_data_key(OLD, MEMBER, key)
    assert personal_data.unwrap_data_key(OLD, MEMBER, wrapped) == key
    assert key not in wrapped
    assert personal_data.wrap_data_key(OLD, MEMBER, key) != wrapped


def test_every_altered_bit_of_a_wrapped_key_is_found():
    wrapped = personal_data.wrap_data_key(ROTATING, MEMBER, personal_data.new_data_key())
    for place in range(len(wrapped)):
        for bit in range(8):
            altered = wrapped[:place] + bytes([wrapped[place] ^ 1 << bit]) + wrapped[place + 1 :]
            with pytest.raises((UnreadablePersonalDataError, UnknownDataKeyError)):
                personal_data.unwrap_data_key(ROTATING, MEMBER, altered)


def test_every_cut_of_a_wrapped_key_is_found():
    wrapped = personal_data.wrap_data_key(OLD, MEMBER, personal_data.new_data_key())
    for length in range(len(wrapped)):
        with pytest.raises(UnreadablePersonalDataError):
            personal_data.unwrap_data_key(OLD, MEMBER, wrapped[:length])


def test_a_wrapped_key_serves_its_member_alone():
    wrapped = personal_data.wrap_data_key(OLD, MEMBER, personal_data.new_data_key())
    with pytest.raises(UnreadablePersonalDataError):
        personal_data.unwrap_data_key(OLD, OTHER, wrapped)


def test_the_wrong_data_key_of_the_right_name_opens_nothing():
    wrapped = personal_data.wrap_data_key(OLD, MEMBER, personal_data.new_data_key())
    with pytest.raises(UnreadablePersonalDataError):
        personal_data.unwrap_data_key(DataKeys({"old": b"x" * 32}), MEMBER, wrapped)


def test_rotation_opens_the_old_and_writes_the_new():
    key = personal_data.new_data_key()
    before = personal_data.wrap_data_key(OLD, MEMBER, key)
    after = personal_data.rewrap_data_key(ROTATING, MEMBER, before)
    assert personal_data.wrapping_key_id(before) == "old"
    assert personal_data.wrapping_key_id(after) == "new"
    assert personal_data.unwrap_data_key(NEW, MEMBER, after) == key
    with pytest.raises(UnknownDataKeyError):
        personal_data.unwrap_data_key(NEW, MEMBER, before)
    assert personal_data.rewrap_data_key(ROTATING, MEMBER, after) == after


@pytest.mark.parametrize(
    "written", ["lotte@example.org", " Lotte@Example.ORG ", "LOTTE@EXAMPLE.ORG", "lotte@example.org\n"]
)
def test_one_address_has_one_index(written):
    assert blind_index(OLD, "email", written) == blind_index(OLD, "email", "lotte@example.org")


def test_different_addresses_have_different_indexes():
    written = ["lotte@example.org", "lotte@example.com", "l.otte@example.org", "lotte+zegel@example.org"]
    assert len({blind_index(OLD, "email", one) for one in written}) == len(written)


def test_a_domain_has_one_index_however_it_is_spelt():
    spellings = ["info@bücher.example.org", "info@BÜCHER.example.org", "info@xn--bcher-kva.example.org"]
    assert len({blind_index(OLD, "email", spelling) for spelling in spellings}) == 1
    accents = ["zoe\u0301@example.org", "zo\u00e9@example.org"]
    assert len({personal_data.normalise_email(accent) for accent in accents}) == 1


def test_indexes_need_the_key_and_rotate_with_it():
    address = "lotte@example.org"
    other = DataKeys({"old": b"x" * 32})
    assert blind_index(OLD, "email", address) != blind_index(other, "email", address)
    assert blind_index(ROTATING, "email", address) == blind_index(NEW, "email", address)
    both = [blind_index(NEW, "email", address), blind_index(OLD, "email", address)]
    assert blind_indexes(ROTATING, "email", address) == both
    assert b"lotte" not in both[0]


@pytest.mark.parametrize(
    "text", ["", "lotte", "lotte@", "@example.org", "lotte@localhost", "a b@example.org", "x@" + "y" * 300]
)
def test_what_is_no_email_address_is_refused(text):
    with pytest.raises(EmailInvalidError):
        blind_index(OLD, "email", text)


@pytest.mark.parametrize(
    ("text", "country", "number"),
    [
        ("0470 12 34 56", "BE", "+32470123456"),
        ("0470/12.34.56", "be", "+32470123456"),
        ("+32 (0)470 12 34 56", "NL", "+32470123456"),
        ("0032 470 12 34 56", "BE", "+32470123456"),
        ("06 12345678", "NL", "+31612345678"),
        ("621 123 456", "LU", "+352621123456"),  # Luxembourg dials no leading zero
        ("06 12 34 56 78", "FR", "+33612345678"),
        ("+32470123456", "ZZ", "+32470123456"),
    ],
)
def test_telephone_numbers_are_compared_in_international_form(text, country, number):
    assert personal_data.normalise_phone(text, country) == number
    assert blind_index(OLD, "phone", number) == blind_index(OLD, "phone", personal_data.normalise_phone(text, country))


@pytest.mark.parametrize("text", ["", "abc", "12", "+32", "+999123456789", "0470 12 34 56 ext. 7", "9" * 300])
def test_what_is_no_telephone_number_is_refused(text):
    with pytest.raises(PhoneInvalidError):
        personal_data.normalise_phone(text, "BE")


def test_a_national_number_has_no_index():
    # Without its country it would be somebody else's in the next country.
    with pytest.raises(PhoneInvalidError):
        blind_index(OLD, "phone", "0470123456")
