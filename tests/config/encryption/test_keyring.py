"""What is sealed opens only where it belongs, whole, and under a key of the ring."""

from typing import Any
from uuid import UUID

import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from config import keyring
from config.keyring import Unreadable

ONE, TWO = "b3d1a06f3c9e4f0d8c2f7b56d9e01a74", "Zk8-xq2Lw_0vTn5Rb7Yc1Hd4Jf6Mg9Ps"
PLACE, ROW = "integrations_endpoint.secret", UUID(int=7)
rows = st.uuids() | st.integers() | st.text(max_size=40)
places = st.from_regex(r"[a-z_]{1,30}\.[a-z_]{1,30}", fullmatch=True)


@given(st.binary(max_size=2_000), places, rows)
def test_what_was_sealed_opens(plain: bytes, place: str, row: Any) -> None:
    sealed = keyring.seal(plain, place=place, row=row)
    assert keyring.unseal(sealed, place=place, row=row) == plain
    assert len(sealed) == len(plain) + 30


@given(places, rows, places, rows)
def test_in_another_place_it_does_not_open(place: str, row: Any, elsewhere: str, other: Any) -> None:
    sealed = keyring.seal(b"secret", place=place, row=row)
    for wrong_place, wrong_row in ((elsewhere, row), (place, other), (elsewhere, other)):
        if (wrong_place, str(wrong_row)) != (place, str(row)):
            with pytest.raises(Unreadable):
                keyring.unseal(sealed, place=wrong_place, row=wrong_row)


def test_no_text_of_a_place_runs_over_into_the_row() -> None:
    sealed = keyring.seal(b"secret", place="a.b", row="cd")
    with pytest.raises(Unreadable):
        keyring.unseal(sealed, place="a.bc", row="d")


def test_every_flipped_bit_is_found() -> None:
    sealed = keyring.seal(b"whsec_abc", place=PLACE, row=ROW)
    for bit in range(8 * len(sealed)):
        changed = bytearray(sealed)
        changed[bit // 8] ^= 1 << bit % 8
        with pytest.raises(Unreadable):
            keyring.unseal(bytes(changed), place=PLACE, row=ROW)


@pytest.mark.parametrize("length", range(39))
def test_what_was_cut_does_not_open(length: int) -> None:
    sealed = keyring.seal(b"whsec_abc", place=PLACE, row=ROW)
    with pytest.raises(Unreadable):
        keyring.unseal(sealed[:length], place=PLACE, row=ROW)


@given(st.binary(max_size=100))
def test_what_was_never_sealed_does_not_open(anything: bytes) -> None:
    with pytest.raises(Unreadable):
        keyring.unseal(anything, place=PLACE, row=ROW)


def test_another_version_in_the_head_does_not_open(settings: Any) -> None:
    settings.ENCRYPTION_KEYS = {"1": ONE, "2": ONE}  # the same key, so that the head alone makes the difference
    sealed = keyring.seal(b"secret", place=PLACE, row=ROW)
    with pytest.raises(Unreadable):
        keyring.unseal(b"\x00\x01" + sealed[2:], place=PLACE, row=ROW)


def test_a_version_that_is_not_in_the_ring_does_not_open(settings: Any) -> None:
    settings.ENCRYPTION_KEYS = {"1": ONE, "2": TWO}
    sealed = keyring.seal(b"secret", place=PLACE, row=ROW)
    settings.ENCRYPTION_KEYS = {"1": ONE}
    with pytest.raises(Unreadable):
        keyring.unseal(sealed, place=PLACE, row=ROW)


def test_no_nonce_comes_twice() -> None:
    nonces = {keyring.seal(b"", place=PLACE, row=ROW)[2:14] for _ in range(100_000)}
    assert len(nonces) == 100_000


def test_the_refusal_says_where_and_nothing_of_the_content() -> None:
    with pytest.raises(Unreadable, match=f"^{PLACE} of {ROW}$"):
        keyring.unseal(keyring.seal(b"secret", place="a.b", row=1), place=PLACE, row=ROW)


def test_a_new_key_seals_and_the_old_ones_open(settings: Any) -> None:
    settings.ENCRYPTION_KEYS = {}
    from_secret_key = keyring.seal(b"secret", place=PLACE, row=ROW)
    settings.ENCRYPTION_KEYS = {"1": ONE}
    under_one = keyring.seal(b"secret", place=PLACE, row=ROW)
    settings.ENCRYPTION_KEYS = {"1": ONE, "2": TWO}
    under_two = keyring.seal(b"secret", place=PLACE, row=ROW)
    sealed = (from_secret_key, under_one, under_two)
    assert [keyring.version_of(one) for one in sealed] == [0, 1, 2]
    assert [keyring.unseal(one, place=PLACE, row=ROW) for one in sealed] == [b"secret"] * 3


def test_a_key_may_be_known_before_it_seals(settings: Any) -> None:
    settings.ENCRYPTION_KEYS, settings.ENCRYPTION_KEY_IN_USE = {"1": ONE, "2": TWO}, 1
    assert keyring.version_of(keyring.seal(b"", place=PLACE, row=ROW)) == 1


def test_a_former_secret_key_opens_what_it_sealed(settings: Any) -> None:
    settings.ENCRYPTION_KEYS = {}
    sealed = keyring.seal(b"secret", place=PLACE, row=ROW)
    settings.SECRET_KEY, former = "another key of thirty-two characters", settings.SECRET_KEY
    with pytest.raises(Unreadable):
        keyring.unseal(sealed, place=PLACE, row=ROW)
    settings.SECRET_KEY_FALLBACKS = ["one more key of thirty-two characters", former]
    assert keyring.unseal(sealed, place=PLACE, row=ROW) == b"secret"


def test_only_what_another_key_sealed_is_sealed_anew(settings: Any) -> None:
    settings.ENCRYPTION_KEYS = {}
    sealed = keyring.seal(b"secret", place=PLACE, row=ROW)
    assert keyring.resealed(sealed, place=PLACE, row=ROW) is None
    settings.SECRET_KEY_FALLBACKS = [settings.SECRET_KEY]
    settings.SECRET_KEY = "another key of thirty-two characters"
    anew = keyring.resealed(sealed, place=PLACE, row=ROW)
    settings.SECRET_KEY_FALLBACKS = []
    assert anew is not None and keyring.unseal(anew, place=PLACE, row=ROW) == b"secret"


@hypothesis_settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(text=st.text(max_size=60), other=st.text(max_size=60))
def test_a_blind_index_finds_the_same_text_and_no_other(settings: Any, text: str, other: str) -> None:
    settings.ENCRYPTION_KEYS = {}
    before = keyring.blind(text, place="bugs_reporter.blind")
    settings.ENCRYPTION_KEYS = {"1": ONE}
    found_by = keyring.blinds(text, place="bugs_reporter.blind")
    assert before in found_by and keyring.blind(text, place="bugs_reporter.blind") in found_by
    assert (before in keyring.blinds(other, place="bugs_reporter.blind")) == (text == other)
    assert before not in keyring.blinds(text, place="bugs_reporter.identity")
