"""What a key looks like: the checksum keeps out whatever is not one, before anyone is asked."""

import hmac
import re
import string
from zlib import crc32

from hypothesis import given, settings
from hypothesis import strategies as st

from apikeys import tokens

CHARACTERS = string.ascii_letters + string.digits + string.punctuation + " é٣"


def test_a_key_is_as_documented() -> None:
    key = tokens.generate()
    assert re.fullmatch(r"bw_live_[0-9A-Za-z]{36}", key)
    number, digits = crc32(key[:38].encode()), "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
    assert key[38:] == "".join(digits[number // 62**place % 62] for place in range(5, -1, -1))
    assert tokens.is_well_formed(key)


def test_no_two_keys_are_the_same() -> None:
    assert len({tokens.generate() for _ in range(1000)}) == 1000


@settings(deadline=None)
@given(st.integers(0, tokens.LENGTH - 1), st.sampled_from(CHARACTERS))
def test_the_checksum_catches_every_single_change(place: int, other: str) -> None:
    key = tokens.generate()
    changed = key[:place] + other + key[place + 1 :]
    assert tokens.is_well_formed(changed) == (changed == key)


@settings(deadline=None)
@given(st.integers(0, tokens.LENGTH - 2))
def test_the_checksum_catches_neighbours_that_were_swapped(place: int) -> None:
    key = tokens.generate()
    swapped = key[:place] + key[place + 1] + key[place] + key[place + 2 :]
    assert tokens.is_well_formed(swapped) == (swapped == key)


@settings(deadline=None)
@given(st.text(max_size=100))
def test_what_is_no_key_is_not_well_formed(text: str) -> None:
    assert not tokens.is_well_formed(text)


@settings(deadline=None)
@given(st.binary(max_size=300), st.binary(max_size=300))
def test_a_key_is_found_whatever_stands_around_it(before: bytes, after: bytes) -> None:
    key = tokens.generate()
    assert (len(before), key) in list(tokens.found_in(before + key.encode() + after))


@settings(deadline=None)
@given(st.binary(max_size=300))
def test_nothing_is_found_where_there_is_no_key(text: bytes) -> None:
    assert list(tokens.found_in(text + b"bw_live_" + b"0" * 36)) == []


def test_a_digest_is_keyed() -> None:
    assert tokens.digest("key", "pepper") == hmac.digest(b"pepper", b"key", "sha256")
    assert tokens.digest("key", "pepper") != tokens.digest("key", "other")


def test_a_hint_shows_too_little_to_guess_from() -> None:
    key = tokens.generate()
    assert len(key) - len(tokens.PREFIX) - len(tokens.hint(key).replace("…", "")) + len(tokens.PREFIX) == 28


def test_the_highest_version_is_for_new_digests() -> None:
    assert tokens.peppers({"2": "b", "10": "c", "1": "a"}, ["secret"])[-1] == (10, "c")


def test_what_is_derived_from_the_secret_key_stays_valid() -> None:
    alone, more = tokens.peppers({}, ["new", "old"]), tokens.peppers({"1": "a"}, ["new", "old"])
    assert [version for version, _ in more] == [0, 0, 1] and more[:2] == alone
    assert alone[-1] == tokens.peppers({}, ["new"])[0]
